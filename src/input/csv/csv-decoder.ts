import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import type { Field } from '../../domain/column.ts';
import type { RowFault } from '../../domain/row.ts';
import { HeaderRows, PlainSplitter, QuotedSplitter, repeatedHeader } from '../field-splitters.ts';
import { carriageReturn, type FieldDecoder, type FramedRows, lineFeed, type SplitRow } from '../framed-rows.ts';

export type CsvText = {
  readonly delimiter: string;
  readonly quote: string;
  readonly escape: string;
  /** Unquoted text for NULL. */
  readonly nullText: string | undefined;
  /** Whether `--escape` was passed. Without it, a row with a backslash that may be an escape is rejected. */
  readonly escapeTold: boolean;
  /** Whether a table definition names the columns, so that MySQL may have written the rows, with its escapes of letters. */
  readonly schemaTold?: boolean;
  /**
   * Length of the line end of every row, 1 (LF) or 2 (CR LF), if MySQL may have written the rows; undefined if both are
   * allowed. Determined by the sample, because a resume and a verification start elsewhere.
   */
  readonly lineEndBytes?: number | undefined;
  /** Whether `--null` or `--no-null` was passed. Without it, a row with an unquoted word for NULL is rejected. */
  readonly nullTold: boolean;
};

/** Splits rows into fields: those without quotes as positions in their bytes, others as text. */
export class CsvDecoder implements FieldDecoder {
  plain: SplitRow | undefined;
  readonly #text: CsvText;
  readonly #splitter: PlainSplitter;
  readonly #quotedSplitter: QuotedSplitter;
  readonly #backslashes: BareBackslashes | undefined;
  readonly #headerRows: HeaderRows | undefined;
  readonly #nullBytes: number;
  readonly #fields: Field[] = [];
  /** True if the fields of the row are not yet texts. */
  #isUnread = false;

  /** `headers`: lists of names; a row that equals one is a header. */
  constructor(text: CsvText, headers: readonly (readonly string[])[] = []) {
    this.#text = text;
    this.#splitter = new PlainSplitter(text.delimiter);
    this.#quotedSplitter = new QuotedSplitter(text);
    this.#backslashes = text.escapeTold ? undefined : new BareBackslashes(text.quote, text.schemaTold === true);
    this.#headerRows = headers.length === 0 ? undefined : new HeaderRows(headers);
    this.#nullBytes = Buffer.byteLength(text.nullText ?? '');
  }

