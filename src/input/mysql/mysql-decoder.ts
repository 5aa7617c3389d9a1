import { isUtf8 } from 'node:buffer';
import type { Field } from '../../domain/column.ts';
import type { RejectCode, RowFault } from '../../domain/rejected-row.ts';
import type { FieldDecoder, FramedRows, SplitRow } from '../framed-rows.ts';
import { PlainSplitter } from '../plain-splitter.ts';
import type { MysqlSettings } from './mysql.ts';
import { isBitValue } from './mysql-bytes.ts';
import type { TableColumn } from './table-definition.ts';

const nullLetter = 'N';
const nullWord = 'NULL';
const nullBytes = Buffer.from(nullWord);
/** What `mysql --batch` writes behind a backslash. */
const batchMeanings: Readonly<Record<string, string>> = { n: '\n', t: '\t', '0': '\0', '\\': '\\' };
/** Columns that can't hold four letters, or only the texts that their type lists. */
const neverTheWord =
  /^(date|time|datetime|timestamp|json|year|uuid|inet[46]|(var)?(char|binary)\([0-3]\)|binary(?!\(4\))|(enum|set)\((?!.*null))/i;
const letterOrDigit = /[A-Za-z0-9]/;
const nonAscii = /[\x80-\xff]/;

/**
 * Fields of MySQL's text. A row is taken as Latin-1, in which a character is a byte; fields are found and freed of their
 * escapes as such, and only then become UTF-8 text or bytes.
 */
export class MysqlDecoder implements FieldDecoder {
  plain: SplitRow | undefined;
  readonly #fields: Field[] = [];
  readonly #splitter: PlainSplitter;
  /** True where the fields of the row are still to be made into texts. */
  #isUnread = false;
  readonly #settings: MysqlSettings;
  readonly #binary: readonly boolean[];
  /** Fields of rows without escapes are their text as it stands. */
  readonly #plainText: boolean;
  /** By field: whether the client's word NULL is NULL there. */
  readonly #nullWords: readonly boolean[];
  readonly #nullWordElsewhere: boolean;
  // What is wrong with the field last looked at.
  #fault: RowFault | undefined;
  #end = 0;

  constructor(settings: MysqlSettings, binary: readonly boolean[]) {
    this.#settings = settings;
    this.#splitter = new PlainSplitter(settings.fieldTerminator);
    this.#binary = binary;
    this.#nullWordElsewhere = settings.nullText === 'null';
    this.#nullWords = (settings.columns ?? []).map((column) => isNullWord(column, this.#nullWordElsewhere));
    this.#plainText = !settings.batch && settings.enclosure === undefined && !binary.includes(true);
  }

  get fields(): readonly Field[] {
    if (this.#isUnread) {
      this.#splitter.fill(this.#fields);
      this.#isUnread = false;
    }
    return this.#fields;
  }

  decode(rows: FramedRows, index: number): RowFault | undefined {
    const kind = rows.kinds[index];
    const start = rows.starts[index]!;
    const end = rows.ends[index]!;
    this.plain = undefined;
    if (kind === 'broken' || kind === 'unclear') return this.#brokenRow();
    if (kind === 'plain' && this.#plainText && (rows.ascii || isUtf8(rows.buffer.subarray(start, end)))) {
      this.#splitter.split(rows.buffer, start, end, rows.ascii);
      this.#isUnread = true;
      if (this.#splitter.needsNoEscape) this.plain = this.#splitter;
      return undefined;
    }
    const text = rows.buffer.toString('latin1', start, end);
    const ascii = rows.ascii || !nonAscii.test(text);
    this.#isUnread = false;
    return this.#decodeFields(text, ascii, kind === 'plain');
  }

  #decodeFields(text: string, ascii: boolean, plain: boolean): RowFault | undefined {
    const { escape: escapedBy, enclosure } = this.#settings;
    this.#fault = undefined;
    let count = 0;
    let from = 0;
    let escapeAt = plain ? text.length : indexOrEnd(text, escapedBy, 0);
    do {
      const quoted = enclosure !== undefined && text[from] === enclosure;
      const raw = quoted ? this.#enclosed(text, from, count) : this.#bare(text, from, escapeAt);
      const to = this.#end;
      const escaped = escapeAt < to;
      this.#fields[count] =
        quoted || !this.#isNull(raw, escaped, count) ? this.#value(raw, escaped, ascii, count) : null;
      if (this.#fault !== undefined) return this.#fault;
      count++;
      if (escaped) escapeAt = indexOrEnd(text, escapedBy, to);
      from = to + 1;
    } while (this.#end < text.length);
    this.#fields.length = count;
    return undefined;
  }

  /** The text of a field without enclosures, escapes and all; it ends at `#end`. */
  #bare(text: string, from: number, escapeAt: number): string {
    const { fieldTerminator, escape: escapedBy } = this.#settings;
    let to = indexOrEnd(text, fieldTerminator, from);
    if (escapeAt < to) to = unescapedIndex(text, fieldTerminator, from, escapedBy);
    this.#end = to;
    return text.slice(from, to);
  }

  /** The text between two enclosures; behind the second the field ends. */
  #enclosed(text: string, from: number, field: number): string {
    const { fieldTerminator, escape: escapedBy, enclosure } = this.#settings;
    const close = unescapedIndex(text, enclosure!, from + 1, escapedBy);
    this.#end = Math.min(close + 1, text.length);
    const clean = close < text.length && (this.#end === text.length || text[this.#end] === fieldTerminator);
    if (!clean) this.#fail('undecodable', field, 'has text behind its closing quote');
    return text.slice(from + 1, close);
  }

  #isNull(raw: string, escaped: boolean, field: number): boolean {
    const { batch, escape: escapedBy, enclosure, optionallyEnclosed } = this.#settings;
    if (batch) return raw === nullWord && (this.#nullWords[field] ?? this.#nullWordElsewhere);
    if (escaped && raw.length === 2 && raw[0] === escapedBy && raw[1] === nullLetter) return true;
    if (enclosure === undefined) return false;
    if (raw === nullWord) {
      this.#fail('undecodable', field, `is NULL as --fields-escaped-by='' writes it, and such a dump can't be decoded`);
    } else if (!optionallyEnclosed || raw.includes(enclosure)) {
      this.#fail('undecodable', field, optionallyEnclosed ? 'has a quote inside' : 'is neither NULL nor in quotes');
    }
    return false;
  }

  #value(raw: string, escaped: boolean, ascii: boolean, field: number): Field {
    const bytes = escaped ? this.#unescape(raw, field) : raw;
    if (this.#binary[field]) return this.#bytes(bytes, field);
    if (ascii || !nonAscii.test(bytes)) return bytes;
    const encoded = Buffer.from(bytes, 'latin1');
    if (!isUtf8(encoded)) this.#fail('invalid-utf8', field, `is not valid UTF-8${this.#characterSetHint(field)}`);
    return encoded.toString('utf8');
  }

  #nameOf(field: number): string | undefined {
    return this.#settings.columns?.[field]?.name ?? this.#settings.names?.[field];
  }

  #characterSetHint(field: number): string {
    const { characterSet } = this.#settings.columns?.[field] ?? {};
    const name = this.#nameOf(field);
    if (characterSet === undefined) return name === undefined ? '' : `; --types ${name}=B keeps its bytes`;
    if (/^(utf8|ascii)/.test(characterSet)) return '';
    return `; its character set is ${characterSet}: dump it with mysql --batch --default-character-set=utf8mb4`;
  }

  /** What the client wrote of a BIT column has its width. */
  #bytes(text: string, field: number): Field {
    const bits = this.#settings.batch ? this.#settings.columns?.[field]?.bits : undefined;
    if (bits !== undefined && !isBitValue(Buffer.from(text, 'latin1'), bits)) {
      this.#fail('undecodable', field, `is no value of bit(${bits}); if it was selected as bit+0, say so with --types`);
    }
    return Buffer.from(text, 'latin1');
  }

  #unescape(raw: string, field: number): string {
    const { escape: escapedBy, batch } = this.#settings;
    let text = '';
    let from = 0;
    for (let at = raw.indexOf(escapedBy); at !== -1; at = raw.indexOf(escapedBy, from)) {
      const meaning = batch ? batchMeanings[raw[at + 1] ?? ''] : serverMeaning(raw[at + 1]);
      if (meaning === undefined) {
        this.#fail('undecodable', field, `has an escape that ${batch ? 'mysql --batch' : 'MySQL'} does not write`);
        return '';
      }
      text += raw.slice(from, at) + meaning;
      from = at + 2;
    }
    return text + raw.slice(from);
  }

  #fail(code: RejectCode, field: number, what: string): void {
    const column = this.#nameOf(field);
    const name = column === undefined ? `field ${field + 1}` : `field ${field + 1} ("${column}")`;
    this.#fault = { code, message: `${name} ${what}`, ...(column !== undefined && { column }) };
  }

  #brokenRow(): RowFault {
    const bits = this.#settings.columns?.filter((column) => column.bits !== undefined) ?? [];
    if (bits.length === 0 || this.#settings.batch) {
      return { code: 'undecodable', message: 'text stands behind a closing quote' };
    }
    const names = bits.map((column) => `"${column.name}"`).join(', ');
    const remedy = bits.map((column) => `\`${column.name}\`+0`).join(', ');
    return {
      code: 'undecodable',
      message: `MySQL writes BIT columns (${names}) without escapes, and the bytes of this row can't be told apart; export them as numbers (bit+0: SELECT ..., ${remedy}, ...) and say so with --types`,
    };
  }
}

/** The client writes NULL as a word, which only a column of texts or bytes can hold as a value. */
function isNullWord({ nullable, type, sqlType, bits }: TableColumn, wherePossible: boolean): boolean {
  const canHoldIt = type !== 'N' && !neverTheWord.test(sqlType) && (bits === undefined || isBitValue(nullBytes, bits));
  return nullable && (wherePossible || !canHoldIt);
}

/** What the server means by a byte behind the escape; undefined where it writes no escape before that byte. */
function serverMeaning(byte: string | undefined): string | undefined {
  if (byte === '0') return '\0';
  return byte === undefined || letterOrDigit.test(byte) ? undefined : byte;
}

function indexOrEnd(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from);
  return at === -1 ? text.length : at;
}

/** First place from `from` on where `what` stands without an escape before it; the text's length where there is none. */
function unescapedIndex(text: string, what: string, from: number, escapedBy: string): number {
  for (let at = text.indexOf(what, from); at !== -1; at = text.indexOf(what, at + 1)) {
    let first = at;
    while (first > from && text[first - 1] === escapedBy) first--;
    if ((at - first) % 2 === 0) return at;
  }
  return text.length;
}
