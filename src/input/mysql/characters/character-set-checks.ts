import { ImportError } from '../../../domain/import-error.ts';
import type { TableColumn } from '../definition/table-definition.ts';
import { isTextType } from '../definition/table-definition-column.ts';
import type { MysqlSettings } from '../mysql.ts';
import { type CharacterSet, characterSet } from './character-sets.ts';

/** What decides whether the text of a dump can be read. `columns` as `withToldBits` gives them. */
type TextFacts = {
  readonly fileName: string;
  readonly columns: readonly TableColumn[];
  readonly omitted: readonly string[];
  readonly types: Readonly<Record<string, string>>;
};

/**
 * What `--default-character-set` says of the dump, for the settings' `converted`. `name` is as given, undefined if it was
 * not. Throws ImportError `usage` for any other set than that of all text columns: such a dump was converted to it.
 */
export function isConverted(name: string | undefined, facts: TextFacts): boolean | undefined {
  if (name === undefined) return undefined;
  const set = characterSet(name);
  if (set?.kind === 'utf8') return true;
  if (set?.kind === 'binary') return false;
  const texts = readColumns(facts).filter(({ sqlType }) => isTextType(sqlType));
  const areOfThisSet = texts.every(({ characterSet: own }) => characterSet(own ?? '')?.name === set?.name);
  if (set !== undefined && 'decode' in set && facts.columns.length > 0 && areOfThisSet) return false;
  throw new ImportError('usage', `${facts.fileName}: --default-character-set=${name} cannot be read`, {
    hint: 'Pass utf8mb4 if the dump was made with it, or binary if no character set was named; dump others again.',
  });
}

/**
 * Refuses columns that can't be read, before the first row. Throws ImportError `undecodable` for text of a multi-byte
 * character set, and for binary and BIT columns of a dump that was converted, since mysqldump destroys their bytes.
 */
export function refuseUnreadableColumns(
  { batch, converted }: Pick<MysqlSettings, 'batch' | 'converted'>,
  facts: TextFacts,
): void {
  if (batch) return;
  if (converted === true) refuseConvertedBytes(facts);
  else refuseMultiByteText(facts);
}

function refuseConvertedBytes({ fileName, types, ...facts }: TextFacts): void {
  const isAscii = (name: string) => Object.hasOwn(types, name) && ['HEX', 'BASE64'].includes(types[name]!);
  const lost = readColumns({ fileName, types, ...facts }).filter(({ name, sqlType, bits, binary }) => {
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

function refuseMultiByteText({ fileName, ...facts }: TextFacts): void {
  const unread = readColumns({ fileName, ...facts }).filter(({ characterSet: name }) => name && !isReadable(name));
  const [first] = unread;
  if (first === undefined) return;
  throw new ImportError(
    'undecodable',
    `${fileName}: the character set ${first.characterSet} of ${quoted([first])} cannot be read because its characters may contain separators`,
    {
      hint: `Dump the table with \`mysql --batch --default-character-set=utf8mb4\` and pass \`--format mysql-batch\`, or pass \`--omit ${unread.map(({ name }) => name).join(',')}\`.`,
    },
  );
}

function readColumns({ columns, omitted }: TextFacts): TableColumn[] {
  return columns.filter(({ name }) => !omitted.includes(name));
}

function isReadable(name: string): boolean {
  const set: CharacterSet | undefined = characterSet(name);
  return set !== undefined && set.kind !== 'multi-byte';
}

function isBinaryType(sqlType: string): boolean {
  return /^(var)?binary\b|blob\b/.test(sqlType);
}

function quoted(columns: readonly TableColumn[]): string {
  return columns.map(({ name }) => `"${name}"`).join(', ');
}
