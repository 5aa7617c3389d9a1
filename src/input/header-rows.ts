import type { Field } from '../domain/column.ts';
import type { RowFault } from '../domain/row.ts';
import type { PlainSplitter, QuotedSplitter } from './field-splitters.ts';

export const repeatedHeader: RowFault = {
  code: 'header-row',
  message: 'the row equals the header: files with headers were probably concatenated',
};

const byteOrderMark = '\ufeff';
const markBytes = Buffer.byteLength(byteOrderMark);

/** Recognizes rows that equal a header in every field, with or without the byte order mark of an appended file. */
export class HeaderRows {
  readonly #headers: readonly (readonly string[])[];
  /** By the length of a first field in bytes: 1 if the first name of a header has it, so that texts are compared. */
  readonly #firstBytes: Uint8Array;

  constructor(headers: readonly (readonly string[])[]) {
    this.#headers = headers;
    const lengths = headers.map(([first = '']) => Buffer.byteLength(first));
    this.#firstBytes = new Uint8Array(Math.max(...lengths) + markBytes + 1);
    for (const byteLength of lengths) {
      this.#firstBytes[byteLength] = 1;
      this.#firstBytes[byteLength + markBytes] = 1;
    }
  }

  isPlain(row: PlainSplitter): boolean {
    if (this.#firstBytes[row.ends[0]! - row.starts[0]!] !== 1) return false;
    return this.#headers.some(
      (names) => names.length === row.count && names.every((name, i) => isName(row.text(i), name, i)),
    );
  }

  isRead(fields: readonly Field[]): boolean {
    return this.#headers.some(
      (names) => names.length === fields.length && names.every((name, i) => isName(String(fields[i]), name, i)),
    );
  }

  /** Whether a broken row is a header with quotes after a byte order mark. */
  isMarked(buffer: Buffer, start: number, end: number, splitter: QuotedSplitter): boolean {
    const row = buffer.toString('utf8', start, end);
    if (!row.startsWith(byteOrderMark)) return false;
    const fields: Field[] = [];
    splitter.split(row.slice(1), fields);
    return this.isRead(fields);
  }
}

function isName(text: string, name: string, index: number): boolean {
  return text === name || (index === 0 && text === byteOrderMark + name);
}
