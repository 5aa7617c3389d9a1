import { parse } from 'csv-parse/sync';
import type { Field } from '../../domain/column.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { RowFault } from '../../domain/row.ts';
import type { Dialect, FieldDecoder, FramedRows } from '../framed-rows.ts';
import { CsvDecoder, type CsvText } from './csv-decoder.ts';
import { CsvFramer } from './csv-framer.ts';

/** Single ASCII characters; `escape` equal to `quote` is RFC 4180's doubled quote. */
export type CsvSettings = CsvText & {
  readonly header: boolean;
  /** Names from `--columns`; a row that equals them is a header. */
  readonly headerNames?: readonly string[];
  readonly maxRowBytes: number;
};

/** CSV as in RFC 4180; blank lines are ignored. Throws ImportError `usage` if the delimiter is also the quote or escape. */
export function csvDialect(settings: CsvSettings): Dialect {
  checkCharacters(settings);
  const bytes = {
    delimiter: settings.delimiter.charCodeAt(0),
    quote: settings.quote.charCodeAt(0),
    escape: settings.escape.charCodeAt(0),
  };
  return {
    name: 'csv',
    header: settings.header,
    skipsByteOrderMark: true,
    keepsCarriageReturns: false,
    rejectExtension: 'csv',
    framer: (fileName, line) => new CsvFramer(bytes, fileName, line, settings.maxRowBytes, !settings.escapeTold),
    decoder: (_binary, header) =>
      new CsvDecoder(
        settings,
        [header, settings.headerNames].filter((names) => names !== undefined),
      ),
    headerDecoder: () =>
      new CsvHeaderDecoder({
        ...settings,
        nullText: undefined,
        escapeTold: true,
        nullTold: true,
        lineEndBytes: undefined,
      }),
  };
}

function checkCharacters({ delimiter, quote, escape: escapedBy }: CsvSettings): void {
  if (delimiter !== quote && delimiter !== escapedBy) return;
  const name = delimiter === quote ? 'quoted' : 'escaped';
  throw new ImportError('usage', `fields are separated and ${name} by the same character, so that no row can be read`, {
    hint: 'Pass another --delimiter, --quote or --escape.',
  });
}

/**
 * Decodes the row that names the columns. A wrong name would be wrong in every item, so csv-parse must read the row in the
 * same way. Other rows are split without csv-parse, at a fraction of its cost.
 */
class CsvHeaderDecoder implements FieldDecoder {
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
