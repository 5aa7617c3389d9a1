import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { releaseNotes } from '../../.github/release/release-notes.ts';
import { readRepositoryFile } from '../docs/documents.ts';

const changelog = readRepositoryFile('CHANGELOG.md');
const headings = Array.from(changelog.matchAll(/^(#+) (.+)$/gm), ([, level, text]) => `${level} ${text}`);

test('the notes of a release are its section of the changelog, without its heading', () => {
  const text = '# Changelog\n\n## 1.1.0\n\n### Added\n\n- B.\n\n## 1.0.0 (2026-01-31)\n\n### Added\n\n- A.\n';
  expect(releaseNotes(text, '1.1.0')).toBe('### Added\n\n- B.\n');
  expect(releaseNotes(text, '1.0.0')).toBe('### Added\n\n- A.\n');
  expect(() => releaseNotes(text, '1.2.0')).toThrow('no section for version 1.2.0');
  expect(() => releaseNotes('## 1.0.0\n\n## 0.9.0\n\n- A.\n', '1.0.0')).toThrow('no section');
});

test('the changelog has notes for the version before, as the release workflow takes them', () => {
  const script = new URL('../../.github/release/release-notes.ts', import.meta.url).pathname;
  const node = ['--experimental-strip-types', '--no-warnings', script, 'v0.1.0'];
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const stripsTypes = major > 22 || (major === 22 && minor >= 6);
  const notes = stripsTypes
    ? execFileSync(process.execPath, node, { cwd: new URL('../../', import.meta.url), encoding: 'utf8' })
    : releaseNotes(changelog, '0.1.0');
  expect(notes).toMatch(/^### Added\n\n- /);
});

test('each version lists what was added, changed and fixed, in this order and once', () => {
  const versions = headings.join('\n').split(/^## /m).slice(1);
  expect(versions.length).toBeGreaterThanOrEqual(2);
  for (const version of versions) {
    expect(version.trim()).toMatch(/^\S+(?:\n### Added)?(?:\n### Changed)?(?:\n### Fixed)?$/);
  }
});

test('every entry of the changelog is one line', () => {
  const lines = changelog.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines.filter((line) => !/^- .+\.$/.test(line))).toEqual([]);
});
