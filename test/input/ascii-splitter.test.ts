import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Field } from '../../src/domain/column.ts';
import { AsciiSplitter } from '../../src/input/ascii-splitter.ts';
import { CsvDecoder } from '../../src/input/csv-decoder.ts';
import { CsvFramer } from '../../src/input/csv-framer.ts';

const settings = { delimiter: ',', quote: '"', escape: '"', nullText: undefined };
const bytes = { delimiter: 44, quote: 34, escape: 34 };

/** Every row of the text, framed and decoded, with what the decoder says of escapes. */
function decodeAll(text: string): { readonly fields: readonly Field[]; readonly needsNoEscape: boolean }[] {
  const framer = new CsvFramer(bytes, 'file', 1, 1_000_000);
  const decoder = new CsvDecoder(settings);
  const decoded: { fields: Field[]; needsNoEscape: boolean }[] = [];
  for (const frame of [() => framer.push(Buffer.from(text)), () => framer.end()]) {
    const rows = frame();
    for (let i = 0; i < rows.count; i++) {
      if (rows.kinds[i] === 'blank') continue;
      expect(decoder.decode(rows, i)).toBeUndefined();
      decoded.push({ fields: [...decoder.fields], needsNoEscape: decoder.needsNoEscape });
    }
  }
  return decoded;
}

const calm = fc.stringMatching(/^[a-z !#~[\]-]{1,6}$/);
const hostile = fc.constantFrom('\\', '\t', '\r', '\u0000', '\u007f', '\u001f', 'a\\', '\rb');
const longField = fc.integer({ min: 3000, max: 20_000 }).map((length) => 'x'.repeat(length));

function rowsOf(field: fc.Arbitrary<string>, minLength: number) {
  return fc.array(fc.array(field, { minLength: 1, maxLength: 5 }), { minLength, maxLength: 200 });
}

test.each([
  ['calm', rowsOf(calm, 150)],
  ['hostile', rowsOf(fc.oneof({ weight: 300, arbitrary: calm }, hostile), 1)],
  ['long', rowsOf(fc.oneof({ weight: 20, arbitrary: calm }, longField), 20)],
])('rows of %s text are split as they were joined, and need no escape where they say so', (_name, rows) => {
  fc.assert(
    fc.property(rows, fc.constantFrom('\n', '\r\n'), (expected, lineEnd) => {
      // A carriage return before the line end is the terminator's.
      fc.pre(expected.every((fields) => !fields.at(-1)!.endsWith('\r') && fields.join('') !== ''));
      const decoded = decodeAll(expected.map((fields) => fields.join(',') + lineEnd).join(''));
      expect(decoded.map(({ fields }) => fields)).toEqual(expected);
      for (const { fields, needsNoEscape } of decoded) {
        if (needsNoEscape) for (const field of fields) expect(JSON.stringify(field)).toBe(`"${field}"`);
      }
    }),
    { numRuns: 60 },
  );
});

test('calm text is known to need no escape, but where a window cuts a line end', () => {
  const decoded = decodeAll('some,calm,text\r\n'.repeat(5000));
  expect(decoded.filter(({ needsNoEscape }) => needsNoEscape).length).toBeGreaterThan(4000);
});

test('a carriage return at the end of the file is part of the last field', () => {
  expect(decodeAll('a,b\r')).toEqual([{ fields: ['a', 'b\r'], needsNoEscape: false }]);
});

test('rows may be split in any order', () => {
  const buffer = Buffer.from(Array.from({ length: 3000 }, (_, i) => `row,${i},x\n`).join(''));
  const starts = [...buffer.toString().matchAll(/row/g)].map(({ index }) => index);
  const splitter = new AsciiSplitter(',', '\\r?\\n');
  const fields: Field[] = [];
  for (let i = 0; i < 3000; i++) {
    const row = (i * 1151) % 3000;
    const end = (starts[row + 1] ?? buffer.length) - 1;
    expect(splitter.split(buffer, starts[row]!, end, fields)).toBe(3);
    expect(fields.slice(0, 3)).toEqual(['row', `${row}`, 'x']);
  }
});
