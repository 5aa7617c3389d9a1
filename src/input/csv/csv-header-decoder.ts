import { parse } from 'csv-parse/sync';
import type { Field } from '../../domain/column.ts';
import type { RowFault } from '../../domain/rejected-row.ts';
import type { FieldDecoder, FramedRows } from '../framed-rows.ts';
import { CsvDecoder, type CsvText } from './csv-decoder.ts';

/**
 * The row that names the columns. A wrong name is wrong in every item, so csv-parse has to read the row alike; the rows
 * after it are split where the framer has found their quotes, which costs a fraction of a call of csv-parse.
 */
export class CsvHeaderDecoder implements FieldDecoder {
  readonly plain = undefined;
  readonly #text: CsvText;
  readonly #decoder: CsvDecoder;

  constructor(text: CsvText) {
    this.#text = text;
    this.#decoder = new CsvDecoder(text);
  }

  get fields(): readonly Field[] {
    return this.#decoder.fields;
  }

  decode(rows: FramedRows, index: number): RowFault | undefined {
    const fault = this.#decoder.decode(rows, index);
    if (fault !== undefined) return fault;
    const names = this.#parsed(rows.buffer.toString('utf8', rows.starts[index], rows.ends[index]));
    if (names?.length === this.fields.length && names.every((name, i) => name === this.fields[i])) return undefined;
    return { code: 'undecodable', message: 'its quotes and escapes can be read in two ways' };
  }

  #parsed(row: string): readonly string[] | undefined {
    const { delimiter, quote, escape: escapedBy } = this.#text;
    try {
      const marks = { delimiter, quote: quote || null, escape: escapedBy || null, record_delimiter: '\n' };
      const [names = []] = parse(row, { ...marks, relax_column_count: true });
      return names;
    } catch {
      return undefined;
    }
  }
}
