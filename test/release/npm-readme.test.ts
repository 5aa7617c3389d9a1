import { expect, test } from 'vitest';
import { npmReadme } from '../../.github/release/npm-readme.ts';
import { readme } from '../docs/documents.ts';

const manifest = { version: '1.2.3', repository: { url: 'git+https://github.com/someone/tokens.git' } };

test("on npm's page no link of the README is relative, and each file is that of the release", () => {
  const targets = linksOf(npmReadme(readme.text, manifest));
  expect(targets.length).toBeGreaterThan(10);
  expect(targets.filter((target) => !/^(?:https:\/\/|#)/.test(target))).toEqual([]);
  expect(targets).toContain('https://github.com/someone/tokens/blob/v1.2.3/.github/docs/formats.md');
  expect(targets).toContain('https://github.com/someone/tokens/raw/v1.2.3/.github/docs/run.svg');
  expect(targets).toContain('https://github.com/someone/tokens/releases');
});

test('the image is that of the release', () => {
  const text = npmReadme(readme.text, manifest);
  expect(text).toContain(' ghcr.io/someone/tokens:v1.2.3 ');
  expect(text).not.toContain('OWNER');
});

test('links that lead elsewhere or to a heading stay, and so does all without a repository', () => {
  const text = '[a](https://example.com/a) [b](#exit-codes)';
  expect(npmReadme(text, manifest)).toBe(text);
  expect(npmReadme(readme.text, { version: '1.2.3' })).toBe(readme.text);
});

function linksOf(text: string): string[] {
  return Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => target!);
}
