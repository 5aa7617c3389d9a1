import { isAscii, isUtf8 } from 'node:buffer';
import { basename } from 'node:path';
import { ImportError } from '../../../domain/import-error.ts';
import { characterSet, keepsAscii } from '../characters/character-sets.ts';
import { type SqlWord, sqlWords } from './sql-words.ts';
import { characterSetIn, type DefinedColumn, isTextType, readColumn, type TableColumn } from './table-column.ts';

export type TableDefinition = {
  readonly name: string;
  readonly columns: readonly TableColumn[];
  /** Names in key order; empty where there is none. */
  readonly primaryKey: readonly string[];
  /** mysqldump writes TIMESTAMP in UTC, and says so in the .sql. DATETIME has no zone. */
  readonly timestampsInUtc: boolean;
};

/** The column of this name. As in MySQL, case does not matter, unless two columns differ in it alone. */
export function findColumn({ columns }: TableDefinition, name: string): TableColumn | undefined {
  return columns.find((column) => column.name === name) ?? columns.find((column) => isSameName(column.name, name));
}

/** Whether these are the names of the same columns in the same order. */
export function areSame(names: readonly string[], others: readonly string[]): boolean {
  return names.length === others.length && names.every((name, i) => isSameName(name, others[i]!));
}

export function isSameName(name: string, other: string): boolean {
  return name.toLowerCase() === other.toLowerCase();
}

const tableItems = new Set([
  ...['primary', 'key', 'index', 'unique', 'fulltext', 'spatial', 'constraint', 'foreign', 'check', 'like'],
]);

/**
 * The tables that SQL text creates, as mysqldump of MySQL, MariaDB and Percona writes it. Tolerant: what is no CREATE TABLE
 * with columns is passed over.
 */
export function parseTableDefinitions(sql: string): TableDefinition[] {
  const definitions: TableDefinition[] = [];
  const timestampsInUtc = /\bset\s+time_zone\s*=\s*'\+00:00'/i.test(sql);
  for (const statement of statements(sql)) {
    const definition = readCreateTable(statement);
    if (definition !== undefined) definitions.push({ ...definition, timestampsInUtc });
  }
  return definitions;
}

/** The definition of the table that a dump holds: by the dump's base name, or the only one. Throws `schema-invalid`. */
export function chooseDefinition(definitions: readonly TableDefinition[], dumpFileName: string): TableDefinition {
  const base = basename(dumpFileName);
  const stem = base.replace(/\.(gz|zst)$/, '').replace(/\.\w+$/, '');
  const named = definitions.filter(({ name }) => name === stem || name === base);
  const [only, second] = named.length > 0 ? named : definitions;
  if (only === undefined) {
    throw new ImportError('schema-invalid', 'the table definition holds no CREATE TABLE with columns', {
      hint: 'Name the .sql file that mysqldump wrote with --schema, or write one with `mysqldump --no-data db table`.',
    });
  }
  if (second === undefined) return only;
  const names = definitions.map(({ name }) => `"${name}"`).join(', ');
  const what = named.length > 0 ? `more than one table named "${only.name}"` : `none that is named like ${base}`;
  throw new ImportError('schema-invalid', `the table definition holds ${what}; its tables are ${names}`, {
    hint: 'Name a file with one CREATE TABLE with --schema, or name the dump like its table.',
  });
}

/** Statements that begin with CREATE, as their words. */
function* statements(sql: string): Generator<SqlWord[]> {
  let statement: SqlWord[] = [];
  let wanted: boolean | undefined;
  for (const word of sqlWords(sql)) {
    if (word.kind === 'symbol' && word.text === ';') {
      if (wanted) yield statement;
      statement = [];
      wanted = undefined;
      continue;
    }
    wanted ??= word.kind === 'word' && word.text === 'create';
    if (wanted) statement.push(word);
  }
  if (wanted) yield statement;
}

function readCreateTable(statement: readonly SqlWord[]): Omit<TableDefinition, 'timestampsInUtc'> | undefined {
  let at = 1;
  while (isWord(statement[at], 'or', 'replace', 'temporary')) at++;
  if (!isWord(statement[at++], 'table')) return undefined;
  while (isWord(statement[at], 'if', 'not', 'exists')) at++;
  let name = statement[at++];
  while (statement[at]?.source === '.') {
    name = statement[at + 1];
    at += 2;
  }
  if (name === undefined || statement[at]?.source !== '(') return undefined;
  const columns: DefinedColumn[] = [];
  const primaryKey: string[] = [];
  for (const item of itemsOf(statement, at + 1)) {
    if (!isTableItem(item)) columns.push(readColumn(item));
    else if (primaryKey.length === 0) primaryKey.push(...keyColumns(item));
  }
  if (columns.length === 0) return undefined;
  if (primaryKey.length === 0) primaryKey.push(...columns.filter((column) => column.primary).map(({ name }) => name));
  const characterSet = characterSetIn(tableOptions(statement, at + 1));
  return { name: name.text, columns: columns.map((one) => tableColumn(one, primaryKey, characterSet)), primaryKey };
}

