import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rateFile } from '../../../../src/adapters/file/run/run-directory.ts';
import { workDir } from '../../../support/work-dir.ts';

test('the rate file is read without its white space, and may not be there', async () => {
  const { path } = workDir();
  const wish = rateFile(path);
  expect(await wish.read()).toBeUndefined();
  writeFileSync(join(path, 'rate'), ' 80%\n');
  expect(await wish.read()).toBe('80%');
});

test('of a large file only the beginning is read', async () => {
  const { path } = workDir();
  writeFileSync(join(path, 'rate'), 'x'.repeat(1_000_000));
  expect((await rateFile(path).read())?.length).toBe(64);
});

test('what can’t be read is said with its path', async () => {
  const { path } = workDir();
  mkdirSync(join(path, 'rate'));
  await expect(rateFile(path).read()).rejects.toMatchObject({
    code: 'run-dir',
    message: `${join(path, 'rate')} can't be read (EISDIR)`,
  });
});
