import type { ColumnType, KeyType } from '../../../domain/column.ts';
import { characterSet } from '../characters/character-sets.ts';
import type { SqlWord } from './sql-words.ts';

/** A column, and whether it is declared as the primary key itself. */
export type DefinedColumn = TableColumn & { readonly primary: boolean };

const numbers =
  /^(tinyint|smallint|mediumint|middleint|int|integer|bigint|int[12348]|decimal|dec|numeric|fixed|float|float[48]|double|real|year|bool|boolean|serial|bit)\b/;
const bytes =
  /^(binary|varbinary|(tiny|medium|long)?blob|long varbinary|geometry|geometrycollection|geomcollection|(multi)?(point|linestring|polygon)|vector)\b/;
const texts = /^(national |n)?(char|character|varchar|varcharacter|(tiny|medium|long)?text|long)\b/;
/** Words that can follow the first word of a type. */
const typeWords = new Set([
  ...['precision', 'varying', 'varchar', 'varbinary', 'char', 'character', 'unsigned', 'signed', 'zerofill', 'byte'],
]);

/** Parses a column from the words between two commas of a CREATE TABLE. */
export function readColumn(item: readonly SqlWord[]): DefinedColumn {
  const [name, ...rest] = item;
  const sqlType = readType(rest);
  const words = outermostWords(rest);
  const has = (...sequence: string[]) => words.some((_, at) => sequence.every((text, i) => words[at + i] === text));
  const type = columnType(sqlType);
  const characterSet = characterSetIn(rest);
  const members = membersIn(rest);
  const bits = /^bit(?:\((\d+)\))?/.exec(sqlType);
  return {
    name: name!.text,
    sqlType,
    type,
    binary: type === 'B',
    ...(bits !== null && { bits: Number(bits[1] ?? 1) }),
    ...(members !== undefined && { members }),
    nullable: !has('not', 'null') && !sqlType.startsWith('serial'),
    ...((has('as') || has('generated')) && { generated: true as const }),
    ...(has('invisible') && { invisible: true as const }),
    ...(characterSet !== undefined && { characterSet }),
    primary: has('primary', 'key'),
  };
}

/** The type, without what follows it: `double precision unsigned`, `enum('a','b')`. */
function readType(words: readonly SqlWord[]): string {
  let type = words[0]?.text ?? '';
  let at = 1;
  for (let word = words[at]; word !== undefined; word = words[at]) {
    if (isSymbol(word, '(')) {
      const end = words.findIndex((other, i) => i > at && isSymbol(other, ')'));
      const inside = words.slice(at, end === -1 ? words.length : end + 1);
      type += inside.map((piece) => piece.source).join('');
      at += inside.length;
    } else if (word.kind === 'word' && typeWords.has(word.text) && words[at + 1]?.text !== 'set') {
      type += ` ${word.text}`;
      at++;
    } else break;
  }
  return isBinarySet(words.slice(at)) ? `${type} character set binary` : type;
}

function isBinarySet([first, second, third]: readonly SqlWord[]): boolean {
  if (first?.text === 'charset') return second?.text === 'binary';
  return first?.text === 'character' && second?.text === 'set' && third?.text === 'binary';
}

/** The values that an ENUM or SET lists; undefined for any other type, and for a list of other things than strings. */
function membersIn([type, ...rest]: readonly SqlWord[]): readonly string[] | undefined {
  if (type?.kind !== 'word' || (type.text !== 'enum' && type.text !== 'set')) return undefined;
  const close = rest.findIndex((word) => isSymbol(word, ')'));
  const list = rest.slice(1, close);
  const isList = list.every((word, i) => (i % 2 === 0 ? word.kind === 'string' : isSymbol(word, ',')));
  if (close === -1 || !isList || list.length % 2 === 0) return undefined;
  return list.filter(({ kind }) => kind === 'string').map(({ text }) => text);
}

/**
 * The name after CHARACTER SET or CHARSET, with or without an equals sign, else the set of the collation. Ignores those in
 * expressions.
 */
