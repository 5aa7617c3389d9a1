import { CsvDecoder } from './csv-decoder.ts';
import { CsvFramer } from './csv-framer.ts';
import type { Dialect } from './framed-rows.ts';

/** Single ASCII characters; `escape` equal to `quote` is RFC 4180's doubled quote. */
export type CsvSettings = {
  readonly delimiter: string;
  readonly quote: string;
  readonly escape: string;
  readonly nullText: string | undefined;
  readonly header: boolean;
  readonly maxRowBytes: number;
};

/** CSV by RFC 4180; blank lines are no rows. */
export function csvDialect(settings: CsvSettings): Dialect {
  const bytes = {
    delimiter: settings.delimiter.charCodeAt(0),
    quote: settings.quote.charCodeAt(0),
    escape: settings.escape.charCodeAt(0),
  };
  return {
    name: 'csv',
    header: settings.header,
    skipsByteOrderMark: true,
    rejectExtension: 'csv',
    framer: (fileName, line) => new CsvFramer(bytes, fileName, line, settings.maxRowBytes),
    decoder: () => new CsvDecoder(settings),
  };
}
