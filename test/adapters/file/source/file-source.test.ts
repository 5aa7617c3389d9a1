import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { createGzip, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openFileSource } from '../../../../src/adapters/file/source/file-source.ts';
import { workDir } from '../../../support/work-dir.ts';
import { collect, faultOf } from '../../packing/collect.ts';
import { asOrdinaryUser } from '../as-ordinary-user.ts';

const noInput = () => {
  throw new Error('Expected standard input not to be asked for');
};

async function* chunksOf(...chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk as Uint8Array);
}

test('files come in the order given, with their sizes and times', async () => {
  const folder = workDir();
  const paths = [folder.write('b.csv', 'b\n'), folder.write('a.csv', 'aaa\n')];
  const { files } = await openFileSource(paths, noInput);
  expect(files.map(({ name, path, storedBytes }) => [name, path, storedBytes])).toEqual([
    [paths[0], paths[0], 2],
    [paths[1], paths[1], 4],
  ]);
  expect(files[0]!.mtimeMs).toBeGreaterThan(0);
  expect(await collect(files[1]!.read())).toEqual(Buffer.from('aaa\n'));
});

test('a file can be read again from the beginning, and counts its bytes anew', async () => {
  const path = workDir().write('a.csv', 'a,b\n');
  const file = (await openFileSource([path], noInput)).files[0]!;
  expect(file.storedBytesRead()).toBe(0);
  for (let time = 0; time < 2; time++) {
    expect((await collect(file.read())).toString()).toBe('a,b\n');
    expect(file.storedBytesRead()).toBe(4);
  }
});

test('a large file arrives whole, in buffers that stay as they were', async () => {
  const bytes = Buffer.alloc(700_001, 'abcdefg\n');
  const path = workDir().write('large.csv', bytes);
  expect(bytes.equals(await collect((await openFileSource([path], noInput)).files[0]!.read()))).toBe(true);
});

test('standard input is - and has neither size nor path', async () => {
  const file = (await openFileSource(['-'], () => chunksOf('a,', 'b\n'))).files[0]!;
  expect(file).toMatchObject({ name: 'standard input', storedBytes: undefined, path: undefined });
  expect((await collect(file.read())).toString()).toBe('a,b\n');
  expect(() => file.read()).toThrow('standard input can be read only once');
});

test('standard input is refused twice', async () => {
  const fault = await faultOf(() => openFileSource(['-', 'a.csv', '-'], noInput));
  expect(fault).toMatchObject({ code: 'usage', hint: expect.stringContaining('./-') });
});

test('gzip is told by its bytes, not by its name, and progress counts what is stored', async () => {
  const folder = workDir();
  const packed = gzipSync('a,b\n'.repeat(1000));
  const file = (await openFileSource([folder.write('tokens.csv', packed)], noInput)).files[0]!;
  expect((await collect(file.read())).toString()).toBe('a,b\n'.repeat(1000));
  expect([file.storedBytes, file.storedBytesRead()]).toEqual([packed.length, packed.length]);
  const plain = (await openFileSource([folder.write('tokens.csv.gz', 'a,b\n')], noInput)).files[0]!;
  expect((await collect(plain.read())).toString()).toBe('a,b\n');
});

test('gzip is unpacked on standard input too, however it is cut', async () => {
  const packed = gzipSync('a,b\n');
  const file = (await openFileSource(['-'], () => chunksOf(...[...packed].map((byte) => Buffer.of(byte))))).files[0]!;
  expect((await collect(file.read())).toString()).toBe('a,b\n');
});

test.each([
  ['xz', '\xfd7zXZ\x00\x00\x04', "xz -dc '", '… | xz -dc | import-tokens -'],
  ['bzip2', 'BZh91AY&SY\x00\x00', "bzip2 -dc '", '… | bzip2 -dc | import-tokens -'],
  ['lz4', '\x04\x22\x4d\x18\x64\x40', "lz4 -dc '", '… | lz4 -dc | import-tokens -'],
  ['compress', '\x1f\x9d\x90\x61\x02\x00', "gzip -dc '", '… | gzip -dc | import-tokens -'],
])('%s is refused with the command that helps', async (packing, magic, command, filter) => {
  const path = workDir().write("it's packed", Buffer.from(magic, 'latin1'));
  const fault = await faultOf(() => openFileSource([path], noInput));
  expect(fault).toMatchObject({ code: 'source-unsupported', message: expect.stringContaining(`with ${packing},`) });
  expect(fault.hint).toContain(command);
  expect(fault.hint).toContain("it'\\''s packed' | import-tokens -");
  const piped = (await openFileSource(['-'], () => chunksOf(Buffer.from(magic, 'latin1')))).files[0]!;
  expect(await faultOf(() => collect(piped.read()))).toMatchObject({
    code: 'source-unsupported',
    hint: `Pipe it, with the same options: ${filter}`,
  });
});

test('the command for a packed dump names the .sql beside it', async () => {
  const path = workDir().write('tokens.txt.xz', Buffer.from('\xfd7zXZ\x00\x00\x04', 'latin1'));
  const { hint } = await faultOf(() => openFileSource([path], noInput));
  expect(hint).toContain(`xz -dc ${path} | import-tokens - --schema ${path.replace('.txt.xz', '.sql')}`);
});

