import { characterSet } from '../mysql/characters/character-sets.ts';
import { type PlacedWord, sqlWords } from '../mysql/definition/sql-words.ts';

/** A table as a statement names it. */
export type TableName = { readonly database?: string; readonly name: string };

/** The part of an INSERT or REPLACE statement before its first tuple. */
export type InsertHead = {
  readonly table: TableName;
  /** Undefined if the statement lists none. */
  readonly columns: readonly string[] | undefined;
  /** Offset of the first byte after the word VALUES; undefined for INSERT … SELECT and INSERT … SET. */
  readonly end: number | undefined;
};

/** What the statements so far have set. Texts are in lower case, except for the time zone. */
export type SqlSession = {
  /** From SET NAMES; undefined before it. */
  characterSet: string | undefined;
  /** From SET character_set_client, which mysqldump writes before a CREATE TABLE; undefined if SET NAMES applies. */
  clientSet: string | undefined;
  timeZone: string | undefined;
  /** SQL modes that change how strings are read. */
  noBackslashEscapes: boolean;
  ansiQuotes: boolean;
  /** From USE. */
  database: string | undefined;
};

export const newSession = (): SqlSession => ({
  characterSet: undefined,
  clientSet: undefined,
  timeZone: undefined,
  database: undefined,
  noBackslashEscapes: false,
  ansiQuotes: false,
});

/** Other text, such as a warning in the same file, would hide the statement after it. */
const statementWords = new Set(
  (
    'alter analyze begin binlog cache call change check checksum clone commit create deallocate delete desc describe do ' +
    'drop execute explain flush grant handler help import insert install kill load lock optimize prepare purge release ' +
    'rename repair replace reset revoke rollback savepoint select set show start stop truncate uninstall unlock update ' +
    'use values with xa'
  ).split(' '),
);

/** Whether a statement can begin with this word, in lower case. */
export function beginsStatement(word: string): boolean {
  return statementWords.has(word);
}

const beforeInto = new Set(['low_priority', 'delayed', 'high_priority', 'ignore', 'into']);

/**
 * Parses the head of an INSERT or REPLACE statement at the beginning of Latin-1 text, in which a character is a byte of the
 * session's character set. Returns undefined if the text ends before the head does.
 */
export function readInsertHead(text: string, session: SqlSession): InsertHead | undefined {
  const words = new WordReader(text, session.characterSet);
  words.take();
  while (words.next?.kind === 'word' && beforeInto.has(words.next.text)) words.take();
  const table = words.tableName();
  if (isWord(words.next, 'partition')) {
    words.take();
    words.list();
  }
  const columns = words.next?.source === '(' ? words.list() : undefined;
  const values = words.next;
  // A word at the end of the text may be incomplete.
  if (values === undefined || values.at + values.source.length === text.length) return undefined;
  const end = isWord(values, 'values', 'value') ? values.at + values.source.length : undefined;
  return { table, columns, end };
}

/** Applies a SET or USE statement (Latin-1 text) to the session. */
export function obey(session: SqlSession, statement: string): void {
  const words = [...sqlWords(statement)].filter(({ source }) => source !== ';');
  if (isWord(words[0], 'use')) {
    if (words[1] !== undefined) session.database = written(words[1], session.characterSet);
    return;
  }
  for (const [i, word] of words.entries()) {
    if (word.kind !== 'word') continue;
    const isAssigned = words[i + 1]?.source === '=' || words[i + 1]?.source === ':';
    const value = words[words[i + 1]?.source === ':' ? i + 3 : i + 2];
    // @OLD_SQL_MODE is a variable of the dump; @@SQL_MODE and a bare name are the session's.
    const isOwn = words[i - 1]?.source === '@' && words[i - 2]?.source !== '@';
    if (isOwn) continue;
    if (word.text === 'names' || word.text === 'charset' || isWord(words[i - 1], 'character'))
      setNames(session, words[i + 1]);
    else if (isAssigned && word.text === 'character_set_client') setClient(session, value);
    else if (isAssigned && word.text === 'time_zone') setTimeZone(session, value);
    else if (isAssigned && word.text === 'sql_mode') setMode(session, words.slice(i + 2));
  }
}

function setNames(session: SqlSession, value: PlacedWord | undefined): void {
  if (value === undefined || value.kind === 'symbol') return;
  session.characterSet = value.text.toLowerCase();
  session.clientSet = undefined;
}

/** A restored value (`@saved_cs_client`) is that of SET NAMES. */
function setClient(session: SqlSession, value: PlacedWord | undefined): void {
  session.clientSet = value === undefined || value.kind === 'symbol' ? undefined : value.text.toLowerCase();
}

/** A restored value (`@OLD_TIME_ZONE`) is from before the dump, and so unknown. */
function setTimeZone(session: SqlSession, value: PlacedWord | undefined): void {
  session.timeZone = value?.kind === 'string' ? value.text : undefined;
}

/** The mode may be composed: `CONCAT(@@sql_mode, ',ANSI_QUOTES')`. */
function setMode(session: SqlSession, words: readonly PlacedWord[]): void {
  const strings = words.filter(({ kind }) => kind === 'string');
  const modes = strings.flatMap(({ text }) => text.toUpperCase().split(','));
  session.noBackslashEscapes = modes.includes('NO_BACKSLASH_ESCAPES');
  session.ansiQuotes = modes.includes('ANSI_QUOTES') || modes.includes('ANSI');
}

/** Decodes Latin-1 text whose characters are bytes of the set. */
export function decodedText(latin1: string, set: string | undefined): string {
  const known = characterSet(set ?? 'utf8mb4');
  const bytes = Buffer.from(latin1, 'latin1');
  return known !== undefined && 'decode' in known ? (known.decode(bytes) ?? latin1) : bytes.toString('utf8');
}

function isWord(word: PlacedWord | undefined, ...texts: string[]): boolean {
  return word?.kind === 'word' && texts.includes(word.text);
}

class WordReader {
  readonly #words: Generator<PlacedWord>;
  readonly #set: string | undefined;
  next: PlacedWord | undefined;

  constructor(text: string, set: string | undefined) {
    this.#set = set;
    this.#words = sqlWords(text);
    this.take();
  }

  take(): PlacedWord | undefined {
    const taken = this.next;
    const result = this.#words.next();
    this.next = result.done === true ? undefined : result.value;
    return taken;
  }

  tableName(): TableName {
    const first = this.take();
    if (first === undefined) return { name: '' };
    if (this.next?.source !== '.') return { name: written(first, this.#set) };
    this.take();
    const second = this.take();
    return { database: written(first, this.#set), name: second === undefined ? '' : written(second, this.#set) };
  }

  /** The names between the parentheses that follow. */
  list(): string[] {
    const names: string[] = [];
    this.take();
    while (this.next !== undefined && this.next.source !== ')') {
      if (this.next.kind !== 'symbol') names.push(written(this.next, this.#set));
      this.take();
    }
    this.take();
    return names;
  }
}

/** A name in its original case. */
function written(word: PlacedWord, set: string | undefined): string {
  return decodedText(word.kind === 'word' ? word.source : word.text, set);
}
