/**
 * A piece of SQL. `text` is a word in lower case, a name or string without its quotes and escapes, or one other
 * character.
 */
export type SqlWord = {
  readonly kind: 'word' | 'name' | 'string' | 'symbol';
  readonly text: string;
  /** As the file holds it. */
  readonly source: string;
};

/** A piece with its place in the text. */
export type PlacedWord = SqlWord & { readonly at: number };

const blanks = /\s+/y;
const word = /[\w$\u0080-\uffff]+/y;
/** Version comments of MySQL and MariaDB. Their content is SQL, except for a version that no server has. */
const versionComment = /\/\*M?!(?!999999)\d*/y;

/** Messages that a client writes to standard error, which a redirected dump may contain as lines. */
const clientLine = /^(?:(?:\S*[/\\])?(?:mysql|mysqldump|mysqlpump|mariadb|mariadb-dump)(?:\.exe)?|warning): .*$/gim;

/**
 * The pieces of SQL text without blanks, comments and lines such as `mysqldump: [Warning] ...`. Takes any text; an unclosed
 * quote or comment extends to its end.
 */
export function* sqlWords(dump: string): Generator<PlacedWord> {
  const sql = dump.replace(clientLine, (line) => ' '.repeat(line.length));
  let at = 0;
  while (at < sql.length) {
    const begin = skipBlankOrComment(sql, at);
    if (begin > at) {
      at = begin;
      continue;
    }
    const piece = quotedPiece(sql, at) ?? wordPiece(sql, at);
    yield { ...piece, at };
    at += piece.source.length;
  }
}

function skipBlankOrComment(sql: string, at: number): number {
  if (sql.startsWith('/*', at)) return matchEnd(versionComment, sql, at) ?? endOf(sql, '*/', at + 2);
  if (sql.startsWith('*/', at)) return at + 2;
  const comment = sql[at] === '#' || (sql.startsWith('--', at) && (sql[at + 2] ?? ' ') <= ' ');
  return comment ? endOf(sql, '\n', at) : (matchEnd(blanks, sql, at) ?? at);
}

function quotedPiece(sql: string, at: number): SqlWord | undefined {
  const quote = sql[at];
  if (quote !== '`' && quote !== "'" && quote !== '"') return undefined;
  let end = at + 1;
  for (; end < sql.length; end++) {
    if (sql[end] === '\\' && quote !== '`') end++;
    else if (sql[end] === quote && sql[++end] !== quote) break;
  }
  const source = sql.slice(at, end);
  const inside = source.slice(1, -1);
  const text = quote === "'" ? stringText(inside) : inside.replaceAll(quote + quote, quote);
  return { kind: quote === '`' ? 'name' : 'string', text, source };
}

/** SHOW CREATE TABLE doubles quotes and escapes NUL, line ends and backslashes, whatever the SQL mode. */
function stringText(inside: string): string {
  return inside.replace(/''|\\([\s\S])/g, (_, escaped?: string) =>
    escaped === undefined ? "'" : (escapes.get(escaped) ?? escaped),
  );
}

/** Escapes that mean another character. Before any other one, the backslash is dropped, but kept before % and _. */
export const escapes: ReadonlyMap<string, string> = new Map(
  Object.entries({ '0': '\0', b: '\b', n: '\n', r: '\r', t: '\t', Z: '\x1a', '%': '\\%', _: '\\_' }),
);

function wordPiece(sql: string, at: number): SqlWord {
  const end = matchEnd(word, sql, at);
  const source = sql.slice(at, end ?? at + 1);
  return end === undefined
    ? { kind: 'symbol', text: source, source }
    : { kind: 'word', text: source.toLowerCase(), source };
}

function matchEnd(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function endOf(sql: string, what: string, from: number): number {
  const at = sql.indexOf(what, from);
  return at === -1 ? sql.length : at + what.length;
}