  get fields(): readonly Field[] {
    if (this.#isUnread) this.#readSplit();
    return this.#fields;
  }

  decode(rows: FramedRows, index: number): RowFault | undefined {
    const kind = rows.kinds[index];
    const { buffer } = rows;
    const start = rows.starts[index]!;
    const end = rows.ends[index]!;
    this.plain = undefined;
    if (this.#backslashes?.isIn(buffer, start, end)) return bareBackslash(this.#text.quote);
    if (kind === 'broken') return this.#broken(buffer, start, end);
    if (buffer[end - 1] === carriageReturn) return carriageReturnAtEnd;
    if (this.#endsOtherwise(rows.nexts[index]! - end)) return otherLineEnd;
    if (!rows.ascii && !isUtf8(buffer.subarray(start, end))) {
      return { code: 'invalid-utf8', message: 'the row is not valid UTF-8; convert the file, for example with iconv' };
    }
    return kind === 'quoted' ? this.#takeQuoted(rows, index) : this.#takePlain(rows, start, end);
  }

  /** If only some rows end with a carriage return, it may belong to a value. The last row may have no line end. */
  #endsOtherwise(byteLength: number): boolean {
    const { lineEndBytes } = this.#text;
    return lineEndBytes !== undefined && byteLength !== 0 && byteLength !== lineEndBytes;
  }

  #broken(buffer: Buffer, start: number, end: number): RowFault {
    if (this.#headerRows?.isMarked(buffer, start, end, this.#quotedSplitter)) return repeatedHeader;
    return {
      code: 'misplaced-quote',
      message: 'a quote stands inside an unquoted field, or text follows a closing quote',
    };
  }

  #takePlain({ buffer, ascii }: FramedRows, start: number, end: number): RowFault | undefined {
    const { nullText, nullTold } = this.#text;
    const splitter = this.#splitter;
    splitter.split(buffer, start, end, ascii);
    if (this.#headerRows?.isPlain(splitter)) return repeatedHeader;
    if (!nullTold && splitter.mayHoldNull) {
      const field = bareNullIn(splitter);
      if (field !== -1) return bareNull(field, splitter.text(field));
    }
    this.#isUnread = true;
    const holdsNull = nullText !== undefined && splitter.holds(nullText, this.#nullBytes);
    if (splitter.needsNoEscape && !holdsNull) this.plain = splitter;
    return undefined;
  }

  #readSplit(): void {
    const fields = this.#fields;
    const { nullText } = this.#text;
    this.#splitter.fill(fields);
    this.#isUnread = false;
    if (nullText === undefined) return;
    for (let i = 0; i < fields.length; i++) if (fields[i] === nullText) fields[i] = null;
  }

  #takeQuoted({ buffer, ascii, starts, ends }: FramedRows, index: number): RowFault | undefined {
    const { nullText, nullTold } = this.#text;
    const fields = this.#fields;
    const splitter = this.#quotedSplitter;
    splitter.split(buffer.toString(ascii ? 'latin1' : 'utf8', starts[index], ends[index]), fields);
    this.#isUnread = false;
    if (this.#headerRows?.isRead(fields)) return repeatedHeader;
    for (let i = 0; i < fields.length; i++) {
      if (splitter.quoted[i]) continue;
      if (!nullTold && isNullWord(fields[i] as string)) return bareNull(i, fields[i] as string);
      if (fields[i] === nullText) fields[i] = null;
    }
    return undefined;
  }
}

/**
 * Decodes the row that names the columns. A wrong name would be wrong in every item, so csv-parse must read the row in the
 * same way. Other rows are split without csv-parse, at a fraction of its cost.
 */
export class CsvHeaderDecoder implements FieldDecoder {
  readonly plain = undefined;
  readonly #text: CsvText;
  readonly #decoder: CsvDecoder;

  constructor(text: CsvText) {
    const names = { nullText: undefined, nullTold: true, escapeTold: true, lineEndBytes: undefined };
    this.#text = text;
    this.#decoder = new CsvDecoder({ ...text, ...names });
  }

  get fields(): readonly Field[] {
    return this.#decoder.fields;
  }

  decode(rows: FramedRows, index: number): RowFault | undefined {
    const fault = this.#decoder.decode(rows, index);
    if (fault !== undefined) return fault;
    const names = this.#parsed(rows.buffer.toString('utf8', rows.starts[index], rows.ends[index]));
    if (names?.length === this.fields.length && names.every((name, i) => name === this.fields[i])) return undefined;
    return { code: 'undecodable', message: 'its quotes and escapes can be read in two ways' };
  }

  #parsed(row: string): readonly string[] | undefined {
    const { delimiter, quote, escape: escapedBy } = this.#text;
    try {
      const marks = { delimiter, quote: quote || null, escape: escapedBy || null, record_delimiter: '\n' };
      const [names = []] = parse(row, { ...marks, relax_column_count: true });
      return names;
    } catch {
      return undefined;
    }
  }
}

const carriageReturnAtEnd: RowFault = {
  code: 'undecodable',
  message: 'the row ends with a second carriage return, so its last field may be damaged',
};

const otherLineEnd: RowFault = {
  code: 'undecodable',
  message:
    'of this row and the first of the source, one ends with CR LF and the other with LF, so a CR may belong to a value',
};

/** A backslash that may be an escape or text. */
function bareBackslash(quote: string): RowFault {
  return {
    code: 'bare-backslash',
    message:
      'a backslash stands before a quote, a backslash or a line end; ' +
      `pass --escape '\\' if it is an escape, --escape '${quote}' if it is text`,
  };
}

/** In a row with quotes, where a program left them out for NULL: what MySQL, phpMyAdmin, DBeaver and DataGrip write. */
function isNullWord(text: string): boolean {
  return text.length <= 6 && /^(?:\\N|null|\(null\)|<null>|\[null\])$/i.test(text);
}

/** A word that may be NULL or text. */
function bareNull(field: number, text: string): RowFault {
  return {
    code: 'bare-null',
    message: `field ${field + 1} is ${text} without quotes; pass --null '${text}' if it is NULL, --no-null if it is text`,
  };
}

const nullWord = 0x4e554c4c;
const backslashN = 0x5c4e;

/** Index of the first field that is NULL or \N, or -1. Compares only fields of these lengths. */
function bareNullIn({ starts, ends, count, bytes }: PlainSplitter): number {
  for (let i = 0; i < count; i++) {
    const byteLength = ends[i]! - starts[i]!;
    if (byteLength === 4 && bytes.getUint32(starts[i]!) === nullWord) return i;
    if (byteLength === 2 && bytes.getUint16(starts[i]!) === backslashN) return i;
  }
  return -1;
}

const backslash = 92;

/** Finds backslashes that may be escapes of MySQL. A buffer without a backslash is searched once, not row by row. */
class BareBackslashes {
  /** By byte: 1 if a backslash before it may be an escape. */
  readonly #isEscaped = new Uint8Array(256);
  #buffer: Buffer | undefined;
  #isClean = false;

  /** `mayBeMysql`: MySQL also escapes some letters. */
  constructor(quote: string, mayBeMysql: boolean) {
    const escaped = `${quote}\\\n\r${mayBeMysql ? '0nt' : ''}`;
    for (const character of escaped) this.#isEscaped[character.charCodeAt(0)] = 1;
  }

  /** Whether the row from `start` to `end` has a backslash before a character that it may escape. */
  isIn(buffer: Buffer, start: number, end: number): boolean {
    if (buffer !== this.#buffer) {
      this.#buffer = buffer;
      this.#isClean = !buffer.includes(backslash);
    }
    return !this.#isClean && this.#isInRow(buffer, start, end);
  }

  #isInRow(buffer: Buffer, start: number, end: number): boolean {
    for (let at = start; at < end; at++) {
      if (buffer[at] !== backslash) continue;
      const next = at + 1 < end ? buffer[at + 1] : lineFeed;
      if (this.#isEscaped[next!] === 1) return true;
    }
    return false;
  }
}
