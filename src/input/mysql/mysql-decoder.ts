import { isAscii, isUtf8 } from 'node:buffer';
import type { Field } from '../../domain/column.ts';
import type { RejectCode, RowFault } from '../../domain/row.ts';
import { HeaderRows, PlainSplitter, repeatedHeader } from '../field-splitters.ts';
import type { FieldDecoder, FramedRows, SplitRow } from '../framed-rows.ts';
import { isEnclosable } from './definition/table-column.ts';
import type { MysqlSettings } from './mysql-settings.ts';
import {
  hiddenPredicate,
  hiddenSeparators,
  indexOrEnd,
  isNullWord,
  nullWord,
  nullWordBytes,
  unescaped,
  unescapedIndex,
  ValueFault,
  type ValueReader,
  valueReader,
  whyBroken,
} from './mysql-values.ts';

const nullLetter = 'N';
const nonAscii = /[\x80-\xff]/;

/**
 * Decodes fields of MySQL text. A row is read as Latin-1, in which a character is a byte; fields are split and unescaped as
 * such, and then become text, numbers or bytes.
 */
export class MysqlDecoder implements FieldDecoder {
  plain: SplitRow | undefined;
  readonly #fields: Field[] = [];
  readonly #splitter: PlainSplitter;
  /** True if the fields of the row are not yet texts. */
  #isUnread = false;
  readonly #settings: MysqlSettings;
  readonly #binary: readonly boolean[];
  readonly #readers: ValueReader[];
  /** By field: left out of the items. */
  readonly #omitted: readonly boolean[];
  /** By field, if only some are enclosed and the columns are known. */
  readonly #enclosable: readonly boolean[] | undefined;
  /** In rows without escapes, fields are their bytes unchanged: in any UTF-8, or in ASCII only. */
  readonly #plainText: 'utf8' | 'ascii' | undefined;
  /** By field: bytes that may hide a separator in an omitted column of a multi-byte set. */
  readonly #hidden: readonly (RegExp | undefined)[];
  /** By field: whether the client's word NULL is NULL there. */
  readonly #nullWords: readonly boolean[];
  readonly #nullWordElsewhere: boolean;
  /** Nullable fields, in which the word NULL may mean NULL. */
  readonly #nullable: readonly number[];
  /** Where the first word NULL from `#searchedFrom` on is in `#searched`. */
  #nullWordAt = 0;
  #searchedFrom = 0;
  #searched: Buffer | undefined;
  readonly #headerRows: HeaderRows | undefined;
  // What is wrong with the field last looked at.
  #fault: RowFault | undefined;
  #end = 0;

