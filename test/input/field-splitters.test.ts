import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Field } from '../../src/domain/column.ts';
import { CsvDecoder, type CsvText } from '../../src/input/csv/csv-decoder.ts';
import { CsvFramer } from '../../src/input/csv/csv-framer.ts';
import { PlainSplitter } from '../../src/input/field-splitters.ts';

const settings: CsvText = {
  ...{ delimiter: ',', quote: '"', escape: '"' },
  ...{ nullText: undefined, escapeTold: true, nullTold: true },
};
const bytes = { delimiter: 44, quote: 34, escape: 34 };

type Decoded = { readonly fields: readonly Field[]; readonly plain: readonly string[] | undefined };

/** Every row of the text, framed and decoded; `plain`: the bytes of its fields, where they are said to stand for themselves. */
function decodeAll(text: string, changes: Partial<CsvText> = {}): Decoded[] {
  const framer = new CsvFramer(bytes, 'file', 1, 1_000_000, false);
  const decoder = new CsvDecoder({ ...settings, ...changes });
  const decoded: Decoded[] = [];
  for (const frame of [() => framer.push(Buffer.from(text)), () => framer.end()]) {
    const rows = frame();
    for (let i = 0; i < rows.count; i++) {
      if (rows.kinds[i] === 'blank') continue;
      expect(decoder.decode(rows, i)).toBeUndefined();
      const { plain } = decoder;
      const texts = plain && Array.from({ length: plain.count }, (_, field) => plain.text(field));
      if (plain !== undefined) expect(bytesOf(plain)).toEqual(texts);
      decoded.push({ fields: [...decoder.fields], plain: texts });
    }
  }
  return decoded;
}

function bytesOf({ bytes, starts, ends, count }: NonNullable<CsvDecoder['plain']>): string[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, field) => all.toString('utf8', starts[field], ends[field]));
}

const calm = fc.stringMatching(/^[a-z !#~[\]-]{1,6}$/);
const hostile = fc.constantFrom('\\', '\t', '\r', '\u0000', '\u007f', '\u001f', 'a\\', '\rb');
const worldly = fc.constantFrom('é', 'ß', '漢字', '😀', '\u2028', 'a\u00a0b');
const longField = fc.integer({ min: 3000, max: 20_000 }).map((length) => 'x'.repeat(length));

function rowsOf(field: fc.Arbitrary<string>, minLength: number) {
  return fc.array(fc.array(field, { minLength: 1, maxLength: 5 }), { minLength, maxLength: 200 });
}

test.each([
  ['calm', rowsOf(calm, 150)],
  ['hostile', rowsOf(fc.oneof({ weight: 300, arbitrary: calm }, hostile), 1)],
  ['worldly', rowsOf(fc.oneof({ weight: 20, arbitrary: calm }, worldly), 1)],
  ['long', rowsOf(fc.oneof({ weight: 20, arbitrary: calm }, longField), 20)],
])('rows of %s text are split as they were joined, and stand for themselves where they say so', (_name, rows) => {
  fc.assert(
    fc.property(rows, fc.constantFrom('\n', '\r\n'), (expected, lineEnd) => {
      // A carriage return before the line end is the terminator's.
      fc.pre(expected.every((fields) => !fields.at(-1)!.endsWith('\r') && fields.join('') !== ''));
      const decoded = decodeAll(expected.map((fields) => fields.join(',') + lineEnd).join(''));
      expect(decoded.map(({ fields }) => fields)).toEqual(expected);
      for (const { fields, plain } of decoded) {
        const isCalm = fields.every((field) => JSON.stringify(field) === `"${field}"`);
        expect(plain).toEqual(isCalm ? fields : undefined);
      }
    }),
    { numRuns: 60 },
  );
});

test('a row with a NULL does not stand for itself', () => {
  const decoded = decodeAll('a,NULL\na,NULL!\nNULL,é\né,ä\n', { nullText: 'NULL' });
  expect(decoded).toEqual([
    { fields: ['a', null], plain: undefined },
    { fields: ['a', 'NULL!'], plain: ['a', 'NULL!'] },
    { fields: [null, 'é'], plain: undefined },
    { fields: ['é', 'ä'], plain: ['é', 'ä'] },
  ]);
});

test('a NULL of more bytes than characters, or of none, is found too', () => {
  expect(decodeAll('a,leer é\nleer e,b\n', { nullText: 'leer é' })).toEqual([
    { fields: ['a', null], plain: undefined },
    { fields: ['leer e', 'b'], plain: ['leer e', 'b'] },
  ]);
  expect(decodeAll('a,\nb,c\n', { nullText: '' })).toEqual([
    { fields: ['a', null], plain: undefined },
    { fields: ['b', 'c'], plain: ['b', 'c'] },
  ]);
});

test('rows may be split in any order', () => {
  const buffer = Buffer.from(Array.from({ length: 3000 }, (_, i) => `row,${i},x\n`).join(''));
  const starts = [...buffer.toString().matchAll(/row/g)].map(({ index }) => index);
  const splitter = new PlainSplitter(',');
  const fields: Field[] = [];
  for (let i = 0; i < 3000; i++) {
    const row = (i * 1151) % 3000;
    const end = (starts[row + 1] ?? buffer.length) - 1;
    splitter.split(buffer, starts[row]!, end, i % 2 === 0);
    splitter.fill(fields);
    expect(fields).toEqual(['row', `${row}`, 'x']);
  }
});

/** Bytes at which four that are looked at together could be misread: zeros, neighbours of what is special, high bits. */
const odd = fc.constantFrom(0, 1, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x2b, 0x2c, 0x2d, 0x5b, 0x5c, 0x5d, 0x7f, 0x80, 0xff);
const letter = fc.integer({ min: 0x41, max: 0x5a });
const anyBytes = fc.array(fc.oneof({ weight: 3, arbitrary: letter }, odd), { maxLength: 40 });

test('fields and escapes of a row are found as they are byte by byte, wherever it stands', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(',', '\t', '|', '"', ' '),
      anyBytes,
      fc.nat(5),
      fc.nat(5),
      (delimiter, row, before, after) => {
        const buffer = Buffer.from([...Array(before).fill(0x2c), ...row, ...Array(after).fill(0x22)]);
        const splitter = new PlainSplitter(delimiter);
        splitter.split(buffer, before, before + row.length, false);
        const ends = [...row.keys(), row.length].filter((i) => i === row.length || row[i] === delimiter.charCodeAt(0));
        expect(splitter.ends.slice(0, splitter.count)).toEqual(ends.map((end) => before + end));
        expect(splitter.starts.slice(0, splitter.count)).toEqual([
          before,
          ...ends.slice(0, -1).map((end) => before + end + 1),
        ]);
        const escapes = row.filter(
          (byte) => byte !== delimiter.charCodeAt(0) && (byte < 0x20 || byte === 0x22 || byte === 0x5c),
        );
        expect(splitter.needsNoEscape).toBe(escapes.length === 0);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('a field that may be NULL or \\N is told, wherever it stands', () => {
  for (const [row, mayHoldNull] of [
    ['NULL', true],
    ['a,NULL', true],
    ['NULL,a', true],
    ['abc,\\N', true],
    ['NULLS,ANULL', false],
    ['null,abcdefg', false],
  ] as const) {
    const splitter = new PlainSplitter(',');
    splitter.split(Buffer.from(row), 0, row.length, true);
    expect([row, splitter.mayHoldNull]).toEqual([row, mayHoldNull]);
  }
});
