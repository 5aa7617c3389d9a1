import { escapes } from '../mysql/definition/sql-words.ts';

/** `string` has a character set, `binary` (`_binary`, hexadecimal, bits) has none. */
type LiteralKind = 'null' | 'number' | 'string' | 'binary';

const [blank, quote, doubleQuote, underscore] = [0x20, 0x27, 0x22, 0x5f];
const [plus, comma, dash, dot, zero, nine] = [0x2b, 0x2c, 0x2d, 0x2e, 0x30, 0x39];
/** As mysqldump writes bytes. */
const binaryString = "_binary '";
const number = /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.$\x80-\xff])/y;
const digitsOpen = /0[xb]|[xXbB]'/y;
const wordCharacter = /[\w$\x80-\xff]/;
const nullWord = /null(?![\w$.]|\s*\()/iy;
const introducer = /_([a-z][a-z0-9]*)\s*(?=["'0xXbB])/iy;
const convertOpen = /convert\s*\(\s*(?=["'])/iy;
const convertClose = /\s*using\s+([a-z0-9]+)\s*\)/iy;
const word = /[a-z_]+/iy;

/** Words of SQL that a message may name, because they are not values of the source. */
const namedWords = new Set([
  ...['DEFAULT', 'TRUE', 'FALSE', 'NOW', 'CURRENT_TIMESTAMP', 'CURRENT_DATE', 'UUID', 'UUID_TO_BIN', 'UNHEX', 'CAST'],
  ...['CONVERT', 'FROM_BASE64', 'FROM_UNIXTIME', 'CONCAT', 'CHAR', 'JSON_OBJECT', 'JSON_ARRAY', 'COMPRESS', 'NULLIF'],
  ...['ST_GEOMFROMTEXT', 'ST_GEOMFROMWKB', 'GEOMFROMTEXT', 'GEOMETRYFROMTEXT', 'POINT', 'STRING_TO_VECTOR', 'SELECT'],
]);

/**
 * Reads the literals of a tuple one by one, from Latin-1 text in which a character is a byte. The properties are valid until
 * the next call.
 */
export class LiteralReader {
  kind: LiteralKind = 'null';
  /** The text of a number, or the bytes of a string, unescaped. */
  raw = '';
  /** Of a string with an introducer or in CONVERT; undefined if the session's applies. */
  characterSet: string | undefined;
  /** Why no literal could be read, as a predicate of the field. Shows no value. */
  problem = '';
  #text = '';
  #at = 0;
  /** Index of the next backslash, at `#at` or later. */
  #escapeAt = 0;

  /** `text`: the content of the parentheses of a tuple. */
  begin(text: string): void {
    this.#text = text;
    this.#at = 0;
    this.#escapeAt = -1;
  }

  /** Reads the next value, up to the comma or the end. Returns false if there is a `problem`. */
  next(): boolean {
    this.#skipBlanks();
    this.characterSet = undefined;
    if (!this.#literal()) return false;
    this.#skipBlanks();
    if (this.#at === this.#text.length || this.#text.charCodeAt(this.#at) === comma) return true;
    return this.#fail('is an expression, not a literal');
  }

  /** Skips the comma. Returns false if the tuple has ended. */
  more(): boolean {
    if (this.#at >= this.#text.length) return false;
    this.#at++;
    return true;
  }

  /** Decides by the first character, because trying one pattern after the other costs several times as much. */
  #literal(): boolean {
    const code = this.#text.charCodeAt(this.#at);
    if (code === quote || code === doubleQuote) return this.#string();
    const isNumber = (code >= zero && code <= nine) || code === plus || code === dash || code === dot;
    if (isNumber) return (code === zero && this.#digits()) || this.#number() || this.#refuse();
    if (code === underscore) return this.#introduced() ?? this.#refuse();
    return this.#null() || this.#digits() || (this.#converted() ?? this.#refuse());
  }

  #number(): boolean {
    number.lastIndex = this.#at;
    if (!number.test(this.#text)) return false;
    this.kind = 'number';
    this.raw = this.#text.slice(this.#at, number.lastIndex);
    this.#at = number.lastIndex;
    return true;
  }

  #null(): boolean {
    nullWord.lastIndex = this.#at;
    if (!nullWord.test(this.#text)) return false;
    this.kind = 'null';
    this.#at = nullWord.lastIndex;
    return true;
  }

  #introduced(): boolean | undefined {
    if (this.#text.startsWith(binaryString, this.#at)) {
      this.#at += binaryString.length - 1;
      if (!this.#string()) return false;
      this.kind = 'binary';
      return true;
    }
    const found = this.#take(introducer);
    if (found === undefined) return undefined;
    if (!this.#literal()) return false;
    const set = found[1]!.toLowerCase();
    if (this.kind === 'null' || this.kind === 'number') return this.#fail('is an expression, not a literal');
    this.kind = set === 'binary' ? 'binary' : 'string';
    this.characterSet = set;
    return true;
  }

  /** As mydumper writes JSON. */
  #converted(): boolean | undefined {
    const start = this.#at;
    if (this.#take(convertOpen) === undefined) return undefined;
    if (!this.#string()) return false;
    const using = this.#take(convertClose);
    if (using === undefined) {
      this.#at = start;
      return undefined;
    }
    this.characterSet = using[1]!.toLowerCase();
    this.kind = this.characterSet === 'binary' ? 'binary' : 'string';
    return true;
  }

  #string(): boolean {
    const text = this.#text;
    const from = this.#at + 1;
    const mark = text[this.#at]!;
    let isEscaped = false;
    let at = from;
    let close = -1;
    for (;;) {
      if (close < at) close = text.indexOf(mark, at);
      if (close === -1) return this.#fail('has no closing quote');
      const backslash = this.#escapeFrom(at);
      if (backslash < close) at = backslash + 2;
      else if (text[close + 1] === mark) at = close + 2;
      else {
        this.kind = 'string';
        this.#at = close + 1;
        const raw = text.slice(from, close);
        this.raw = isEscaped ? withoutEscapes(raw, mark) : raw;
        return true;
      }
      isEscaped = true;
    }
  }

  #escapeFrom(at: number): number {
    if (this.#escapeAt < at) {
      const found = this.#text.indexOf('\\', at);
      this.#escapeAt = found === -1 ? this.#text.length : found;
    }
    return this.#escapeAt;
  }

  /** `0x…`, `x'…'`, `0b…` and `b'…'`, read character by character, because they can have millions of digits. */
  #digits(): boolean {
    const text = this.#text;
    const start = this.#at;
    const opener = this.#take(digitsOpen)?.[0].toLowerCase();
    if (opener === undefined) return false;
    const from = this.#at;
    const isHex = opener.includes('x');
    let to = from;
    while (isDigit(text.charCodeAt(to), isHex)) to++;
    const digits = text.slice(from, to);
    const isQuoted = opener.endsWith("'");
    const ends = isQuoted ? text[to] === "'" : to > from && !wordCharacter.test(text[to] ?? '');
    if (!ends || (isQuoted && isHex && digits.length % 2 === 1)) {
      this.#at = start;
      return false;
    }
    this.#at = isQuoted ? to + 1 : to;
    this.kind = 'binary';
    this.raw = isHex ? bytesOfHex(digits) : bytesOfBits(digits);
    return true;
  }

  /** Any other word may be a value of the source, so it is not shown. */
  #refuse(): boolean {
    const name = this.#take(word)?.[0].toUpperCase() ?? '';
    return this.#fail(namedWords.has(name) ? `is ${name}, not a literal` : 'is an expression, not a literal');
  }

  #skipBlanks(): void {
    while (this.#text.charCodeAt(this.#at) <= blank) this.#at++;
  }

  #fail(problem: string): false {
    this.problem = problem;
    return false;
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text) ?? undefined;
    if (found !== undefined) this.#at = pattern.lastIndex;
    return found;
  }
}

function withoutEscapes(raw: string, mark: string): string {
  let text = '';
  let from = 0;
  let backslash = raw.indexOf('\\');
  let double = raw.indexOf(mark);
  while (backslash !== -1 || double !== -1) {
    const isEscape = backslash !== -1 && (double === -1 || backslash < double);
    const at = isEscape ? backslash : double;
    text += raw.slice(from, at);
    text += isEscape ? (escapes.get(raw[at + 1]!) ?? raw[at + 1]!) : mark;
    from = at + 2;
    if (backslash !== -1 && backslash < from) backslash = raw.indexOf('\\', from);
    if (double !== -1 && double < from) double = raw.indexOf(mark, from);
  }
  return text + raw.slice(from);
}

function isDigit(code: number, isHex: boolean): boolean {
  if (code === 0x30 || code === 0x31) return true;
  if (!isHex) return false;
  return (code > 0x31 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66);
}

function bytesOfHex(digits: string): string {
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex').toString('latin1');
}

function bytesOfBits(digits: string): string {
  const padded = digits.padStart(8 * Math.ceil(digits.length / 8), '0');
  let raw = '';
  for (let at = 0; at < padded.length; at += 8)
    raw += String.fromCharCode(Number.parseInt(padded.slice(at, at + 8), 2));
  return raw;
}
