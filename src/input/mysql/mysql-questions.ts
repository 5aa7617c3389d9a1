import { shellWord } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { RowFault } from '../../domain/row.ts';
import type { ReadingFlags, UnreadSource } from '../reading-flags.ts';
import { characterSet, isWide } from './characters/character-sets.ts';
import { type TableColumn, untoldBits } from './definition/table-column.ts';
import { bitsInDigits, type Quoting, textsOfEitherSet } from './mysql-sample.ts';
import type { MysqlSettings } from './mysql-settings.ts';

/** What the sample shows of a reading, apart from whether its rows fit. See SampleCheck. */
type Signs = {
  readonly rows: number;
  readonly firstCharacters: string;
  readonly lastCharacter: string;
  readonly quoting: Quoting;
  readonly misshapen: { readonly line: number; readonly fault: RowFault } | undefined;
};

type NamedSource = Pick<UnreadSource, 'flags' | 'fileName'>;

/**
 * Asks about what can be read in two ways in the sample. Throws ImportError `usage`, whose hint has the flags for either
 * answer, and `undecodable` for columns that cannot be read.
 */
export function mysqlQuestions(sample: Buffer, settings: MysqlSettings, signs: Signs, source: NamedSource): void {
  columnQuestions(sample, settings, source);
  refuseRawBatch(settings, signs, source);
  refuseNul(sample, settings, source);
  askAboutLineStart(settings, signs, source);
  askAboutLineEnd(settings, signs, source);
  askAboutQuotes(settings, signs, source);
}

/** Asks about single columns, which may be why no row fits. Throws as `mysqlQuestions` does. */
export function columnQuestions(sample: Buffer, settings: MysqlSettings, source: NamedSource): void {
  refuseUnreadableColumns(settings, source);
  askAboutDigits(sample, settings, source);
  askAboutCharacterSet(sample, settings, source);
}

/** MySQL escapes NUL, except in BIT columns, but not the bytes of UTF-16 and its like. */
function refuseNul(sample: Buffer, { columns = [] }: MysqlSettings, { fileName }: NamedSource): void {
  if (!sample.includes(0) || columns.some(({ bits }) => bits !== undefined)) return;
  throw new ImportError(
    'undecodable',
    `${fileName}: it holds NUL bytes, which MySQL escapes in text that can be read`,
    {
      hint: 'Dump it again without --raw, and without CHARACTER SET utf16, utf16le, ucs2 or utf32.',
    },
  );
}

/** `mysql --batch --raw` does not escape tabs and newlines in the data, so they look like separators. */
function refuseRawBatch({ batch, columns = [] }: MysqlSettings, { misshapen }: Signs, { fileName }: NamedSource): void {
  if (!batch || misshapen === undefined) return;
  const { line, fault } = misshapen;
  const names = columns.map(({ name }) => name).join(',');
  const server =
    names === '' ? '' : `, or pass --format mysql --columns ${shellWord(names)} if SELECT ... INTO OUTFILE wrote it`;
  throw new ImportError(
    'undecodable',
    `${fileName}, line ${line}: ${fault.message}; this may be output of mysql --batch --raw, which cannot be decoded`,
    { hint: `Dump it again with \`mysql --batch --quick\`, without --raw, or repair that line${server}.` },
  );
}

