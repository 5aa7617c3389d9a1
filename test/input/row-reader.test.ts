import { describe, expect, test } from 'vitest';
import type { Mark } from '../../src/domain/checkpoint.ts';
import { csvDialect } from '../../src/input/csv/csv.ts';
import type { Dialect } from '../../src/input/framed-rows.ts';
import { mysqlDialect } from '../../src/input/mysql/mysql.ts';
import { RowReader } from '../../src/input/row-reader.ts';
import { RunningHash } from '../../src/input/source-hash.ts';
import { chunkSizes, plainCsv } from './csv/csv-files.ts';
import { tableColumn } from './mysql/mysql-files.ts';
import { seekableSource, textSource } from './text-source.ts';

const withHeader = csvDialect({ ...plainCsv, header: true });

type Place = Mark & { readonly text: string };

/** The rows of the files from a mark on, each with the mark that it leaves behind when it is done. */
async function read(texts: readonly string[], options: { chunkBytes?: number; mark?: Mark; hash?: RunningHash } = {}) {
  const { mark, hash = new RunningHash(), chunkBytes = 64 } = options;
  const reader = new RowReader(textSource(texts, chunkBytes), withHeader, hash, mark);
  const found: Place[] = [];
  let ordinal = mark?.ordinal ?? 0;
  for await (const block of reader.blocks()) {
    const { rows } = block;
    let { line } = block;
    for (let i = 0; i < rows.count; i++) {
      line += rows.lines[i]!;
      if (rows.kinds[i] === 'blank') continue;
      const byteOffset = block.byteOffset + rows.nexts[i]! - rows.starts[0]!;
      const text = rows.buffer.toString('utf8', rows.starts[i], rows.ends[i]);
      found.push({ text, fileIndex: block.fileIndex, byteOffset, ordinal: ++ordinal, line });
    }
  }
  return { rows: found, header: reader.header, hash };
}

const texts = (rows: readonly Place[]) => rows.map(({ text }) => text);
const twoFiles = ['\ufefftoken,"note"\r\na,1\r\n\r\nb,"two\nlines"\r\nc,3', 'token,note\nd,4\n\n"e","5"\n\n'];

describe('the header', () => {
  test('is taken off every file, blank lines before it too', async () => {
    for (const chunkBytes of chunkSizes) {
      const { rows, header } = await read(['\n\ntoken,note\na,1\n', '"token","note"\r\nb,2'], { chunkBytes });
      expect(header).toEqual({ names: ['token', 'note'], bytes: new Uint8Array(Buffer.from('token,note\n')) });
      expect(rows).toEqual([
        { text: 'a,1', fileIndex: 0, byteOffset: 17, ordinal: 1, line: 5 },
        { text: 'b,2', fileIndex: 1, byteOffset: 19, ordinal: 2, line: 3 },
      ]);
    }
  });

  test('may be all that a file holds', async () => {
    const { rows } = await read(['token,note', 'token,note\na,1']);
    expect(texts(rows)).toEqual(['a,1']);
  });

  test('that differs from the first one is refused with the names of both files and no field', async () => {
    const refused = (how: string) => ({
      code: 'header-invalid',
      message: `file-1.csv: its header is not that of file-0.csv: it ${how}`,
      hint: 'Import files with other columns in a separate run.',
    });
    await expect(read(['token,note\na,1\n', 'token,nota\nb,2\n'])).rejects.toMatchObject(
      refused('differs in column 2'),
    );
    await expect(read(['token,note\na,1\n', 'token\nb\n'])).rejects.toMatchObject(refused('has 1 column, not 2'));
  });

  test('that can’t be read is refused, with its line', async () => {
    await expect(read(['\ntok"en,note\na,1\n'])).rejects.toMatchObject({
      code: 'header-invalid',
      message: expect.stringContaining('line 2'),
    });
  });

  test('has names that are no NULL, whatever stands for NULL in the rows below', async () => {
    const names = async (dialect: Dialect, text: string) => {
      const reader = new RowReader(textSource([text], 64), dialect, new RunningHash());
      await reader.blocks().next();
      return reader.header?.names;
    };
    for (const nullText of ['', 'token']) {
      const dialect = csvDialect({ ...plainCsv, nullText, header: true });
      expect(await names(dialect, ',token,"a"\n1,2,3\n')).toEqual(['', 'token', 'a']);
    }
    const columns = ['NULL', 'token'].map((name) => tableColumn(name, 'text'));
    const batch = mysqlDialect({ batch: true, header: true, columns });
    expect(await names(batch, 'NULL\ttoken\nNULL\tx\n')).toEqual(['NULL', 'token']);
  });

  test('is found behind any number of blank lines as fast as behind none', async () => {
    const { rows, header } = await read([`${'\n'.repeat(250_000)}token\na\n`], { chunkBytes: 256 * 1024 });
    expect(header?.names).toEqual(['token']);
    expect(rows).toEqual([{ text: 'a', fileIndex: 0, byteOffset: 250_008, ordinal: 1, line: 250_003 }]);
  });

  test('is missed in a file without any', async () => {
    for (const text of ['', '\n\n', '\ufeff']) {
      await expect(read([text])).rejects.toMatchObject({ code: 'source-empty' });
    }
  });
});

