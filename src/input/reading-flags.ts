import type { ToldType } from '../domain/column.ts';
import { ImportError } from '../domain/import-error.ts';
import type { TableDefinition } from './mysql/definition/table-definition.ts';

/** The options that describe the source. An empty quote, escape or enclosure disables it. */
export type ReadingFlags = {
  readonly format?: Format | undefined;
  readonly delimiter?: string | undefined;
  readonly quote?: string | undefined;
  readonly escape?: string | undefined;
  readonly fieldsTerminatedBy?: string | undefined;
  readonly fieldsEnclosedBy?: string | undefined;
  readonly fieldsOptionallyEnclosedBy?: string | undefined;
  readonly fieldsEscapedBy?: string | undefined;
  readonly linesTerminatedBy?: string | undefined;
  readonly linesStartingBy?: string | undefined;
  readonly defaultCharacterSet?: string | undefined;
  readonly null?: string | false | undefined;
  readonly header?: boolean | undefined;
  readonly columns?: readonly string[] | undefined;
  readonly types?: Readonly<Record<string, ToldType>>;
  readonly omit?: readonly string[];
  readonly sourceTable?: string | undefined;
  readonly allowIncomplete?: true | undefined;
};

export type Format = 'csv' | 'mysql' | 'mysql-batch' | 'sql';

/** The options of one family, with their counterparts in the other. */
const csvFlags = {
  delimiter: '--fields-terminated-by',
  quote: '--fields-enclosed-by or --fields-optionally-enclosed-by',
  escape: '--fields-escaped-by',
} as const;
const mysqlFlags = {
  fieldsTerminatedBy: '--delimiter',
  fieldsEnclosedBy: '--quote',
  fieldsOptionallyEnclosedBy: '--quote',
  fieldsEscapedBy: '--escape',
  linesTerminatedBy: undefined,
  linesStartingBy: undefined,
  defaultCharacterSet: undefined,
} as const;
const clientFlags = { null: undefined, header: undefined } as const;
const dumpFlags = { sourceTable: undefined, allowIncomplete: undefined } as const;

const formatNames = {
  csv: 'CSV',
  mysql: 'MySQL text',
  'mysql-batch': 'the output of mysql --batch',
  sql: 'an SQL dump',
};

/** Throws ImportError `usage` for an option that does not apply to this format. */
export function refuseOtherFlags(format: Format, flags: ReadingFlags): void {
  // On Windows, the client ends its lines with CR LF.
  const { linesTerminatedBy: _, ...serverFlags } = mysqlFlags;
  const others = {
    csv: { ...mysqlFlags, ...dumpFlags },
    mysql: { ...csvFlags, ...clientFlags, ...dumpFlags },
    'mysql-batch': { ...csvFlags, ...serverFlags, ...dumpFlags },
    sql: { ...csvFlags, ...mysqlFlags, ...clientFlags },
  }[format];
  const [other] = given(flags, Object.keys(others));
  if (other === undefined) return;
  const right = format === 'csv' || format === 'mysql' ? others[other as keyof typeof others] : undefined;
  const name = formatNames[format];
  throw new ImportError('usage', `${flagOf(other)} does not apply to ${name}`, {
    hint: right === undefined ? `Remove ${flagOf(other)}, or pass another --format.` : `Pass ${right}.`,
  });
}

/** The first option of each family that is passed. Throws ImportError `usage` if both are. */
export function givenFlags(flags: ReadingFlags): {
  readonly csv: string | undefined;
  readonly mysql: string | undefined;
} {
  const [csv] = given(flags, Object.keys(csvFlags));
  const [mysql] = given(flags, Object.keys(mysqlFlags));
  if (csv !== undefined && mysql !== undefined) throw bothFamilies(csv, mysql);
  return { csv, mysql };
}

function given(flags: ReadingFlags, names: readonly string[]): string[] {
  return names.filter((name) => flags[name as keyof ReadingFlags] !== undefined);
}

/** `fieldsTerminatedBy` as the flag `--fields-terminated-by`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function bothFamilies(csv: string, mysql: string): ImportError {
  return new ImportError('usage', `${flagOf(csv)} is for CSV and ${flagOf(mysql)} for MySQL text`, {
    hint: `Pass ${csvFlags[csv as keyof typeof csvFlags]} instead of ${flagOf(csv)}, or remove ${flagOf(mysql)}.`,
  });
}

/** What is known about the source before its format is. */
export type UnreadSource = {
  /** For messages. */
  readonly fileName: string;
  /** Of a file; undefined for a pipe. */
  readonly path: string | undefined;
  /** From `--schema`, or the `.sql` next to the file. */
  readonly definition: TableDefinition | undefined;
  readonly flags: ReadingFlags;
  /** Whether the sample is the whole file. */
  readonly isWhole: boolean;
  /** The operator's command, with these flags in place of those that describe the source. */
  commandWith(flags: readonly string[]): string;
};
