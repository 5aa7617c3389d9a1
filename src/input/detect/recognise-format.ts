import { ImportError } from '../../domain/import-error.ts';
import type { TableDefinition } from '../mysql/definition/table-definition.ts';
import { type Format, flagOf, givenFlags, type ReadingFlags, refuseOtherFlags } from '../reading-flags.ts';
import { isSqlDump } from '../sql/sql-reading.ts';

export type ReadingFacts = {
  /** For messages. */
  readonly fileName: string;
  /** Of a file; a pipe has none, so its name says nothing. */
  readonly path: string | undefined;
  readonly definition: TableDefinition | undefined;
  readonly flags: ReadingFlags;
  /** Whether the sample is the whole file. */
  readonly isWhole: boolean;
  /** The operator's command with these flags in place of those that say how the source is read. */
  commandWith(flags: readonly string[]): string;
};

/** `why` is a clause for the operator. */
export type RecognisedFormat = { readonly format: Format; readonly why: string };

/** The first rule that holds decides. Throws ImportError `usage` where flags contradict each other or none decides. */
export function recogniseFormat(sample: Buffer, facts: ReadingFacts): RecognisedFormat {
  const recognised = firstRule(sample, facts);
  refuseOtherFlags(recognised.format, facts.flags);
  return recognised;
}

function firstRule(sample: Buffer, { flags, definition, path, fileName }: ReadingFacts): RecognisedFormat {
  if (flags.format !== undefined) return { format: flags.format, why: 'as --format says' };
  const { csv, mysql } = givenFlags(flags);
  if (mysql !== undefined) return { format: 'mysql', why: `as ${flagOf(mysql)} says` };
  if (csv !== undefined) return { format: 'csv', why: `as ${flagOf(csv)} says` };
  if (isSqlDump(sample)) return { format: 'sql', why: 'as its head says' };
  if (definition !== undefined && namesColumns(firstLine(sample), definition)) {
    return { format: 'mysql-batch', why: `its first line names columns of table "${definition.name}"` };
  }
  if (path !== undefined && csvName.test(path)) return { format: 'csv', why: 'as its name says' };
  if (definition !== undefined) return { format: 'mysql', why: 'the defaults of mysqldump --tab' };
  if (path !== undefined && tsvName.test(path)) throw undecidedTsv(fileName);
  return { format: 'csv', why: 'the default' };
}

export const csvName = /\.csv(\.gz|\.zst)?$/i;
const tsvName = /\.tsv(\.gz|\.zst)?$/i;

/** Without its line end; empty where the sample has none. */
function firstLine(sample: Buffer): string {
  return sample.toString('utf8', 0, Math.max(0, sample.indexOf('\n'))).replace(/\r$/, '');
}

/** In any order and number, `name+0` among them. */
function namesColumns(line: string, definition: TableDefinition): boolean {
  const names = line.split('\t');
  const isColumn = (name: string) => definition.columns.some((column) => column.name === name);
  return new Set(names).size === names.length && names.every((name) => isColumn(name.replace(/^`?(.+?)`?\+0$/, '$1')));
}

function undecidedTsv(fileName: string): ImportError {
  return new ImportError('usage', `${fileName}: a .tsv file can be CSV or the output of mysql --batch`, {
    hint: "Pass --format mysql-batch if `mysql --batch` wrote it, or --format csv --delimiter '\\t'.",
  });
}