test('a byte order mark is no part of the header, however it is cut, and counts as bytes', async () => {
  for (const chunkBytes of chunkSizes) {
    const { rows, header } = await read(['\ufefftoken\na\n'], { chunkBytes });
    expect(header?.names).toEqual(['token']);
    expect(rows).toEqual([{ text: 'a', fileIndex: 0, byteOffset: 11, ordinal: 1, line: 3 }]);
  }
});

test('what looks like a byte order mark in text without a header is the first row’s', async () => {
  for (const chunkBytes of chunkSizes) {
    const reader = new RowReader(textSource(['\ufeffa\n'], chunkBytes), mysqlDialect(), new RunningHash());
    const found: string[] = [];
    for await (const { rows } of reader.blocks()) {
      for (let i = 0; i < rows.count; i++) found.push(rows.buffer.toString('utf8', rows.starts[i], rows.ends[i]));
    }
    expect(found).toEqual(['\ufeffa']);
  }
});

test('a byte order mark of a later file is refused, unless the first column holds bytes', async () => {
  const dialectWith = (kind: 'text' | 'binary') => mysqlDialect({ columns: [tableColumn('id', kind)] });
  const read = async (dialect: Dialect) => {
    let count = 0;
    const reader = new RowReader(textSource(['a\n', '\ufeffb\n'], 2), dialect, new RunningHash());
    for await (const { rows } of reader.blocks()) count += rows.count;
    return count;
  };
  await expect(read(dialectWith('text'))).rejects.toMatchObject({
    code: 'undecodable',
    message: 'file-1.csv: it begins with a byte order mark, which MySQL does not write',
  });
  expect(await read(dialectWith('binary'))).toBe(2);
});

describe('a resumed reading', () => {
  test('from any mark gives exactly the rows behind it, at the same places', async () => {
    const { rows: all, header } = await read(twoFiles);
    expect(texts(all)).toEqual(['a,1', 'b,"two\nlines"', 'c,3', 'd,4', '"e","5"']);
    for (const [i, mark] of all.entries()) {
      for (const chunkBytes of chunkSizes) {
        const resumed = await read(twoFiles, { chunkBytes, mark });
        expect(resumed.rows).toEqual(all.slice(i + 1));
        expect(resumed.header?.names).toEqual(header?.names);
      }
    }
  });

  test('goes on behind a file that holds nothing but a header without its line feed', async () => {
    const files = ['token', 'token\na\nb\n'];
    const { rows: all } = await read(files);
    expect((await read(files, { mark: all[0]! })).rows).toEqual(all.slice(1));
  });

  test('is given out by the hash at its mark, and refused where a byte below it changed', async () => {
    const { rows: all } = await read(twoFiles);
    for (const mark of all) {
      const hash = (await read(twoFiles, { chunkBytes: 7 })).hash.below(mark);
      expect(hash).toMatchObject({ fileIndex: mark.fileIndex, byteOffset: mark.byteOffset });
      const resumed = await read(twoFiles, { mark, hash: new RunningHash(hash), chunkBytes: 3 });
      expect(texts(resumed.rows)).toEqual(texts(all.filter(({ ordinal }) => ordinal > mark.ordinal)));
      const changed = [twoFiles[0]!.replace('a,1', 'a,2'), twoFiles[1]!];
      const refused = read(changed, { mark, hash: new RunningHash(hash) });
      await expect(refused).rejects.toMatchObject({ code: 'resume-mismatch' });
    }
  });

  test('is refused where the file is shorter than it was', async () => {
    const { rows: all, hash } = await read(['token\na\nb\nc\n']);
    const expected = hash.below(all[1]!);
    const shorter = ['token\na\n'];
    await expect(read(shorter, { mark: all[1]!, hash: new RunningHash(expected) })).rejects.toMatchObject({
      code: 'resume-mismatch',
      message: expect.stringContaining('ends before byte 10'),
    });
    await expect(read(shorter, { mark: all[1]! })).rejects.toMatchObject({ code: 'resume-mismatch' });
  });
});

