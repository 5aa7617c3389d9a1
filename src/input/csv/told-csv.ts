import type { ReadingFlags } from '../reading-flags.ts';
import { areSame, firstLineEndBytes, firstRow } from '../sample-rows.ts';
import { type CsvSettings, csvDialect } from './csv.ts';

/** How CSV is read. `names`: of the columns, undefined where nothing names them. `note`: a clause for the operator. */
type ToldCsv = {
  readonly settings: Omit<CsvSettings, 'maxRowBytes'>;
  readonly names: readonly string[] | undefined;
  readonly note: string;
};

/** What the flags and the defaults say. A first row that equals `--columns` is the header. */
export function toldCsv(flags: ReadingFlags, sample: Buffer, schemaTold: boolean): ToldCsv {
  const { delimiter = ',', quote = '"', columns } = flags;
  const nullText = flags.null === false ? undefined : flags.null;
  const told = { delimiter, quote, escape: flags.escape ?? quote, nullText, escapeTold: flags.escape !== undefined };
  const text = { ...told, nullTold: flags.null !== undefined, schemaTold };
  const dialect = (header: boolean) => csvDialect({ ...text, header, maxRowBytes: sample.length });
  const first = firstRow(dialect(true), sample);
  const isHeader = columns !== undefined && areSame(first, columns);
  const header = flags.header ?? (columns === undefined || isHeader);
  const lineEndBytes = schemaTold ? firstLineEndBytes(dialect(header), sample) : undefined;
  return {
    settings: {
      ...{ ...text, header, lineEndBytes },
      ...(columns !== undefined && flags.header !== false && { headerNames: columns }),
    },
    names: columns ?? (header && first.length > 0 ? first : undefined),
    note: isHeader && flags.header === undefined ? '; its first row equals --columns and is the header' : '',
  };
}
