import { isUtf8 } from 'node:buffer';
import type { Field } from '../../domain/column.ts';
import type { RejectCode, RowFault } from '../../domain/row.ts';
import { PlainSplitter } from '../field-splitters.ts';
import type { FieldDecoder, FramedRows, SplitRow } from '../framed-rows.ts';
import { type CharacterSet, characterSet } from '../mysql/characters/character-sets.ts';
import { LiteralReader } from './literal-reader.ts';
import type { SqlColumn, SqlSettings } from './sql-settings.ts';

const nonAscii = /[\x80-\xff]/;
const utf8 = characterSet('utf8mb4')!;
const anyColumn: SqlColumn = { name: '' };

/**
 * Decodes the values of a tuple. Plain tuples are split in place. Others are read as Latin-1, in which a character is a byte:
 * values are unescaped as such, and then become text or bytes.
 */
export class SqlDecoder implements FieldDecoder {
  plain: SplitRow | undefined;
  readonly #fields: Field[] = [];
  readonly #splitter = new TupleSplitter();
  readonly #reader = new LiteralReader();
  /** True if the fields of the row are not yet texts. */
  #isUnread = false;
  readonly #columns: readonly SqlColumn[];
  readonly #binary: readonly boolean[];
  /** Of text whose literal names no set; undefined if it is that of the column. */
  readonly #sessionSet: CharacterSet | undefined;
  /** Which plain rows contain the text of all fields unchanged. */
  readonly #plainRows: 'utf8' | 'ascii' | 'none';
  /** Whether all strings of the row are ASCII, apart from bytes written as digits. */
  #isAscii = false;
  #fault: RowFault | undefined;

  constructor(settings: SqlSettings, binary: readonly boolean[]) {
    this.#columns = settings.columns;
    this.#binary = binary;
    const set = characterSet(settings.characterSet ?? 'utf8mb4');
    this.#sessionSet = set?.kind === 'binary' ? undefined : set;
    this.#plainRows = this.#readsPlainly();
  }

  get fields(): readonly Field[] {
    if (this.#isUnread) {
      this.#splitter.fill(this.#fields);
      this.#isUnread = false;
    }
    return this.#fields;
  }

  decode(rows: FramedRows, index: number): RowFault | undefined {
    const { buffer } = rows;
    const start = rows.starts[index]! + 1;
    const end = rows.ends[index]! - 1;
    this.plain = undefined;
    if (rows.kinds[index] === 'plain' && this.#isText(rows, start, end)) {
      const splitter = this.#splitter;
      if (splitter.splitTuple(buffer, start, end, rows.ascii)) {
        this.#isUnread = true;
        if (splitter.needsNoEscape && !splitter.holdsNull) this.plain = splitter;
        return undefined;
      }
    }
    this.#isUnread = false;
    const text = buffer.toString('latin1', start, end);
    this.#isAscii = rows.ascii || !nonAscii.test(text);
    return this.#decodeValues(text);
  }

  #isText({ buffer, ascii }: FramedRows, start: number, end: number): boolean {
    if (this.#plainRows === 'none' || ascii) return this.#plainRows !== 'none';
    return this.#plainRows === 'utf8' && isUtf8(buffer.subarray(start, end));
  }

  #readsPlainly(): 'utf8' | 'ascii' | 'none' {
    if (this.#binary.includes(true) || this.#columns.some(({ bits }) => bits !== undefined)) return 'none';
    const columns = this.#columns.length > 0 ? this.#columns : [anyColumn];
    const sets = columns.map((column) => this.#sessionSet ?? setOf(column));
    if (sets.every(({ kind }) => kind === 'utf8')) return 'utf8';
    return sets.every(({ kind, name }) => kind !== 'multi-byte' && name !== 'swe7') ? 'ascii' : 'none';
  }

  #decodeValues(text: string): RowFault | undefined {
    const reader = this.#reader;
    this.#fault = undefined;
    reader.begin(text);
    let count = 0;
    do {
      if (!reader.next()) {
        this.#fail('undecodable', count, reader.problem);
        return this.#fault;
      }
      this.#fields[count] = this.#value(count);
      if (this.#fault !== undefined) return this.#fault;
      count++;
    } while (reader.more());
    this.#fields.length = count;
    return undefined;
  }

  #value(field: number): Field {
    const { kind, raw } = this.#reader;
    const column = this.#columns[field] ?? anyColumn;
    if (kind === 'null') return null;
    if (column.bits !== undefined) return kind === 'number' ? raw : this.#bits(raw, column.bits, field);
    if (this.#binary[field]) return Buffer.from(raw, 'latin1');
    if (kind === 'number') return raw;
    if (kind === 'string') return this.#text(raw, this.#stringSet(column, field), field);
    if (column.type === undefined) return Buffer.from(raw, 'latin1');
    // MySQL reads these bytes as a number, not as the text of one.
    if (column.type === 'N') this.#fail('undecodable', field, 'is a number written as bytes');
    return this.#text(raw, setOf(column), field);
  }

  /** The character set of a string that is not binary. */
  #stringSet(column: SqlColumn, field: number): CharacterSet {
    const { characterSet: named } = this.#reader;
    if (named === undefined) return this.#sessionSet ?? setOf(column);
    const set = characterSet(named);
    if (set === undefined) this.#fail('undecodable', field, `is written in character set ${named}, which is not known`);
    return set ?? utf8;
  }

