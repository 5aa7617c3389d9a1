import { ImportError } from '../../domain/import-error.ts';
import type { Dialect } from '../framed-rows.ts';
import { CsvDecoder } from './csv-decoder.ts';
import { CsvFramer } from './csv-framer.ts';

/** Single ASCII characters; `escape` equal to `quote` is RFC 4180's doubled quote. */
export type CsvSettings = {
  readonly delimiter: string;
  readonly quote: string;
  readonly escape: string;
  readonly nullText: string | undefined;
  readonly header: boolean;
  readonly maxRowBytes: number;
};

/** CSV by RFC 4180; blank lines are no rows. Throws ImportError `usage` where a border looks like a quote. */
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
    framer: (fileName, line) => new CsvFramer(bytes, fileName, line, settings.maxRowBytes),
    decoder: () => new CsvDecoder(settings),
    headerDecoder: () => new CsvDecoder({ ...settings, nullText: undefined }),
  };
}

/** One of them may be the default, or what the file's name or first rows say. */
function checkCharacters({ delimiter, quote, escape: escapedBy }: CsvSettings): void {
  if (delimiter !== quote && delimiter !== escapedBy) return;
  const name = delimiter === quote ? 'quoted' : 'escaped';
  throw new ImportError('usage', `fields are separated and ${name} by the same character, so that no row can be read`, {
    hint: 'Name another --delimiter, --quote or --escape.',
  });
}
