import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { manPage } from '../../../src/cli/reference-pages.ts';
import { flagGroups } from '../../../src/options/import-options.ts';

const path = new URL(`../../../${packageJson.man}`, import.meta.url);

test('the build writes the man page that the descriptors make', () => {
  expect(readFileSync(path, 'utf8')).toBe(manPage());
});

test('man shows every option, and warns of nothing', ({ skip }) => {
  const env = { ...process.env, MANWIDTH: '100', LC_ALL: 'C.UTF-8', MAN_KEEP_FORMATTING: '' };
  const { error, status, stdout, stderr } = spawnSync('man', ['--warnings', '-P', 'cat', '-l', path.pathname], {
    env,
    encoding: 'utf8',
  });
  if (error !== undefined) skip('man is not installed');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const flags = flagGroups.flatMap((group) => group.flags);
  expect(flags.filter(({ usage }) => !stdout.includes(`       ${usage}`)).map(({ usage }) => usage)).toEqual([]);
});

test('a line that begins with a dot or a quote, or holds a backslash, is text', () => {
  const lines = manPage().split('\n');
  const requests = new Set(lines.map((line) => /^\.(\w*)/.exec(line)?.[1]).filter((name) => name !== undefined));
  expect([...requests].toSorted()).toEqual(['B', 'PP', 'SH', 'SS', 'TH', 'TP', 'br', 'fi', 'nf']);
  expect(lines.filter((line) => /\\(?![-e&])/.test(line))).toEqual([]);
});