  #text(raw: string, set: CharacterSet, field: number): string {
    if (set.kind === 'utf8') {
      if ((this.#isAscii && this.#reader.kind === 'string') || !nonAscii.test(raw)) return raw;
      const bytes = Buffer.from(raw, 'latin1');
      if (!isUtf8(bytes)) this.#fail('invalid-utf8', field, 'is not valid UTF-8');
      return bytes.toString('utf8');
    }
    if (!('decode' in set)) {
      this.#fail('undecodable', field, `is text in character set ${set.name}, which can't be read`);
      return '';
    }
    const text = set.decode(Buffer.from(raw, 'latin1'));
    if (text === undefined) this.#fail('undecodable', field, `holds a byte that is not a character of ${set.name}`);
    return text ?? '';
  }

  /** The unsigned number of the bytes of a BIT value. */
  #bits(raw: string, bits: number, field: number): string {
    const value = raw === '' ? 0n : BigInt(`0x${Buffer.from(raw, 'latin1').toString('hex')}`);
    if (value >> BigInt(bits) !== 0n) this.#fail('undecodable', field, `does not fit into bit(${bits})`);
    return value.toString();
  }

  #fail(code: RejectCode, field: number, what: string): void {
    const column = this.#columns[field]?.name;
    const name = column === undefined ? `field ${field + 1}` : `field ${field + 1} ("${column}")`;
    this.#fault = { code, message: `${name} ${what}`, ...(column !== undefined && { column }) };
  }
}

/** The character set of the column. A column without one, such as JSON or a date, is UTF-8. */
function setOf(column: SqlColumn): CharacterSet {
  return (column.characterSet === undefined ? undefined : characterSet(column.characterSet)) ?? utf8;
}

const [blank, quote, doubleQuote, comma, dash, dot, zero, nine] = [0x20, 0x27, 0x22, 0x2c, 0x2d, 0x2e, 0x30, 0x39];
/** The position of NULL. */
const nowhere = -1;

/** Kinds of bytes in a string without escapes; 0 for those that stand for themselves. */
const [escapedInJson, closing] = [1, 2];
const inString = new Uint8Array(256).fill(escapedInJson, 0, blank);
inString[doubleQuote] = escapedInJson;
inString[quote] = closing;

/** Finds the values of plain tuples, as positions in their bytes: quoted strings, numbers in digits, and NULL. */
class TupleSplitter extends PlainSplitter {
  holdsNull = false;

  constructor() {
    super(',');
  }

  /** Takes the content of the parentheses of a plain tuple of valid UTF-8. Returns false for any other value. */
  splitTuple(buffer: Buffer, start: number, end: number, isAscii: boolean): boolean {
    this.begin(buffer, isAscii);
    const { starts, ends } = this;
    this.holdsNull = false;
    let escapes = 0;
    let count = 0;
    let at = start;
    for (;;) {
      let byte = buffer[at]!;
      while (byte <= blank) byte = buffer[++at]!;
      if (byte === quote) {
        starts[count] = ++at;
        let kind = inString[buffer[at]!]!;
        for (; kind !== closing; kind = inString[buffer[++at]!]!) escapes += kind;
        ends[count++] = at++;
      } else if (byte === 0x4e && isNull(buffer, at)) {
        starts[count] = nowhere;
        ends[count++] = nowhere;
        this.holdsNull = true;
        at += 4;
      } else {
        const numberEnd = endOfNumber(buffer, at);
        if (numberEnd === -1) return false;
        starts[count] = at;
        at = numberEnd;
        ends[count++] = at;
      }
      byte = buffer[at]!;
      while (byte <= blank) byte = buffer[++at]!;
      if (at === end) break;
      if (byte !== comma) return false;
      at++;
    }
    this.count = count;
    this.needsNoEscape = escapes === 0;
    return true;
  }

  override fill(fields: Field[]): void {
    const { count, starts } = this;
    for (let i = 0; i < count; i++) fields[i] = starts[i] === nowhere ? null : this.text(i);
    if (fields.length !== count) fields.length = count;
  }
}

function isNull(buffer: Buffer, at: number): boolean {
  return buffer[at + 1] === 0x55 && buffer[at + 2] === 0x4c && buffer[at + 3] === 0x4c;
}

/** First byte after digits with an optional sign and point; -1 for any other number, or none. */
function endOfNumber(buffer: Buffer, start: number): number {
  let at = buffer[start] === dash ? start + 1 : start;
  let points = 0;
  let byte = buffer[at]!;
  if (byte < zero || byte > nine) return -1;
  while ((byte >= zero && byte <= nine) || byte === dot) {
    if (byte === dot) points++;
    byte = buffer[++at]!;
  }
  return points > 1 || buffer[at - 1] === dot ? -1 : at;
}