  /** `header`: names; a row that equals them is a header. */
  constructor(settings: MysqlSettings, binary: readonly boolean[], header?: readonly string[]) {
    const { columns = [], names = [], omitted = [], optionallyEnclosed, bits } = settings;
    this.#settings = settings;
    if (header !== undefined) this.#headerRows = new HeaderRows([header]);
    this.#splitter = new PlainSplitter(settings.fieldTerminator[0]!);
    this.#binary = binary;
    this.#omitted = (settings.columns?.map(({ name }) => name) ?? names).map((name) => omitted.includes(name));
    this.#readers = columns.map((_, field) => valueReader(settings, field, binary[field] === true));
    this.#nullWordElsewhere = settings.nullText === 'null';
    this.#nullWords = columns.map((column) => isNullWord(column, this.#nullWordElsewhere));
    this.#nullable = columns.flatMap(({ nullable }, field) => (nullable && !this.#omitted[field] ? [field] : []));
    const asRaw = bits === 'raw' ? 'raw' : 'escaped';
    if (optionallyEnclosed && columns.length > 0) this.#enclosable = columns.map((one) => isEnclosable(one, asRaw));
    this.#plainText = this.#plainTextOf(settings, binary);
    this.#hidden = columns.map((column, field) =>
      this.#omitted[field] ? hiddenSeparators(settings, column) : undefined,
    );
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
    if (kind === 'broken' || kind === 'unclear') {
      return { code: 'undecodable', message: whyBroken(this.#settings, rows.buffer.toString('latin1', start, end)) };
    }
    if (kind === 'plain' && this.#plainText !== undefined && (rows.ascii || this.#isText(rows.buffer, start, end))) {
      this.#splitter.split(rows.buffer, start, end, rows.ascii);
      this.#isUnread = true;
      if (this.#headerRows?.isPlain(this.#splitter)) return repeatedHeader;
      const isSearched = rows.buffer === this.#searched && start >= this.#searchedFrom && end <= this.#nullWordAt;
      if (!isSearched && this.#holdsNullWord(rows.buffer, start, end)) return this.#fault;
      if (this.#splitter.needsNoEscape) this.plain = this.#splitter;
      return undefined;
    }
    const text = rows.buffer.toString('latin1', start + this.#settings.lineStart.length, end);
    const ascii = rows.ascii || !nonAscii.test(text);
    this.#isUnread = false;
    const fault = this.#decodeFields(text, ascii, kind === 'plain');
    return fault === undefined && this.#headerRows?.isRead(this.#fields) ? repeatedHeader : fault;
  }

  #plainTextOf(settings: MysqlSettings, binary: readonly boolean[]): 'utf8' | 'ascii' | undefined {
    const { batch, enclosure, fieldTerminator, lineStart } = settings;
    if (batch || enclosure !== undefined || fieldTerminator.length > 1 || lineStart !== '') return undefined;
    if (binary.includes(true) || this.#readers.some(({ keepsAscii }) => !keepsAscii)) return undefined;
    return this.#readers.every(({ keepsUtf8 }) => keepsUtf8) ? 'utf8' : 'ascii';
  }

  #isText(buffer: Buffer, start: number, end: number): boolean {
    const row = buffer.subarray(start, end);
    return this.#plainText === 'utf8' ? isUtf8(row) : isAscii(row);
  }

  /** Whether a nullable field of the row that was split is the word NULL. Sets the fault. */
  #holdsNullWord(buffer: Buffer, start: number, end: number): boolean {
    this.#searched = buffer;
    this.#searchedFrom = start;
    const at = this.#nullable.length === 0 ? -1 : buffer.indexOf(nullWordBytes, start);
    this.#nullWordAt = at === -1 ? buffer.length : at;
    if (this.#nullWordAt >= end) return false;
    const { starts, ends, count } = this.#splitter;
    const field = this.#nullable.find(
      (i) => i < count && ends[i]! - starts[i]! === nullWord.length && this.#splitter.text(i) === nullWord,
    );
    if (field !== undefined) this.#failAsNullWord(field);
    return field !== undefined;
  }

  #decodeFields(text: string, ascii: boolean, plain: boolean): RowFault | undefined {
    const { escape: escapedBy, enclosure, fieldTerminator } = this.#settings;
    this.#fault = undefined;
    let count = 0;
    let from = 0;
    let escapeAt = plain ? text.length : indexOrEnd(text, escapedBy, 0);
    do {
      const quoted = enclosure !== undefined && text[from] === enclosure && this.#enclosable?.[count] !== false;
      const raw = quoted ? this.#enclosed(text, from, count) : this.#bare(text, from, escapeAt);
      const to = this.#end;
      const escaped = escapeAt < to;
      if (this.#omitted[count]) this.#skip(text.slice(from, to + 1), count);
      else if (!quoted && this.#isNull(raw, escaped, count)) this.#fields[count] = null;
      else this.#fields[count] = this.#value(raw, escaped, ascii, count);
      if (this.#fault !== undefined) return this.#fault;
      count++;
      if (escaped) escapeAt = indexOrEnd(text, escapedBy, to);
      from = to + fieldTerminator.length;
    } while (this.#end < text.length);
    this.#fields.length = count;
    return undefined;
  }

  /** The text of a field without enclosures, with its escapes. Sets `#end`. */
  #bare(text: string, from: number, escapeAt: number): string {
    const { fieldTerminator, escape: escapedBy } = this.#settings;
    let to = indexOrEnd(text, fieldTerminator, from);
    if (escapeAt < to) to = unescapedIndex(text, fieldTerminator, from, escapedBy);
    this.#end = to;
    return text.slice(from, to);
  }

  /** The text between two enclosures, after which the field must end. Sets `#end`. */
  #enclosed(text: string, from: number, field: number): string {
    const { fieldTerminator, escape: escapedBy, enclosure } = this.#settings;
    const close = unescapedIndex(text, enclosure!, from + 1, escapedBy);
    this.#end = Math.min(close + 1, text.length);
    const isClean = close < text.length && (this.#end === text.length || text.startsWith(fieldTerminator, this.#end));
    if (!isClean) this.#fail('undecodable', field, 'has text after its closing quote');
    return text.slice(from + 1, close);
  }

  #isNull(raw: string, escaped: boolean, field: number): boolean {
    const { batch, escape: escapedBy, enclosure, optionallyEnclosed, columns } = this.#settings;
    if (batch) return raw === nullWord && (this.#nullWords[field] ?? this.#nullWordElsewhere);
    if (escaped && raw.length === 2 && raw[0] === escapedBy && raw[1] === nullLetter) return true;
    if (raw === nullWord && (enclosure !== undefined || columns?.[field]?.nullable)) this.#failAsNullWord(field);
    else if (enclosure === undefined) return false;
    else if (!optionallyEnclosed) this.#fail('undecodable', field, 'is neither NULL nor in quotes');
    else this.#checkUnenclosed(raw, field);
    return false;
  }

  /** `span`: the field and the character after it. */
  #skip(span: string, field: number): void {
    this.#fields[field] = '';
    if (this.#hidden[field]?.test(span)) this.#fail('undecodable', field, hiddenPredicate);
  }

  /** With `--fields-optionally-enclosed-by`, only numbers and raw BIT values are not enclosed. */
  #checkUnenclosed(raw: string, field: number): void {
    const { columns, enclosure } = this.#settings;
    const { bits, digits } = columns?.[field] ?? {};
    if (this.#enclosable?.[field]) {
      if (digits !== true) this.#fail('undecodable', field, 'is neither NULL nor in quotes');
    } else if (bits === undefined && raw[0] === enclosure) {
      this.#fail('undecodable', field, 'is in quotes, in which MySQL does not write a number');
    } else if (bits === undefined && raw.includes(enclosure!)) {
      this.#fail('undecodable', field, 'has a quote inside');
    }
  }

  #failAsNullWord(field: number): void {
    const { enclosure, columns, names } = this.#settings;
    const name = columns?.[field]?.name ?? names?.[field];
    const orText = name === undefined ? '' : `, or --types ${name}=S if it is text`;
    const what =
      enclosure === undefined
        ? `is the word NULL; pass --format mysql-batch --no-header if the client wrote it for NULL${orText}`
        : `is NULL as --fields-escaped-by='' writes it, and such a dump can't be decoded`;
    this.#fail('bare-null', field, what);
  }

  #value(raw: string, escaped: boolean, ascii: boolean, field: number): Field {
    const reader = this.#readers[field] ?? this.#addReader(field);
    const bytes = escaped ? this.#unescaped(raw, field) : raw;
    if (reader.keepsAscii && (ascii || !nonAscii.test(bytes))) return bytes;
    if (this.#fault !== undefined) return null;
    const { columns, bits } = this.#settings;
    if (bits === 'escaped' && columns?.[field]?.bits !== undefined && raw.includes('\0')) {
      this.#fail('undecodable', field, 'holds a NUL byte without an escape, unlike other BIT values of the source');
    }
    const value = reader.read(bytes);
    if (!(value instanceof ValueFault)) return value;
    this.#fail(value.code, field, value.what);
    return null;
  }

  #unescaped(raw: string, field: number): string {
    const { escape: escapedBy, batch } = this.#settings;
    const text = unescaped(raw, escapedBy, batch);
    if (text === undefined) {
      this.#fail('undecodable', field, `has an escape that ${batch ? 'mysql --batch' : 'MySQL'} does not write`);
    }
    return text ?? '';
  }

  #addReader(field: number): ValueReader {
    const reader = valueReader(this.#settings, field, this.#binary[field] === true);
    this.#readers[field] = reader;
    return reader;
  }

  #fail(code: RejectCode, field: number, what: string): void {
    const column = this.#settings.columns?.[field]?.name ?? this.#settings.names?.[field];
    const name = column === undefined ? `field ${field + 1}` : `field ${field + 1} ("${column}")`;
    this.#fault = { code, message: `${name} ${what}`, ...(column !== undefined && { column }) };
  }
}
