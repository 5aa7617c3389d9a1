import { isUtf8 } from 'node:buffer';
import type { Field } from '../../domain/column.ts';
import type { RowFault } from '../../domain/rejected-row.ts';
import type { FieldDecoder, FramedRows, SplitRow } from '../framed-rows.ts';
import { PlainSplitter } from '../plain-splitter.ts';
import { QuotedSplitter } from './quoted-splitter.ts';

export type CsvText = {
  readonly delimiter: string;
  readonly quote: string;
  readonly escape: string;
  /** Unquoted text that stands for NULL. */
  readonly nullText: string | undefined;
};

/** Splits rows into fields: those without a quote as places in their bytes, the others as text. */
export class CsvDecoder implements FieldDecoder {
  plain: SplitRow | undefined;
  readonly #text: CsvText;
  readonly #splitter: PlainSplitter;
  readonly #quotedSplitter: QuotedSplitter;
  readonly #nullBytes: number;
  readonly #fields: Field[] = [];
  /** True where the fields of the row are still to be made into texts. */
  #isUnread = false;

  constructor(text: CsvText) {
    this.#text = text;
    this.#splitter = new PlainSplitter(text.delimiter);
    this.#quotedSplitter = new QuotedSplitter(text);
    this.#nullBytes = Buffer.byteLength(text.nullText ?? '');
  }

  get fields(): readonly Field[] {
    if (this.#isUnread) this.#readSplit();
    return this.#fields;
  }

  decode(rows: FramedRows, index: number): RowFault | undefined {
    const kind = rows.kinds[index];
    this.plain = undefined;
    if (kind === 'broken') {
      return {
        code: 'misplaced-quote',
        message: 'a quote stands inside an unquoted field, or text follows a closing quote',
      };
    }
    const start = rows.starts[index]!;
    const end = rows.ends[index]!;
    if (!rows.ascii && !isUtf8(rows.buffer.subarray(start, end))) {
      return { code: 'invalid-utf8', message: 'the row is not valid UTF-8' };
    }
    if (kind === 'quoted') {
      this.#takeQuoted(rows, index);
      return undefined;
    }
    const { nullText } = this.#text;
    const splitter = this.#splitter;
    splitter.split(rows.buffer, start, end, rows.ascii);
    this.#isUnread = true;
    if (splitter.needsNoEscape && !(nullText !== undefined && splitter.holds(nullText, this.#nullBytes)))
      this.plain = splitter;
    return undefined;
  }

  #readSplit(): void {
    const fields = this.#fields;
    const { nullText } = this.#text;
    this.#splitter.fill(fields);
    this.#isUnread = false;
    if (nullText === undefined) return;
    for (let i = 0; i < fields.length; i++) if (fields[i] === nullText) fields[i] = null;
  }

  #takeQuoted({ buffer, ascii, starts, ends }: FramedRows, index: number): void {
    const { nullText } = this.#text;
    const fields = this.#fields;
    this.#quotedSplitter.split(buffer.toString(ascii ? 'latin1' : 'utf8', starts[index], ends[index]), fields);
    this.#isUnread = false;
    if (nullText === undefined) return;
    const { quoted } = this.#quotedSplitter;
    for (let i = 0; i < fields.length; i++) if (fields[i] === nullText && !quoted[i]) fields[i] = null;
  }
}
