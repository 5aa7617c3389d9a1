import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ImportError } from '../../../src/domain/import-error.ts';
import { type CsvSettings, csvDialect } from '../../../src/input/csv/csv.ts';
import { bytesOf, chunkSizes, csvFiles, plainCsv, readCsv } from './csv-files.ts';

test.each([
  ['quoted', { delimiter: '"' }],
  ['quoted', { quote: ',' }],
  ['escaped', { escape: ',' }],
])('fields that are separated and %s by the same character are refused', (how, settings) => {
  expect(() => csvDialect({ ...plainCsv, ...settings })).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: expect.stringContaining(`separated and ${how} by the same character`),
      hint: expect.stringContaining('--quote'),
    }),
  );
});

describe('a well-formed file', () => {
  test('gives the rows that csv-parse gives for the whole of it, however it is cut', () => {
    fc.assert(
      fc.property(csvFiles(), fc.boolean(), (file, lastEol) => {
        const bytes = bytesOf(file, lastEol);
        const expected = parseWhole(bytes, file.settings);
        for (const chunkBytes of chunkSizes) {
          expect(readCsv(bytes, file.settings, chunkBytes).map(({ fields }) => fields)).toEqual(expected);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('has rows at the places where they stand in it', () => {
    fc.assert(
      fc.property(csvFiles(), fc.constantFrom(...chunkSizes), (file, chunkBytes) => {
        const bytes = bytesOf(file);
        for (const { line, byteOffset, text } of readCsv(bytes, file.settings, chunkBytes)) {
          expect(bytes.subarray(byteOffset).toString().startsWith(text)).toBe(true);
          expect(bytes.subarray(0, byteOffset).toString().split('\n').length).toBe(line);
        }
      }),
    );
  });

  test('has the same fields whether a row is split directly or goes through csv-parse', () => {
    fc.assert(
      fc.property(csvFiles(), (file) => {
        const bytes = bytesOf(file);
        expect(readCsv(bytes, file.settings, 64, 'quoted')).toEqual(readCsv(bytes, file.settings, 64));
      }),
      { numRuns: 200 },
    );
  });
});

describe('a broken row', () => {
  test.each([
    { name: 'a quote inside an unquoted field', row: 'b,x"y' },
    { name: 'text behind a closing quote', row: '"b"x,y' },
    { name: 'a blank between a closing quote and the delimiter', row: '"b" ,y' },
    { name: 'a lone carriage return behind a closing quote', row: '"b"\r,y' },
    { name: 'two stray quotes around a delimiter', row: 'b "x, y" z' },
    { name: 'a stray quote before a quoted field with a line break', row: 'b"x,"y\ny"' },
  ])('of $name spoils no other row', ({ row }) => {
    for (const chunkBytes of chunkSizes) {
      const read = readCsv(Buffer.from(`a,"1\n1"\n${row}\nc,"3"\nd,4\n`), plainCsv, chunkBytes);
      expect(read.map(({ fields }) => fields)).toEqual([['a', '1\n1'], 'misplaced-quote', ['c', '3'], ['d', '4']]);
      expect(read[1]).toMatchObject({ line: 3, byteOffset: 8, text: `${row}\n` });
    }
  });

  test('put anywhere into a well-formed file leaves the others as they are', () => {
    fc.assert(
      fc.property(csvFiles(), fc.nat(), fc.constantFrom(...chunkSizes), (file, at, chunkBytes) => {
        const { quote, delimiter } = file.settings;
        const place = at % (file.rows.length + 1);
        const broken = `k${delimiter}x${quote}y`;
        const spoilt = { ...file, rows: file.rows.toSpliced(place, 0, broken), eols: ['\n'] };
        const read = readCsv(bytesOf(spoilt), file.settings, chunkBytes).map(({ fields }) => fields);
        expect(read.filter((fields) => fields === 'misplaced-quote')).toHaveLength(1);
        const expected = readCsv(bytesOf({ ...file, eols: ['\n'] }), file.settings, chunkBytes);
        expect(read.filter((fields) => fields !== 'misplaced-quote')).toEqual(expected.map(({ fields }) => fields));
      }),
    );
  });

  test('of invalid UTF-8 is rejected alone, quoted or not', () => {
    const bad = Buffer.from([0xc3, 0x28]);
    const bytes = Buffer.concat([
      Buffer.from('ä,1\nb,'),
      bad,
      Buffer.from('\n"c","'),
      bad,
      Buffer.from('"\n"d","4"\n'),
    ]);
    for (const chunkBytes of chunkSizes) {
      const read = readCsv(bytes, plainCsv, chunkBytes).map(({ fields }) => fields);
      expect(read).toEqual([['ä', '1'], 'invalid-utf8', 'invalid-utf8', ['d', '4']]);
    }
  });
});

test('unquoted NULL text is NULL, quoted it is text', () => {
  const bytes = Buffer.from('a,NULL,"NULL"\nNULL,b,NULLS\n');
  const read = readCsv(bytes, { ...plainCsv, nullText: 'NULL' }, 5);
  expect(read.map(({ fields }) => fields)).toEqual([
    ['a', null, 'NULL'],
    [null, 'b', 'NULLS'],
  ]);
});

test('blank lines are no rows, but count as lines', () => {
  for (const chunkBytes of chunkSizes) {
    const read = readCsv(Buffer.from('\n\r\na,1\n\n\r\n"b",2\n\n'), plainCsv, chunkBytes);
    expect(read.map(({ fields, line }) => [line, fields])).toEqual([
      [3, ['a', '1']],
      [6, ['b', '2']],
    ]);
  }
});

test('an empty quoted field alone on its line is a row', () => {
  expect(readCsv(Buffer.from('""\n'), plainCsv, 1).map(({ fields }) => fields)).toEqual([['']]);
});

test('a quote that is never closed is named with the line on which its row begins', () => {
  const bytes = Buffer.from('a,1\n"b\nb",2\nc,"3\nd,4\ne,5\n');
  for (const chunkBytes of chunkSizes) {
    expect(faultOf(bytes, plainCsv, chunkBytes)).toMatchObject({
      code: 'unterminated-quote',
      message: 'tokens.csv: the row that begins on line 4 opens a quote that is never closed',
    });
  }
});

test('a quote left open ends the reading at the longest row allowed, not at the end of the file', () => {
  const bytes = Buffer.from(`a,1\nb,"${'x'.repeat(100)}\n${'y'.repeat(10_000)}`);
  const read: number[] = [];
  const settings = { ...plainCsv, maxRowBytes: 50 };
  const fault = faultOf(bytes, settings, 60);
  expect(fault).toMatchObject({ code: 'unterminated-quote', message: expect.stringContaining('line 2') });
  expect(read).toEqual([]);
});

test('a row longer than allowed is named with its line, whether or not it is complete', () => {
  const settings = { ...plainCsv, maxRowBytes: 20 };
  for (const text of [`a,1\n${'x'.repeat(30)}`, `a,1\n${'x'.repeat(30)}\nb,2\n`, `a,1\n"${'x'.repeat(30)}"\n`]) {
    for (const chunkBytes of [7, 64 * 1024]) {
      const fault = faultOf(Buffer.from(text), settings, chunkBytes);
      expect(fault.message).toContain('line 2');
      expect(fault.hint).toContain('--quote');
    }
  }
  expect(faultOf(Buffer.from(`${'x'.repeat(21)}\n`), settings, 64)).toMatchObject({ code: 'row-too-long' });
  expect(readCsv(Buffer.from(`${'x'.repeat(19)}\n`), settings, 64)).toHaveLength(1);
});

function parseWhole(bytes: Buffer, { delimiter, quote, escape: escapeText, nullText }: CsvSettings): unknown[] {
  return parse(bytes, {
    ...{ delimiter, quote, escape: escapeText },
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    skip_empty_lines: true,
    cast: (field: string, { quoting }: { quoting: boolean }) => (field === nullText && !quoting ? null : field),
  });
}

function faultOf(bytes: Uint8Array, settings: CsvSettings, chunkBytes: number): ImportError {
  try {
    readCsv(bytes, settings, chunkBytes);
  } catch (error) {
    if (error instanceof ImportError) return error;
    throw error;
  }
  throw new Error('no fault was found');
}