/** What stands between the commas of a list, which begins at `from` and ends with its parenthesis. */
function* itemsOf(words: readonly SqlWord[], from: number): Generator<SqlWord[]> {
  let depth = 0;
  let item: SqlWord[] = [];
  for (let at = from; at < words.length; at++) {
    const word = words[at]!;
    const symbol = word.kind === 'symbol' ? word.text : '';
    if (symbol === '(') depth++;
    if (symbol === ')' && depth-- === 0) break;
    if (symbol === ',' && depth === 0) {
      if (item.length > 0) yield item;
      item = [];
    } else item.push(word);
  }
  if (item.length > 0) yield item;
}

/** The text after the parenthesis that closes the list of columns. */
function tableOptions(words: readonly SqlWord[], from: number): readonly SqlWord[] {
  let depth = 0;
  const close = words.findIndex((word, at) => {
    if (at < from || word.kind !== 'symbol') return false;
    if (word.text === '(') depth++;
    return word.text === ')' && depth-- === 0;
  });
  return close === -1 ? [] : words.slice(close + 1);
}

function isTableItem([first, second]: readonly SqlWord[]): boolean {
  if (first?.kind !== 'word') return false;
  if (first.text === 'period') return isWord(second, 'for');
  return tableItems.has(first.text) || (first.text === 'vector' && isWord(second, 'key', 'index'));
}

/** The columns of a PRIMARY KEY, without the lengths of their prefixes; none for any other item. */
function keyColumns(item: readonly SqlWord[]): string[] {
  const at = item.findIndex((word, i) => isWord(word, 'primary') && isWord(item[i + 1], 'key'));
  const open = at === -1 ? -1 : item.findIndex((word, i) => i > at && word.source === '(');
  return open === -1 ? [] : [...itemsOf(item, open + 1)].map((column) => column[0]!.text);
}

function tableColumn(
  { primary, ...column }: DefinedColumn,
  primaryKey: readonly string[],
  tableSet: string | undefined,
): TableColumn {
  const characterSet = isTextType(column.sqlType) ? (column.characterSet ?? tableSet) : undefined;
  const nullable = column.nullable && !primary && !primaryKey.includes(column.name);
  const { characterSet: _own, ...other } = column;
  return { ...other, nullable, ...(characterSet !== undefined && { characterSet }) };
}

function isWord(word: SqlWord | undefined, ...texts: string[]): boolean {
  return word?.kind === 'word' && texts.includes(word.text);
}

const setNames = /^\s*(?:\/\*M?!\d*\s*)?set\s+names\s*=?\s*['"]?(\w+)/im;
/** Before a CREATE TABLE, which mysqldump writes in this set whatever it writes rows in. */
const setClient = /^\s*(?:\/\*M?!\d*\s*)?set\s+character_set_client\s*=\s*['"]?(\w+)(?=[^;]*;\s*create\s)/im;

/**
 * The text of a `.sql` file, in the character set that it names before its CREATE TABLE, else in its first SET NAMES;
 * without one, or with `binary`, in UTF-8. Throws ImportError `schema-invalid` if the bytes are not text of that set, or
 * the set is a multi-byte one.
 */
export function sqlText(bytes: Buffer, fileName: string): string {
  const statements = bytes.toString('latin1');
  const [, told = 'utf8mb4'] = setClient.exec(statements) ?? setNames.exec(statements) ?? [];
  const name = told.toLowerCase();
  if (isAscii(bytes) && keepsAscii(name)) return bytes.toString('latin1');
  const set = characterSet(name);
  const isInUtf8 = set?.kind === 'utf8' || set?.kind === 'binary';
  if (isInUtf8 && isUtf8(bytes)) return bytes.toString('utf8');
  const text = set !== undefined && 'decode' in set ? set.decode(bytes) : undefined;
  if (text !== undefined) return text;
  throw new ImportError('schema-invalid', `${fileName} cannot be read as ${isInUtf8 ? 'UTF-8' : name}`, {
    hint: 'Write it again with `mysqldump --no-data --default-character-set=utf8mb4 db table`.',
  });
}