export function characterSetIn(words: readonly SqlWord[]): string | undefined {
  const outer = withoutParentheses(words);
  const named = (isKeyword: (word: SqlWord, i: number) => boolean) => {
    const at = outer.findIndex((word, i) => word.kind === 'word' && isKeyword(word, i));
    const name = at === -1 ? undefined : outer[outer[at + 1]?.text === '=' ? at + 2 : at + 1];
    return name?.text.toLowerCase();
  };
  const told = named(({ text }, i) => text === 'charset' || (text === 'set' && outer[i - 1]?.text === 'character'));
  return told ?? characterSet(named(({ text }) => text === 'collate') ?? '')?.name;
}

/** Whether values of the type have a character set. */
export function isTextType(sqlType: string): boolean {
  return columnType(sqlType) === 'S' && (texts.test(sqlType) || /^(enum|set)\b/.test(sqlType));
}

function columnType(sqlType: string): KeyType {
  if (numbers.test(sqlType)) return 'N';
  const isBinary = bytes.test(sqlType) || (texts.test(sqlType) && / (byte|character set binary)$/.test(sqlType));
  return isBinary ? 'B' : 'S';
}

/** Words in lower case outside parentheses; '' stands for names, strings and symbols. */
function outermostWords(words: readonly SqlWord[]): string[] {
  return withoutParentheses(words).map(({ kind, text }) => (kind === 'word' ? text : ''));
}

function withoutParentheses(words: readonly SqlWord[]): SqlWord[] {
  let depth = 0;
  return words.filter((word) => {
    if (isSymbol(word, ')')) depth--;
    const isOutside = depth === 0;
    if (isSymbol(word, '(')) depth++;
    return isOutside;
  });
}

function isSymbol(word: SqlWord, text: string): boolean {
  return word.kind === 'symbol' && word.text === text;
}

/**
 * The columns as the dump has them. In `--types`, any type of a BIT column means that it was selected as a number (`f+0`),
 * except B, which keeps its bytes, and BOOL for BIT(1), which allows both.
 */
export function withToldBits(
  columns: readonly TableColumn[],
  types: Readonly<Record<string, string>>,
): readonly TableColumn[] {
  return columns.map((column) => {
    const told = Object.hasOwn(types, column.name) ? types[column.name] : undefined;
    if (column.bits === undefined || told === undefined) return column;
    if (told === 'B') return { ...column, type: 'B', binary: true };
    if (told === 'BOOL' && column.bits === 1) return { ...column, digits: true };
    const { bits: _, ...other } = column;
    return { ...other, sqlType: `${column.sqlType}+0`, digits: true };
  });
}

/** BIT columns that no flag describes. */
export function untoldBits(
  columns: readonly TableColumn[],
  types: Readonly<Record<string, string>>,
  omitted: readonly string[],
): readonly TableColumn[] {
  return columns.filter(
    ({ bits, name }) => bits !== undefined && !Object.hasOwn(types, name) && !omitted.includes(name),
  );
}

/**
 * Whether values of the column are enclosed with `--fields-optionally-enclosed-by`: those of all types but numbers. A server
 * that escapes BIT does not consider it a number.
 */
export function isEnclosable({ type, bits, digits }: TableColumn, bitsAre: 'raw' | 'escaped'): boolean {
  return bits === undefined ? type !== 'N' && digits !== true : bitsAre === 'escaped';
}

/** A column as its CREATE TABLE declares it. */
export type TableColumn = {
  readonly name: string;
  /** In lower case, without what does not affect the type: `bigint(20) unsigned`, `varchar(255)`. */
  readonly sqlType: string;
  readonly type: ColumnType;
  /** Its fields are raw bytes, not text. */
  readonly binary: boolean;
  /** Width of a BIT column in bits. Its fields are bytes in the source, and numbers in DynamoDB. */
  readonly bits?: number;
  /** Of a BIT column: its values are decimal text (`flags+0`) or, with `bits`, may be. */
  readonly digits?: true;
  /** Values that an ENUM or SET lists, as text. */
  readonly members?: readonly string[];
  readonly nullable: boolean;
  /** Of a text column, its own or the table's, in which mysqldump --tab writes its text. */
  readonly characterSet?: string;
  /** Computed by the server; some versions of mysqldump leave such a column out. */
  readonly generated?: true;
  /** Left out of `SELECT *`. */
  readonly invisible?: true;
};
