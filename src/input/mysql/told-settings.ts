import { ImportError } from '../../domain/import-error.ts';
import type { ReadingFlags } from '../reading-flags.ts';
import { isConverted } from './characters/character-set-checks.ts';
import { withToldBits } from './definition/table-columns.ts';
import type { TableColumn } from './definition/table-definition.ts';
import { type MysqlSettings, mysqlDefaults } from './mysql.ts';
import { provenBits } from './mysql-sample.ts';

const { maxRowBytes: _bytes, columns: _columns, names: _names, ...defaults } = mysqlDefaults;

/** What is told of the text before its columns are known. */
type ToldSettings = Omit<MysqlSettings, 'maxRowBytes' | 'columns' | 'names'>;

/** What the server writes, by the flags and mysqldump's defaults. Throws ImportError `usage`, `undecodable`. */
export function serverSettings(flags: ReadingFlags, fileName: string): ToldSettings {
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
    ...{ ...defaults, enclosure, optionallyEnclosed: Boolean(!all && texts), escape: escaped },
    fieldTerminator: flags.fieldsTerminatedBy ?? defaults.fieldTerminator,
    lineTerminator: flags.linesTerminatedBy ?? defaults.lineTerminator,
    lineStart: flags.linesStartingBy ?? defaults.lineStart,
    omitted: flags.omit ?? [],
  };
}

const oneEnclosure = 'Pass --fields-enclosed-by or --fields-optionally-enclosed-by, as the dump was made.';

/** What `mysql --batch` writes. On Windows it ends lines with CR LF, which shows in the line of names. */
export function clientSettings(flags: ReadingFlags, sample: Buffer): ToldSettings {
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

/** The settings for rows of these columns, which also decide how BIT and text are read. */
export function withColumns(
  told: ToldSettings,
  declared: readonly TableColumn[] | undefined,
  sample: Buffer,
  { flags, fileName }: { readonly flags: ReadingFlags; readonly fileName: string },
): Omit<MysqlSettings, 'maxRowBytes'> {
  const { types = {}, omit: omitted = [] } = flags;
  if (declared === undefined) return { ...told, columns: undefined };
  const columns = withToldBits(declared, types).map((column) => withToldWord(column, told, types));
  const converted = isConverted(flags.defaultCharacterSet, { fileName, columns, omitted, types });
  const settings = { ...told, columns, converted };
  return { ...settings, bits: provenBits(sample, { ...settings, maxRowBytes: sample.length + 1 }, columns) };
}

/** In a column whose type is told, the word NULL is text. */
function withToldWord(
  column: TableColumn,
  { batch }: ToldSettings,
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
