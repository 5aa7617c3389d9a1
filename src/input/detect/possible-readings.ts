import { ImportError } from '../../domain/import-error.ts';
import type { CsvSettings } from '../csv/csv.ts';
import { toldCsv } from '../csv/told-csv.ts';
import { columnsNamed, type Layout, possibleLayouts } from '../mysql/dump-layouts.ts';
import { type MysqlSettings, mysqlDialect } from '../mysql/mysql.ts';
import { clientSettings, serverSettings, withColumns } from '../mysql/told-settings.ts';
import { areSame, firstRow } from '../sample-rows.ts';
import { type SqlReading, sqlReading } from '../sql/sql-reading.ts';
import type { ReadingFacts, RecognisedFormat } from './recognise-format.ts';

/** How the source is read. `reason`: how and why, as a clause for the operator. */
export type Reading = { readonly reason: string; readonly layout: Layout | undefined } & (
  | { readonly dialect: 'csv'; readonly settings: Omit<CsvSettings, 'maxRowBytes'> }
  | { readonly dialect: 'mysql'; readonly settings: Omit<MysqlSettings, 'maxRowBytes'> }
  | SqlReading
);

/**
 * What the flags and defaults say of the source: one reading or, of a dump without a header, one for each set of columns
 * that a dump of the table can have. Throws ImportError `usage`, `undecodable`, `schema-invalid`, `source-empty`.
 */
export function possibleReadings(format: RecognisedFormat, sample: Buffer, facts: ReadingFacts): readonly Reading[] {
  if (format.format === 'csv') return [csvReading(format.why, sample, facts)];
  if (format.format === 'sql') return [sqlReading(format.why, sample, facts)];
  const { flags, fileName, definition } = facts;
  const told = format.format === 'mysql' ? serverSettings(flags, fileName) : clientSettings(flags, sample);
  const first = firstRow(mysqlDialect({ ...told, header: true }), sample);
  const isHeader = flags.columns === undefined ? told.batch : areSame(first, flags.columns);
  const header = flags.header ?? isHeader;
  const layouts = possibleLayouts(definition, flags.columns ?? (header ? first : undefined));
  if (layouts.length === 0) throw withoutNames(fileName);
  if (!header && layouts.some(({ names }) => areSame(first, names))) throw headerNotTold(fileName, first);
  const reason = `${told.batch ? 'mysql --batch' : 'MySQL text'}, ${format.why}`;
  return layouts.map((layout) => ({
    ...{ dialect: 'mysql', layout, reason: `${reason}${namedBy(layout, header, facts)}` },
    settings: {
      ...withColumns({ ...told, header }, layout.columns, sample, facts),
      ...(layout.columns === undefined && { names: layout.names }),
    },
  }));
}

function csvReading(why: string, sample: Buffer, { flags, definition }: ReadingFacts): Reading {
  const { settings, names, note } = toldCsv(flags, sample, definition !== undefined);
  const layout = names === undefined ? undefined : { names, columns: columnsNamed(definition, names) };
  return {
    dialect: 'csv',
    settings,
    layout,
    reason: `CSV separated by ${characterName(settings.delimiter)}, ${why}${note}`,
  };
}

/** In the words of the operator: what names the fields. */
function namedBy({ names, columns }: Layout, header: boolean, { flags, definition }: ReadingFacts): string {
  if (flags.columns !== undefined) return `; --columns names ${names.length} columns`;
  if (columns === undefined || header) return `; its first line names ${names.length} columns`;
  return `; the definition of table "${definition?.name}" names ${names.length} columns`;
}

/** As the command line takes it. */
function characterName(character: string): string {
  return character === '\t' ? "'\\t'" : `'${character}'`;
}

/** A row of the server's that names the columns, as people put it before a dump by UNION ALL. */
function headerNotTold(fileName: string, names: readonly string[]): ImportError {
  return new ImportError('usage', `${fileName}: its first row names the columns, and MySQL text has no header`, {
    hint: `Pass --columns ${names.join(',')} to treat it as the header.`,
  });
}

function withoutNames(fileName: string): ImportError {
  return new ImportError('schema-invalid', `${fileName}: nothing names the columns of this MySQL text`, {
    hint: 'Pass the .sql file of the dump with --schema, or --columns a,b,...',
  });
}
