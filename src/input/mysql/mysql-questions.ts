import { ImportError } from '../../domain/import-error.ts';
import type { RowFault } from '../../domain/rejected-row.ts';
import type { Quoting } from '../quoted-texts.ts';
import type { ReadingFlags } from '../reading-flags.ts';
import { refuseUnreadableColumns } from './characters/character-set-checks.ts';
import { untoldBits } from './definition/table-columns.ts';
import type { MysqlSettings } from './mysql.ts';
import { bitsInDigits, textsOfEitherSet } from './mysql-sample.ts';

/** What the sample says of a reading besides whether its rows fit. */
type Signs = {
  readonly rows: number;
  /** The character, no letter or digit, with which the last field of every row ends; empty if there is none. */
  readonly lastCharacter: string;
  readonly quoting: Quoting;
  /** The first row whose fields cannot be told apart, or are too many or too few. */
  readonly misshapen: { readonly line: number; readonly fault: RowFault } | undefined;
};

type Facts = { readonly flags: ReadingFlags; readonly fileName: string };

/**
 * Asks about what in the sample can be read in two ways. Throws ImportError `usage` whose hint names the flags for either
 * answer, and `undecodable` for columns that cannot be read.
 */
export function mysqlQuestions(sample: Buffer, settings: MysqlSettings, signs: Signs, facts: Facts): void {
  columnQuestions(sample, settings, facts);
  refuseRawBatch(settings, signs, facts);
  askAboutLineEnd(settings, signs, facts);
  askAboutQuotes(settings, signs, facts);
}

/** The questions about single columns, which may be why no row fits. Throws as `mysqlQuestions` does. */
export function columnQuestions(sample: Buffer, settings: MysqlSettings, facts: Facts): void {
  const { types = {}, omit: omitted = [] } = facts.flags;
  const { columns = [] } = settings;
  refuseUnreadableColumns(settings, { fileName: facts.fileName, columns, omitted, types });
  askAboutDigits(sample, settings, facts);
  askAboutCharacterSet(sample, settings, facts);
}

/** `mysql --batch --raw` writes tabs and newlines of the data as they are, which then cannot be told from separators. */
function refuseRawBatch({ batch }: MysqlSettings, { misshapen }: Signs, { fileName }: Facts): void {
  if (!batch || misshapen === undefined) return;
  const { line, fault } = misshapen;
  throw new ImportError(
    'undecodable',
    `${fileName}, line ${line}: ${fault.message}: output of mysql --batch --raw looks like this, and it cannot be decoded`,
    { hint: 'Dump it again with `mysql --batch --quick`, without --raw, or repair that line.' },
  );
}

/** A longer line terminator than the told one leaves its first characters in the last field. */
export function askAboutLineEnd(
  settings: Pick<MysqlSettings, 'lineTerminator' | 'columns'>,
  { rows, lastCharacter }: Pick<Signs, 'rows' | 'lastCharacter'>,
  { flags, fileName }: Facts,
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

/** Documents end with brackets and quotes, and serialized values of some languages with a semicolon. */
function isSeparator(character: string, flags: ReadingFlags): boolean {
  return (isDefault(flags) ? /[|^~#$%&@]/ : /[|;,^~#!$%&@:\t]/).test(character);
}

/** By default MySQL encloses nothing, so without a flag every text of the sample has to stand between quotes. */
function askAboutQuotes(settings: MysqlSettings, signs: Signs, { flags, fileName }: Facts): void {
  const { texts, withText, quoted, quotes } = signs.quoting;
  const isRare = isDefault(flags) || settings.batch ? quoted < withText : quoted * 2 <= withText;
  // The client encloses nothing, and its header shows that it wrote the rows.
  const isClients = settings.batch && settings.header;
  if (quoted === 0 || isRare || isClients || settings.enclosure !== undefined) return;
  throw asked(
    `${fileName}: texts stand between quotes, and no option says that these enclose them`,
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

/** A BIT that was selected as a number cannot be told from bytes that are digits. */
function askAboutDigits(sample: Buffer, settings: MysqlSettings, { flags, fileName }: Facts): void {
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

function askAboutCharacterSet(sample: Buffer, settings: MysqlSettings, { flags, fileName }: Facts): void {
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
