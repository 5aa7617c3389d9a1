import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  checkConvertedFolder,
  convertedFolder,
  packFile,
} from '../../../../src/adapters/file/convert/converted-folder.ts';
import { sha256 } from '../../../support/converted.ts';
import { workDir } from '../../../support/work-dir.ts';

test('a file is seen under its name once it is put, and taken from where it was', async () => {
  const dir = workDir();
  const path = join(dir.path, 'new/items');
  const files = convertedFolder(path);
  await files.claim('run-1');
  const staged = dir.write('new/items/.staged', 'lines');
  expect(await files.sha256('data/part-00001.json.gz')).toBeUndefined();
  await files.put(staged, { name: 'data/part-00001.json.gz', bytes: 5, sha256: sha256(Buffer.from('lines')) });
  expect(await files.sha256('data/part-00001.json.gz')).toBe(sha256(Buffer.from('lines')));
  expect(readdirSync(path).sort()).toEqual(['.import-tokens-run', 'data']);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('a folder belongs to the run that claimed it, also after a kill in the middle of that', async () => {
  const dir = workDir();
  const path = join(dir.path, 'items');
  mkdirSync(path, { mode: 0o755 });
  dir.write('items/.import-tokens-run.tmp', 'ru');
  await convertedFolder(path).claim('run-1');
  await convertedFolder(path).claim('run-1');
  expect(statSync(path).mode & 0o777).toBe(0o700);
  const refused = { code: 'usage', message: `--to ${path} is not empty` };
  await expect(convertedFolder(path).claim('run-2')).rejects.toMatchObject(refused);
  await expect(checkConvertedFolder(path)).rejects.toMatchObject(refused);
});

test('a file in place of the folder is refused', async () => {
  const path = workDir().write('items', 'a file');
  await expect(checkConvertedFolder(path)).rejects.toMatchObject({
    code: 'usage',
    message: `--to ${path} is not a folder`,
  });
});

test.skipIf(process.platform !== 'linux')('a full disk is named, whatever was still to be packed', async () => {
  const path = join(workDir().path, 'part');
  for (const chunks of [[Buffer.from('a line\n')], Array.from({ length: 40 }, () => randomBytes(1_000))]) {
    // Writes to this device fail with ENOSPC.
    symlinkSync('/dev/full', path);
    await expect(packFile(path, chunks)).rejects.toMatchObject({ code: 'disk-full' });
    expect(existsSync(path)).toBe(false);
  }
});
