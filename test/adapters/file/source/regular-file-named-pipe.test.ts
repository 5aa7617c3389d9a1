import { execFile, execFileSync, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openFileSource } from '../../../../src/adapters/file/source/file-source.ts';
import { workDir } from '../../../support/work-dir.ts';
import { collect, faultOf } from '../../packing/collect.ts';
import { builtScript } from '../built-script.ts';

const noInput = () => {
  throw new Error('Expected standard input not to be asked for');
};

function namedPipe(): string {
  const path = join(workDir().path, 'pipe');
  execFileSync('mkfifo', [path]);
  return path;
}

test('a named pipe is read to its end, though its writer comes late', async () => {
  const path = namedPipe();
  const file = (await openFileSource([path], noInput)).files[0]!;
  expect(file).toMatchObject({ name: path, storedBytes: undefined, path: undefined });
  const bytes = Buffer.alloc(1_000_000, 'token,user\n');
  const reading = collect(file.read());
  createWriteStream(path).end(bytes);
  expect(bytes.equals(await reading)).toBe(true);
  expect(file.storedBytesRead()).toBe(bytes.length);
  expect(() => file.read()).toThrow('can be read only once');
});

test('a named pipe with gzip in it is unpacked, and one without a byte is empty', async () => {
  const packed = namedPipe();
  createWriteStream(packed).end(gzipSync('a\n'));
  expect((await collect((await openFileSource([packed], noInput)).files[0]!.read())).toString()).toBe('a\n');
  const empty = namedPipe();
  const reading = faultOf(async () => collect((await openFileSource([empty], noInput)).files[0]!.read()));
  await (await open(empty, 'w')).close();
  expect((await reading).code).toBe('source-empty');
});

test('process substitutions of bash are sources like any other', async () => {
  const script = builtScript('read-source', workDir().path);
  const command = `"$0" "$1" <(printf 'a\\n') <(printf 'b\\n' | gzip)`;
  const { stdout } = await promisify(execFile)('bash', ['-c', command, process.execPath, script]);
  expect(stdout).toBe('a\nb\n');
});

test('a silent pipe does not keep the process from ending', async () => {
  const path = namedPipe();
  const child = spawn(process.execPath, [builtScript('read-source', workDir().path), path]);
  await new Promise((resolve) => child.stderr.once('data', resolve));
  const writer = await open(path, 'w');
  child.kill('SIGTERM');
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(7);
  await writer.close();
});