describe('a source that is known to be the same', () => {
  const files = ['token,note\na,1\nb,2\nc,3\nd,4\n', 'token,note\ne,5\nf,6\n', 'token,note\ng,7\nh,8\n'];

  async function resumed(stopAfter: number, dialect: Dialect, texts = files, chunkBytes = 4) {
    const first = new RunningHash();
    const marks: Mark[] = [];
    for await (const block of new RowReader(seekableSource(texts, chunkBytes), dialect, first).blocks()) {
      let line = block.line;
      for (let i = 0; i < block.rows.count; i++) {
        line += block.rows.lines[i]!;
        const byteOffset = block.byteOffset + block.rows.nexts[i]! - block.rows.starts[0]!;
        marks.push({ fileIndex: block.fileIndex, byteOffset, ordinal: marks.length + 1, line });
      }
    }
    const mark = marks[stopAfter - 1]!;
    const given: string[] = [];
    const hash = new RunningHash(first.below(mark), true);
    const reader = new RowReader(seekableSource(texts, chunkBytes, given), dialect, hash, mark);
    const rest: string[] = [];
    const places: number[] = [];
    for await (const { rows, line, fileIndex } of reader.blocks()) {
      places.push(fileIndex, line);
      for (let i = 0; i < rows.count; i++) rest.push(rows.buffer.toString('utf8', rows.starts[i], rows.ends[i]));
    }
    return { rest, given, header: reader.header, lastHash: hash.below(marks.at(-1)!), places };
  }

  test('is read from the mark on, and its header from the first file', async () => {
    const { rest, given, header } = await resumed(5, withHeader);
    expect(rest).toEqual(['f,6', 'g,7', 'h,8']);
    expect(header!.names).toEqual(['token', 'note']);
    // Chunks of four bytes, up to the line feed behind the header.
    expect(given).toEqual(['token,note\na', 'f,6\n', files[2]]);
  });

  test('gives the rows that were left wherever it was stopped, with a hash that holds', async () => {
    for (const chunkBytes of chunkSizes) {
      for (let stopAfter = 1; stopAfter <= 8; stopAfter++) {
        const { rest, lastHash } = await resumed(stopAfter, withHeader, files, chunkBytes);
        expect(rest).toEqual(['a,1', 'b,2', 'c,3', 'd,4', 'e,5', 'f,6', 'g,7', 'h,8'].slice(stopAfter));
        const { rows } = await read(files, { hash: new RunningHash(lastHash) });
        expect(rows).toHaveLength(8);
      }
    }
  });

  test('is not taken to begin with a byte order mark where reading begins in its middle', async () => {
    const plain = csvDialect({ ...plainCsv, header: false });
    const { rest, given } = await resumed(2, plain, ['a,1\nb,2\n\ufeffc,3\nd,4\n']);
    expect(rest).toEqual(['\ufeffc,3', 'd,4']);
    expect(given).toEqual(['a,1\n\ufeffc,3\nd,4\n']);
  });
});