/** `--lines-starting-by` writes the same characters before every row. */
function askAboutLineStart(
  { lineStart, columns, enclosure, fieldTerminator }: MysqlSettings,
  { rows, firstCharacters }: Signs,
  { flags, fileName }: NamedSource,
): void {
  const [first] = columns ?? [];
  const isTold = first !== undefined && Object.hasOwn(flags.types ?? {}, first.name);
  if (rows < 2 || lineStart !== '' || enclosure !== undefined || isTold) return;
  // JSON documents begin with brackets.
  if (!/^[!#$%&*+,./:;<=>?@^_`|~-]{2}$/.test(firstCharacters) || firstCharacters.includes(fieldTerminator)) return;
  throw asked(
    `${fileName}: every row begins with ${firstCharacters}, as MySQL writes rows with --lines-starting-by`,
    `Pass --lines-starting-by with the characters before the first field${orText(first?.sqlType ? [first.name] : [])}.`,
  );
}

/** If the line terminator is longer than specified, its first characters are in the last field. */
export function askAboutLineEnd(
  settings: Pick<MysqlSettings, 'lineTerminator' | 'columns'>,
  { rows, lastCharacter }: Pick<Signs, 'rows' | 'lastCharacter'>,
  { flags, fileName }: NamedSource,
  dialect: 'csv' | 'mysql' = 'mysql',
): void {
  const { lineTerminator, columns } = settings;
  const last = columns?.at(-1);
  const isTold = last !== undefined && Object.hasOwn(flags.types ?? {}, last.name);
  if (rows === 0 || lastCharacter === '' || isTold || last?.type === 'N') return;
  if (lastCharacter === '\r' ? lineTerminator.includes('\r') : !isSeparator(lastCharacter, flags)) return;
  const found = `${lastCharacter}${lineTerminator}`.replaceAll('\r', '\\r').replaceAll('\n', '\\n');
  throw asked(
    `${fileName}: every line ends with ${found}, and only its end is read as the line terminator`,
    `Pass ${dialect === 'csv' ? '--format mysql ' : ''}--lines-terminated-by '${found}'${orText(last?.sqlType ? [last.name] : [])}.`,
  );
}

/** JSON documents end with brackets and quotes, and serialized values of some languages with a semicolon. */
function isSeparator(character: string, flags: ReadingFlags): boolean {
  return (isDefault(flags) ? /[|^~#$%&@]/ : /[|;,^~#!$%&@:\t]/).test(character);
}

/** By default MySQL encloses nothing, so without a flag every text of the sample must be between quotes. */
function askAboutQuotes(settings: MysqlSettings, signs: Signs, { flags, fileName }: NamedSource): void {
  const { texts, withText, quoted, quotes } = signs.quoting;
  const isRare = isDefault(flags) || settings.batch ? quoted < withText : quoted * 2 <= withText;
  // The client never encloses fields, and its header shows that it wrote the rows.
  const isClients = settings.batch && settings.header;
  if (quoted === 0 || isRare || isClients || settings.enclosure !== undefined) return;
  throw asked(
    `${fileName}: texts are between quotes, and no option says that these enclose them`,
    `Pass ${settings.batch ? '--format mysql ' : ''}--fields-optionally-enclosed-by ${quotes === "'" ? `"'"` : `'"'`}${orText(texts)}.`,
  );
}

function orText(columns: readonly string[]): string {
  return columns.length === 0
    ? ''
    : `, or --types ${columns.map((name) => `${name}=S`).join(',')} if it belongs to the values`;
}

function isDefault({ format, fieldsTerminatedBy, linesTerminatedBy }: ReadingFlags): boolean {
  return format === undefined && fieldsTerminatedBy === undefined && linesTerminatedBy === undefined;
}

/** A BIT that was selected as a number looks like bytes that are digits. */
function askAboutDigits(sample: Buffer, settings: MysqlSettings, { flags, fileName }: NamedSource): void {
  const { types = {}, omit = [] } = flags;
  const untold = untoldBits(settings.columns ?? [], types, omit).map(({ name }) => name);
  if (untold.length === 0) return;
  const digits = bitsInDigits(sample, settings, settings.columns ?? []).filter((name) => untold.includes(name));
  if (digits.length === 0) return;
  const typed = (type: string) => `--types ${digits.map((name) => `${name}=${type}`).join(',')}`;
  throw asked(
    `${fileName}: BIT columns hold nothing but digits: ${digits.map((name) => `"${name}"`).join(', ')}`,
    `Pass ${typed('N')} if they were selected as numbers (flags+0), or ${typed('B')} to keep their bytes.`,
  );
}

function askAboutCharacterSet(sample: Buffer, settings: MysqlSettings, { flags, fileName }: NamedSource): void {
  const { columns = [] } = settings;
  const [text] = textsOfEitherSet(sample, settings, columns, flags.types ?? {});
  if (text === undefined) return;
  const set = columns.find(({ name }) => name === text)?.characterSet;
  throw asked(
    `${fileName}: values of column "${text}" can be read as ${set} and as UTF-8`,
    'Pass --default-character-set=utf8mb4 if the dump was made with it, or --default-character-set=binary if not.',
  );
}

function asked(message: string, hint: string): ImportError {
  return new ImportError('usage', message, { hint });
}

/** Throws ImportError `undecodable` for columns that are read and cannot be. */
export function refuseUnreadableColumns(
  { batch, converted, columns = [] }: MysqlSettings,
  { flags, fileName }: NamedSource,
): void {
  const { types = {}, omit = [] } = flags;
  if (batch) return;
  const read = columns.filter(({ name }) => !omit.includes(name));
  if (converted === true) refuseConvertedBytes(read, types, fileName);
  else refuseMultiByteText(columns, read, fileName);
}

/** mysqldump destroys the bytes of binary and BIT columns that it converts. */
function refuseConvertedBytes(
  columns: readonly TableColumn[],
  types: Readonly<Record<string, string>>,
  fileName: string,
): void {
  const isAscii = (name: string) => Object.hasOwn(types, name) && ['HEX', 'BASE64'].includes(types[name]!);
  const lost = columns.filter(({ name, sqlType, bits, binary }) => {
    return (bits !== undefined || binary || isBinaryType(sqlType)) && !isAscii(name);
  });
  if (lost.length === 0) return;
  throw new ImportError(
    'undecodable',
    `${fileName}: mysqldump --default-character-set=utf8mb4 destroys the bytes of ${quoted(lost)}`,
    {
      hint: `Dump the table without that option and import it without \`--default-character-set\`, or pass \`--omit ${lost.map(({ name }) => name).join(',')}\`.`,
    },
  );
}

/** Wide text breaks rows even in a column that is omitted. */
function refuseMultiByteText(all: readonly TableColumn[], read: readonly TableColumn[], fileName: string): void {
  const wide = all.find((column) => isWide(column.characterSet));
  const unread = read.filter(
    ({ characterSet: name }) => name && (characterSet(name)?.kind ?? 'multi-byte') === 'multi-byte',
  );
  const first = wide ?? unread[0];
  if (first === undefined) return;
  const omitted = wide === undefined ? `, or pass \`--omit ${unread.map(({ name }) => name).join(',')}\`` : '';
  throw new ImportError(
    'undecodable',
    `${fileName}: the character set ${first.characterSet} of ${quoted([first])} cannot be read because its characters may contain separators`,
    {
      hint: `Dump the table with \`mysql --batch --default-character-set=utf8mb4\` and pass \`--format mysql-batch\`${omitted}.`,
    },
  );
}

function isBinaryType(sqlType: string): boolean {
  return /^(var)?binary\b|blob\b/.test(sqlType);
}

function quoted(columns: readonly TableColumn[]): string {
  return columns.map(({ name }) => `"${name}"`).join(', ');
}
