import { appendFileSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openFileSource } from '../../../../src/adapters/file/source/file-source.ts';
import { workDir } from '../../../support/work-dir.ts';
import { faultOf } from '../../packing/collect.ts';

const noInput = () => {
  throw new Error('Expected standard input not to be asked for');
};

/** Reads a file that `change` changes behind its first chunk; resolves with the fault and the bytes read before it. */
async function changedWhileRead(bytes: Uint8Array, change: (path: string) => void) {
  const path = workDir().write('tokens.csv', bytes);
  // An earlier time than now, so that a write in the same tick of the file system shows.
  utimesSync(path, 1e9, 1e9);
  const file = (await openFileSource([path], noInput)).files[0]!;
  let bytesRead = 0;
  const fault = await faultOf(async () => {
    for await (const chunk of file.read()) {
      if (bytesRead === 0) change(path);
      bytesRead += chunk.length;
    }
  });
  return { fault, bytesRead, path };
}

const changes: readonly (readonly [string, string, (path: string) => void])[] = [
  ['appended to', 'its size went from 600,000 to 600,002 bytes', (path) => appendFileSync(path, 'a\n')],
  ['cut', 'its size went from 600,000 to 10 bytes', (path) => truncateSync(path, 10)],
  ['overwritten in place', 'it was written to', (path) => writeFileSync(path, Buffer.alloc(600_000), { flag: 'r+' })],
  ['removed', 'it was removed', (path) => rmSync(path)],
  [
    'replaced',
    'another file took its place',
    (path) => {
      writeFileSync(`${path}.new`, Buffer.alloc(600_000));
      utimesSync(`${path}.new`, 1e9, 1e9);
      renameSync(`${path}.new`, path);
    },
  ],
];

describe('a file is refused that while it is read is', () => {
  test.each(changes)('%s', async (_what, how, change) => {
    const { fault, path } = await changedWhileRead(Buffer.alloc(600_000, 'a\n'), change);
    expect(fault.code).toBe('source-changed');
    expect(fault.message).toBe(`${path} changed while it was being read: ${how}`);
  });

  test('written to, seen long before its end where it is large', async () => {
    const size = 20 * 1024 * 1024;
    const { fault, bytesRead } = await changedWhileRead(Buffer.alloc(size, 'a\n'), (path) =>
      utimesSync(path, 2e9, 2e9),
    );
    expect(fault.code).toBe('source-changed');
    expect(bytesRead).toBeLessThan(size);
  });

  test('appended to, where it is packed', async () => {
    const { fault } = await changedWhileRead(gzipSync('a\n'), (path) => appendFileSync(path, gzipSync('b\n')));
    expect(fault.code).toBe('source-changed');
  });
});

test('a file that changed between its opening and its reading is refused before a byte of it', async () => {
  const path = workDir().write('tokens.csv', 'a\n');
  const file = (await openFileSource([path], noInput)).files[0]!;
  appendFileSync(path, 'b\n');
  const fault = await faultOf(() => file.read()[Symbol.asyncIterator]().next());
  expect(fault.code).toBe('source-changed');
  rmSync(path);
  expect((await faultOf(() => file.read()[Symbol.asyncIterator]().next())).message).toContain('it was removed');
});
