import { ImportError } from '../../domain/import-error.ts';
import type { Dialect } from '../framed-rows.ts';
import { CsvDecoder, type CsvText } from './csv-decoder.ts';
import { CsvFramer } from './csv-framer.ts';
import { CsvHeaderDecoder } from './csv-header-decoder.ts';

/** Single ASCII characters; `escape` equal to `quote` is RFC 4180's doubled quote. */
export type CsvSettings = CsvText & {
  readonly header: boolean;
  /** Names from `--columns`: a row that equals them is a header. */
  readonly headerNames?: readonly string[];
  readonly maxRowBytes: number;
};

/** CSV by RFC 4180; blank lines are ignored. Throws ImportError `usage` where a border looks like a quote. */
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
        ...{ nullText: undefined, escapeTold: true, nullTold: true, lineEndBytes: undefined },
      }),
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
