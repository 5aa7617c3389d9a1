import { ImportError } from '../../domain/import-error.ts';
import type { ReadingFlags } from '../reading-flags.ts';
import { characterSet } from './characters/character-sets.ts';
import { isTextType, type TableColumn, withToldBits } from './definition/table-column.ts';
import { findColumn, type TableDefinition } from './definition/table-definition.ts';
import { provenBits } from './mysql-sample.ts';
import { type MysqlSettings, mysqlDefaults } from './mysql-settings.ts';

const { maxRowBytes: _bytes, columns: _columns, names: _names, ...defaults } = mysqlDefaults;

/** Settings that do not depend on the columns. */
type TextSettings = Omit<MysqlSettings, 'maxRowBytes' | 'columns' | 'names'>;

/** What the server writes, according to flags and mysqldump's defaults. Throws ImportError `usage`, `undecodable`. */
export function serverSettings(flags: ReadingFlags, fileName: string): TextSettings {
  const {
    fieldsEnclosedBy: all,
    fieldsOptionallyEnclosedBy: texts,
    fieldsEscapedBy: escaped = defaults.escape,
  } = flags;
  if (all && texts)
    throw new ImportError('usage', 'fields are enclosed and optionally enclosed', { hint: oneEnclosure });
  const enclosure = all || texts || undefined;
  if (escaped === '')
    throw undecodable(fileName, '--fields-escaped-by=', 'NULL and separators cannot be told from text');
  if (escaped === enclosure)
    throw undecodable(fileName, `--fields-escaped-by='${escaped}'`, 'NULL is an unbalanced quote');
  return {
    ...defaults,
    enclosure,
    optionallyEnclosed: Boolean(!all && texts),
    escape: escaped,
    fieldTerminator: flags.fieldsTerminatedBy ?? defaults.fieldTerminator,
    lineTerminator: flags.linesTerminatedBy ?? defaults.lineTerminator,
    lineStart: flags.linesStartingBy ?? defaults.lineStart,
    omitted: flags.omit ?? [],
  };
}

const oneEnclosure = 'Pass --fields-enclosed-by or --fields-optionally-enclosed-by, as the dump was made.';

/** What `mysql --batch` writes. On Windows it ends lines with CR LF, which the line of names shows. */
export function clientSettings(flags: ReadingFlags, sample: Buffer): TextSettings {
  const isWindows = flags.header !== false && sample.toString('latin1', 0, sample.indexOf('\n')).endsWith('\r');
  const lineTerminator = flags.linesTerminatedBy ?? (isWindows ? '\r\n' : '\n');
  return {
    ...defaults,
    batch: true,
    header: flags.header ?? true,
    lineTerminator,
    nullText: flags.null === false ? 'text' : 'null',
    omitted: flags.omit ?? [],
  };
}

/** The settings for rows of these columns, which also determine how BIT and text are read. */
export function withColumns(
  told: TextSettings,
  declared: readonly TableColumn[] | undefined,
  sample: Buffer,
  { flags, fileName }: { readonly flags: ReadingFlags; readonly fileName: string },
): Omit<MysqlSettings, 'maxRowBytes'> {
  const { types = {}, omit: omitted = [] } = flags;
  if (declared === undefined) return { ...told, columns: undefined };
  const columns = withToldBits(declared, types).map((column) => withToldWord(column, told, types));
  const converted = isConverted(flags.defaultCharacterSet, fileName, columns, omitted);
  const settings = { ...told, columns, converted };
  return { ...settings, bits: provenBits(sample, { ...settings, maxRowBytes: sample.length + 1 }, columns) };
}

/** In a column whose type `--types` gives, the word NULL is text. */
function withToldWord(
  column: TableColumn,
  { batch }: TextSettings,
  types: NonNullable<ReadingFlags['types']>,
): TableColumn {
  const isText = !batch && column.bits === undefined && Object.hasOwn(types, column.name);
  return isText ? { ...column, nullable: false } : column;
}

function undecodable(fileName: string, made: string, why: string): ImportError {
  return new ImportError('undecodable', `${fileName}: a dump made with ${made} cannot be decoded: ${why}`, {
    hint: 'Dump it again with `mysqldump --tab=DIR db table`, without that option.',
  });
}

/** The fields of rows. */
export type Layout = {
  readonly names: readonly string[];
  /** Undefined without a table definition. */
  readonly columns: readonly TableColumn[] | undefined;
};

/**
 * The fields that rows of a dump can have, most likely first; empty if nothing is known. `SELECT *` leaves out invisible
 * columns; some versions of mysqldump list the columns, including invisible ones but not generated ones.
 */
export function possibleLayouts(
  definition: TableDefinition | undefined,
  names: readonly string[] | undefined,
): readonly Layout[] {
  if (names !== undefined) return [{ names, columns: columnsNamed(definition, names) }];
  if (definition === undefined) return [];
  const all = definition.columns;
  const choices = [
    all.filter((column) => !column.invisible),
    all,
    all.filter((column) => !column.generated),
    all.filter((column) => !column.generated && !column.invisible),
  ];
  const different = new Map(choices.map((columns) => [JSON.stringify(columns.map(({ name }) => name)), columns]));
  return [...different.values()].map((columns) => ({ names: columns.map(({ name }) => name), columns }));
}

/** The columns under these names, in their order, including expressions (`flags+0`); undefined without a table definition. */
export function columnsNamed(
  definition: TableDefinition | undefined,
  names: readonly string[],
): readonly TableColumn[] | undefined {
  if (definition === undefined) return undefined;
  return names.map((name) => {
    const column = findColumn(definition, name);
    return column === undefined ? expressionColumn(definition, name) : { ...column, name };
  });
}

function expressionColumn(definition: TableDefinition, name: string): TableColumn {
  const bit = /^`?(.+?)`?\s{0,9}\+\s{0,9}0$/.exec(name)?.[1];
  const isNumber = bit !== undefined && findColumn(definition, bit)?.bits !== undefined;
  return { name, sqlType: '', type: isNumber ? 'N' : 'S', binary: false, nullable: true };
}

/** Throws ImportError `usage` if another layout has as many fields as the chosen one. */
export function refuseTwins(layouts: readonly Layout[], chosen: Layout): void {
  const own = chosen.names.join();
  const twin = layouts.find(({ names }) => names.length === chosen.names.length && names.join() !== own);
  if (twin === undefined) return;
  throw new ImportError(
    'usage',
    `rows have ${chosen.names.length} fields, and the table has two sets of ${chosen.names.length} columns`,
    { hint: `Pass --columns ${chosen.names.join(',')} or --columns ${twin.names.join(',')}.` },
  );
}

/**
 * The settings' `converted` according to `--default-character-set`, whose value is `name`. Throws ImportError `usage` for any
 * other set than that of all text columns, because such a dump was converted to it.
 */
export function isConverted(
  name: string | undefined,
  fileName: string,
  columns: readonly TableColumn[],
  omitted: readonly string[],
): boolean | undefined {
  if (name === undefined) return undefined;
  const set = characterSet(name);
  if (set?.kind === 'utf8') return true;
  if (set?.kind === 'binary') return false;
  const texts = columns.filter((column) => isTextType(column.sqlType) && !omitted.includes(column.name));
  const areOfThisSet = texts.every(({ characterSet: own }) => characterSet(own ?? '')?.name === set?.name);
  if (set !== undefined && 'decode' in set && columns.length > 0 && areOfThisSet) return false;
  throw new ImportError('usage', `${fileName}: --default-character-set=${name} cannot be read`, {
    hint: 'Pass utf8mb4 if the dump was made with it, or binary if no character set was named; dump others again.',
  });
}
