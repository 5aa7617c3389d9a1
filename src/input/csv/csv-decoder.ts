import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import type { Field } from '../../domain/column.ts';
import type { RowFault } from '../../domain/rejected-row.ts';
import type { FieldDecoder, FramedRows, SplitRow } from '../framed-rows.ts';
import { PlainSplitter } from '../plain-splitter.ts';

export type CsvText = {
  readonly delimiter: string;
  readonly quote: string;
  readonly escape: string;
  /** Unquoted text that stands for NULL. */
  readonly nullText: string | undefined;
};

/**
 * Rows without a quote are split directly. The others of a chunk go through csv-parse in one call, because a call costs
 * more than a row.
 */
export class CsvDecoder implements FieldDecoder {
  plain: SplitRow | undefined;
  readonly #text: CsvText;
  readonly #splitter: PlainSplitter;
  readonly #nullBytes: number;
  readonly #fields: Field[] = [];
  /** True where the fields of the row are still to be made into texts. */
  #isUnread = false;
  /** The quoted rows of `#parsedBuffer` by their index. */
  #parsed = new Map<number, Field[]>();
  #parsedBuffer: Buffer | undefined;

  constructor(text: CsvText) {
    this.#text = text;
    this.#splitter = new PlainSplitter(text.delimiter);
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
    if (kind === 'quoted') return this.#takeParsed(rows, index);
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

  #takeParsed(rows: FramedRows, index: number): RowFault | undefined {
    if (this.#parsedBuffer !== rows.buffer) this.#parseQuotedRows(rows);
    const parsed = this.#parsed.get(index);
    if (parsed === undefined) return { code: 'undecodable', message: 'the quotes of the row do not match' };
    for (let i = 0; i < parsed.length; i++) this.#fields[i] = parsed[i]!;
    this.#fields.length = parsed.length;
    this.#isUnread = false;
    return undefined;
  }

  #parseQuotedRows(rows: FramedRows): void {
    this.#parsedBuffer = rows.buffer;
    this.#parsed.clear();
    const indexes: number[] = [];
    const texts: string[] = [];
    for (let i = 0; i < rows.count; i++) {
      if (rows.kinds[i] !== 'quoted') continue;
      const bytes = rows.buffer.subarray(rows.starts[i]!, rows.ends[i]!);
      if (!rows.ascii && !isUtf8(bytes)) continue;
      indexes.push(i);
      texts.push(bytes.toString('utf8'));
    }
    const together = this.#parse(texts.join('\n'));
    indexes.forEach((index, i) => {
      // A row that csv-parse reads otherwise than the framer would shift all that follow: then each is read alone.
      const fields = together?.length === texts.length ? together[i] : this.#parseAlone(texts[i]!);
      if (fields !== undefined) this.#parsed.set(index, fields);
    });
  }

  #parseAlone(text: string): Field[] | undefined {
    const parsed = this.#parse(text);
    return parsed?.length === 1 ? parsed[0] : undefined;
  }

  #parse(text: string): Field[][] | undefined {
    const { nullText, ...marks } = this.#text;
    try {
      return parse(text, {
        ...marks,
        record_delimiter: '\n',
        relax_column_count: true,
        // Only where it is needed: it multiplies the cost of a row.
        ...(nullText !== undefined && {
          cast: (field: string, context: { quoting: boolean }) =>
            field === nullText && !context.quoting ? null : field,
        }),
      }) as unknown as Field[][];
    } catch {
      return undefined;
    }
  }
}