test('a file that is no text, nor packed text, is refused before it is read', async () => {
  const path = workDir().write('tokens.zip', Buffer.from('PK\x03\x04\x14\x00\x00\x00', 'latin1'));
  expect(await faultOf(() => openFileSource([path], noInput))).toMatchObject({
    code: 'undecodable',
    message: `${path}: it is a zip archive`,
    hint: `Pipe its content, with the same options: unzip -p ${path} | import-tokens -`,
  });
});

test('a text that begins like the name of a packing is a text', async () => {
  const path = workDir().write('a.csv', 'BZh9,PK\n');
  expect((await collect((await openFileSource([path], noInput)).files[0]!.read())).toString()).toBe('BZh9,PK\n');
});

test('a file that is not there, or below a file, is named', async () => {
  const folder = workDir();
  for (const path of [join(folder.path, 'none.csv'), join(folder.write('a.csv', 'a'), 'b.csv')]) {
    const fault = await faultOf(() => openFileSource([path], noInput));
    expect(fault).toMatchObject({ code: 'source-missing', message: `${path}: no such file` });
  }
});

test('a directory is refused, with the way to name its files', async () => {
  for (const [names, pattern] of [
    [['a.csv', 'b.sql'], '/*.csv'],
    [['t.sql', 't.txt.gz'], '/*.txt.gz'],
    [['db.t-schema.sql', 'db.t.sql'], undefined],
    [[], undefined],
  ] as const) {
    const folder = workDir();
    for (const name of names) folder.write(name, 'x');
    const fault = await faultOf(() => openFileSource([folder.path], noInput));
    expect(fault).toMatchObject({ code: 'source-unreadable', message: `${folder.path} is a directory` });
    const files = pattern === undefined ? '.' : `: ${folder.path}${pattern}`;
    expect(fault.hint).toBe(`Name the files with rows in it, in the order to read them${files}`);
  }
});

test('the directory of a run is no source: its files are what the run has left', async () => {
  const folder = workDir();
  folder.write('manifest.json', '{}');
  expect(await faultOf(() => openFileSource([folder.path], noInput))).toMatchObject({
    message: `${folder.path} is a directory, of a run`,
    hint: `Continue that run: import-tokens --resume ${folder.path}`,
  });
});

test('a file without read permission is refused', async () => {
  const path = workDir().write('a.csv', 'a\n');
  chmodSync(join(path, '..'), 0o755);
  chmodSync(path, 0);
  const fault = await asOrdinaryUser(() => faultOf(() => openFileSource([path], noInput)));
  expect(fault).toMatchObject({ code: 'source-unreadable', message: `${path} cannot be read: permission denied` });
});

test('a device is refused', async () => {
  const fault = await faultOf(() => openFileSource(['/dev/null'], noInput));
  expect(fault).toMatchObject({ code: 'source-unreadable', message: '/dev/null is neither a file nor a named pipe' });
});

test('nothing at all is refused: an empty file, an empty gzip, empty input', async () => {
  const folder = workDir();
  const empty = folder.write('empty.csv', '');
  expect(await faultOf(() => openFileSource([empty], noInput))).toMatchObject({
    code: 'source-empty',
    message: `${empty} is empty (0 bytes)`,
  });
  const packed = (await openFileSource([folder.write('empty.gz', gzipSync(''))], noInput)).files[0]!;
  expect(await faultOf(() => collect(packed.read()))).toMatchObject({
    code: 'source-empty',
    message: expect.stringContaining('once unpacked'),
  });
  const input = (await openFileSource(['-'], () => chunksOf())).files[0]!;
  expect(await faultOf(() => collect(input.read()))).toMatchObject({ message: 'standard input is empty (0 bytes)' });
});

test('a fault of standard input reaches the reader as it is, through gzip too', async () => {
  const fault = new Error('the other end has gone');
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield gzipSync('a\n').subarray(0, 12);
    throw fault;
  }
  const file = (await openFileSource(['-'], failing)).files[0]!;
  expect(await faultOf(() => collect(file.read()))).toBe(fault);
});

test('the reader sets the pace: gzip is not unpacked ahead of it', async () => {
  let taken = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    const gzip = createGzip();
    gzip.write(Buffer.alloc(1_000_000));
    gzip.flush();
    for await (const chunk of gzip) {
      taken++;
      yield chunk;
      gzip.write(Buffer.alloc(1_000_000));
      gzip.flush();
    }
  }
  const chunks = (await openFileSource(['-'], endless)).files[0]!.read()[Symbol.asyncIterator]();
  await chunks.next();
  const takenAtFirst = taken;
  await new Promise((resolve) => setImmediate(resolve));
  expect(taken).toBe(takenAtFirst);
  await chunks.return?.();
});

test('a reader that stops early leaves no file open', async () => {
  const path = workDir().write('a.csv', Buffer.alloc(2_000_000, 'a\n'));
  for await (const _chunk of (await openFileSource([path], noInput)).files[0]!.read()) break;
  const open = execFileSync('sh', ['-c', `ls -l /proc/${process.pid}/fd || true`]).toString();
  expect(open).not.toContain(path);
});

test('a folder whose name ends in a slash is named once', async () => {
  const folder = workDir();
  folder.write('dumps/a.csv', 'x');
  const fault = await faultOf(() => openFileSource([`${folder.path}/dumps/`], noInput));
  expect(fault.hint).toContain('/dumps/*.csv');
});
