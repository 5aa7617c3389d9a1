import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ImportError } from '../../../src/domain/import-error.ts';
import { type CsvSettings, csvDialect } from '../../../src/input/csv/csv.ts';
import { chunkSizes, plainCsv, readCsv } from './csv-files.ts';

/** Any text of few characters, so that quotes, escapes and line ends meet in every way. */
const texts = fc
  .record({
    delimiter: fc.constantFrom(',', ';', '\t', '|', '.', '-', ']'),
    quote: fc.constantFrom('"', "'", '^', '$'),
    escape: fc.constantFrom('"', '\\', '/', '*', '^'),
  })
  .chain((marks) => {
    const { delimiter, quote, escape: escapedBy } = marks;
    const character = fc.constantFrom(delimiter, quote, quote, escapedBy, escapedBy, '\n', '\r\n', '\r', 'a', 'ä');
    return fc.record({
      settings: fc.constant({ ...plainCsv, ...marks, nullText: undefined }),
      text: fc.array(character, { maxLength: 24 }).map((characters) => characters.join('')),
    });
  });

describe('framer and decoder', () => {
  test('read any text as a naive reader does, with any delimiter, quote and escape', () => {
    fc.assert(
      fc.property(texts, fc.constantFrom(...chunkSizes), ({ settings, text }, chunkBytes) => {
        expect(readAll(text, settings, chunkBytes)).toEqual(readNaively(text, settings));
      }),
      { numRuns: 5_000 },
    );
  });

  test('keep an escape that stands before neither a quote nor an escape', () => {
    const text = 't1,"C:\\new\\dir"\nt2,"say \\"hi\\""\nt3,"a\\\\b"\nt4,C:\\new\n';
    const settings = { ...plainCsv, escape: '\\' };
    expect(readAll(text, settings, 64)).toEqual([
      ['t1', 'C:\\new\\dir'],
      ['t2', 'say "hi"'],
      ['t3', 'a\\b'],
      ['t4', 'C:\\new'],
    ]);
  });
});

test('a header that csv-parse reads in another way is refused', () => {
  const faultOf = (text: string, changes: Partial<CsvSettings>) => {
    const dialect = csvDialect({ ...plainCsv, ...changes, header: true });
    return dialect.headerDecoder().decode(dialect.framer('', 1).push(Buffer.from(text)), 0)?.code;
  };
  expect(faultOf('"a\\b",c\n', { escape: '\\' })).toBe('undecodable');
  expect(faultOf('"a""b",c\n', {})).toBeUndefined();
  expect(faultOf('a,b\r\n', { lineEndBytes: 1 })).toBeUndefined();
});

function readAll(text: string, settings: CsvSettings, chunkBytes: number): unknown[] | string {
  try {
    return readCsv(Buffer.from(text), settings, chunkBytes).map(({ fields }) => fields);
  } catch (error) {
    if (error instanceof ImportError) return error.code;
    throw error;
  }
}

/** One character after the other, over the whole text; a row is the reason where it is rejected. */
function readNaively(text: string, { delimiter, quote, escape: escapedBy }: CsvSettings): unknown[] | string {
  const rows: unknown[] = [];
  let at = 0;
  while (at < text.length) {
    const start = at;
    const fields: string[] = [];
    let isBroken = false;
    let isEnd = false;
    let endsWithReturn = false;
    while (!isEnd) {
      let field = '';
      endsWithReturn = false;
      if (text[at] === quote) {
        at++;
        for (;;) {
          if (at >= text.length) return 'unterminated-quote';
          const next = text[at + 1];
          if (text[at] === escapedBy && (next === quote || next === escapedBy)) {
            field += next;
            at += 2;
          } else if (text[at] === quote) {
            at++;
            break;
          } else {
            field += text[at++];
          }
        }
        const ends = text[at] === '\n' || text.startsWith('\r\n', at) || at >= text.length;
        if (text[at] !== delimiter && !ends) {
          isBroken = true;
          while (at < text.length && text[at] !== '\n') at++;
        }
        if (text.startsWith('\r\n', at)) at++;
      } else {
        while (at < text.length && text[at] !== delimiter && text[at] !== '\n') {
          if (text[at] === quote) isBroken = true;
          field += text[at++];
        }
        if (text[at] === '\n') field = field.replace(/\r$/, '');
        endsWithReturn = field.endsWith('\r');
      }
      fields.push(field);
      isEnd = text[at] !== delimiter;
      at++;
    }
    if (/^\r?\n$/.test(text.slice(start, at))) continue;
    if (isBroken) rows.push('misplaced-quote');
    else rows.push(endsWithReturn ? 'undecodable' : fields);
  }
  return rows;
}
