import { ImportError } from '../../domain/import-error.ts';
import type { Dialect } from '../framed-rows.ts';
import { CsvDecoder, CsvHeaderDecoder, type CsvText } from './csv-decoder.ts';
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
    headerDecoder: () => new CsvHeaderDecoder(settings),
  };
}

function checkCharacters({ delimiter, quote, escape: escapedBy }: CsvSettings): void {
  if (delimiter !== quote && delimiter !== escapedBy) return;
  const name = delimiter === quote ? 'quoted' : 'escaped';
  throw new ImportError('usage', `fields are separated and ${name} by the same character, so that no row can be read`, {
    hint: 'Pass another --delimiter, --quote or --escape.',
  });
}
