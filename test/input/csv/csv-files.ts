import fc from 'fast-check';
import type { Field } from '../../../src/domain/column.ts';
import type { RejectCode } from '../../../src/domain/row.ts';
import { type CsvSettings, csvDialect } from '../../../src/input/csv/csv.ts';

export const plainCsv: CsvSettings = {
  delimiter: ',',
  quote: '"',
  escape: '"',
  nullText: undefined,
  escapeTold: true,
  nullTold: true,
  header: false,
  maxRowBytes: 4 * 1024 * 1024,
};

/** A row as it came out: its fields or the code it is rejected with, and where it stood. */
export type ReadRow = {
  readonly fields: readonly Field[] | RejectCode;
  readonly line: number;
  readonly byteOffset: number;
  readonly text: string;
};

/** Frames and decodes a file given in chunks of so many bytes. `kind` overrules that of plain rows. */
export function readCsv(
  bytes: Uint8Array,
  settings: CsvSettings,
  chunkBytes: number,
  kind?: 'quoted',
  header?: readonly string[],
): ReadRow[] {
  const dialect = csvDialect(settings);
  const framer = dialect.framer('tokens.csv', 1);
  const decoder = dialect.decoder([], header);
  const read: ReadRow[] = [];
  let line = 1;
  let byteOffset = 0;
  const take = (rows: ReturnType<typeof framer.push>) => {
    if (kind !== undefined) rows.kinds = rows.kinds.map((found) => (found === 'plain' ? kind : found));
    for (let i = 0; i < rows.count; i++) {
      const fault = rows.kinds[i] === 'blank' ? undefined : decoder.decode(rows, i);
      const text = rows.buffer.toString('utf8', rows.starts[i], rows.nexts[i]);
      if (rows.kinds[i] !== 'blank') read.push({ fields: fault?.code ?? [...decoder.fields], line, byteOffset, text });
      line += rows.lines[i]!;
      byteOffset += rows.nexts[i]! - rows.starts[i]!;
    }
  };
  for (let from = 0; from < bytes.length; from += chunkBytes) take(framer.push(bytes.slice(from, from + chunkBytes)));
  take(framer.end());
  return read;
}

export const chunkSizes = [1, 2, 3, 7, 64 * 1024];

/** A well-formed file, row by row, each with its terminator; the rows hold text of every kind. */
export type CsvFile = {
  readonly settings: CsvSettings;
  readonly rows: readonly string[];
  readonly eols: readonly string[];
};

/** Files of random dialects; the last row may lack its terminator. */
export function csvFiles(): fc.Arbitrary<CsvFile> {
  return settingsArbitrary.chain((settings) => {
    const { delimiter, quote, escape: escapeText } = settings;
    const character = fc.oneof(
      fc.constantFrom(
        delimiter,
        quote,
        escapeText,
        '\n',
        '\r',
        '\r\n',
        ' ',
        'a',
        'NULL',
        'ä',
        '€',
        '𝄞',
        '\ufeff',
        '\u0000',
      ),
      fc.string({ unit: 'grapheme', maxLength: 3 }),
    );
    const field = fc
      .tuple(fc.array(character, { maxLength: 5 }), fc.boolean())
      .map(([parts, quoted]) => writeField(parts.join(''), quoted, settings));
    const row = fc
      .array(field, { minLength: 1, maxLength: 4 })
      .map((fields) => fields.join(delimiter))
      .map((text) => (text === '' ? quote + quote : text));
    const rows = fc.array(fc.oneof({ weight: 8, arbitrary: row }, { weight: 1, arbitrary: fc.constant('') }), {
      maxLength: 12,
    });
    const eols = fc.array(fc.constantFrom('\n', '\r\n'), { minLength: 1, maxLength: 3 });
    return fc.record({ settings: fc.constant(settings), rows, eols });
  });
}

export function bytesOf({ rows, eols }: CsvFile, lastEol = true): Buffer {
  const text = rows.map((row, i) => row + (lastEol || i < rows.length - 1 ? eols[i % eols.length] : '')).join('');
  return Buffer.from(text);
}

const settingsArbitrary: fc.Arbitrary<CsvSettings> = fc
  .record({
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    quote: fc.constantFrom('"', "'"),
    backslash: fc.boolean(),
    nullText: fc.constantFrom(undefined, 'NULL', ''),
  })
  .map(({ delimiter, quote, backslash, nullText }) => ({
    ...{ ...plainCsv, delimiter, quote, nullText },
    escape: backslash ? '\\' : quote,
  }));

export function writeField(
  text: string,
  quoted: boolean,
  { delimiter, quote, escape: escapeText }: CsvSettings,
): string {
  const mustQuote = [delimiter, quote, '\n', '\r'].some((special) => text.includes(special));
  if (!quoted && !mustQuote) return text;
  const escaped = [...text].map((char) => (char === quote || char === escapeText ? escapeText + char : char));
  return quote + escaped.join('') + quote;
}
