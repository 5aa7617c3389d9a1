import { execFileSync, spawn } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkNamedFile, replacePublicFile, writeNamedFile } from '../../../src/adapters/file/durable-file.ts';
import { workDir } from '../../support/work-dir.ts';

test('a file is replaced, and so is the one that a link leads to', async () => {
  const dir = workDir();
  dir.write('kept/out.json', 'a longer text of before');
  symlinkSync('kept/out.json', join(dir.path, 'link'));
  for (const [name, text] of [
    ['kept/out.json', 'first'],
    ['link', 'second'],
  ] as const) {
    const path = join(dir.path, name);
    await checkNamedFile('--summary', path, 'written');
    await writeNamedFile(path, text);
    expect(dir.read('kept/out.json')).toBe(text);
  }
  expect(lstatSync(join(dir.path, 'link')).isSymbolicLink()).toBe(true);
  expect(readdirSync(join(dir.path, 'kept'))).toEqual(['out.json']);
});

test('a pipe is written to, also behind a link, and stays', async () => {
  const dir = workDir();
  const pipe = join(dir.path, 'pipe');
  const link = join(dir.path, 'link');
  execFileSync('mkfifo', [pipe]);
  symlinkSync(pipe, link);
  for (const path of [pipe, link]) {
    const reader = spawn('cat', [pipe], { stdio: ['ignore', 'pipe', 'ignore'] });
    await checkNamedFile('--summary', path, 'written');
    await writeNamedFile(path, 'text');
    const read: Buffer[] = await reader.stdout.toArray();
    expect(Buffer.concat(read).toString()).toBe('text');
  }
  expect(lstatSync(pipe).isFIFO()).toBe(true);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
});

test('a folder, and a file in none, is refused', async () => {
  const { path } = workDir();
  mkdirSync(join(path, 'folder'));
  await expect(checkNamedFile('--summary', join(path, 'folder'), 'written')).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('cannot be written: it is a folder'),
  });
  await expect(checkNamedFile('--summary', join(path, 'none/out.json'), 'written')).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('cannot be written: no such folder'),
  });
});

test('a file that is replaced cannot be a pipe', async () => {
  const pipe = join(workDir().path, 'pipe');
  execFileSync('mkfifo', [pipe]);
  await expect(checkNamedFile('--metrics-file', pipe, 'replaced')).rejects.toMatchObject({
    code: 'usage',
    message: `--metrics-file ${pipe} cannot be written: it is not a regular file`,
  });
});

test('a public file is readable by other users, and a link to it stays a link', async () => {
  const dir = workDir();
  dir.write('public.prom', 'before');
  symlinkSync('public.prom', join(dir.path, 'link'));
  await replacePublicFile(join(dir.path, 'link'), 'after');
  expect(dir.read('public.prom')).toBe('after');
  expect(lstatSync(join(dir.path, 'link')).isSymbolicLink()).toBe(true);
  expect(lstatSync(join(dir.path, 'public.prom')).mode & 0o777).toBe(0o644 & ~process.umask());
});
