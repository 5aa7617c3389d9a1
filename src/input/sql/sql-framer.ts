import { isAscii } from 'node:buffer';
import { formatCount } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import { countLineFeeds, type FramedRows, type Framer, noRows, type RowKind } from '../framed-rows.ts';
import { InsertGate, type SqlSettings } from './sql-settings.ts';
import { SqlSkipper } from './sql-skipper.ts';
import { beginsStatement, type InsertHead, obey, readInsertHead } from './sql-statements.ts';
import { TupleFinder } from './tuple-finder.ts';

const [open, semicolon, lineFeed] = [0x28, 0x3b, 0x0a];
/** A longer SET statement is skipped. */
const longestSet = 64 * 1024;
/** Sizes in which the head of a statement is searched in turn, because most statements are long. */
const headSizes = [1024, 64 * 1024, Number.POSITIVE_INFINITY];
const letters = /^[A-Za-z_]+/;

/**
 * Finds the tuples of one table's INSERT and REPLACE statements; everything else is a blank row, as far as the chunk goes. A
 * resume begins after the separator of a tuple: if the next byte opens a parenthesis, the statement continues, and the
 * InsertGate has made sure that all statements of the table are alike. Otherwise a statement begins.
 */
export class SqlFramer implements Framer {
  readonly #settings: SqlSettings;
  readonly #fileName: string;
  readonly #rows: FramedRows = noRows();
  readonly #skipper = new SqlSkipper();
  readonly #finder = new TupleFinder();
  readonly #gate: InsertGate;
  /** First byte of the buffer that is not in a row yet. */
  #free = 0;
  /** Whether the statement that begins needs more bytes to be recognized. */
  #needsMore = false;
  #state: 'between' | 'skipping' | 'rows' = 'between';
  #resumed: boolean;
  #carry: Buffer | undefined;
  /** Line on which the next row begins. */
  #line: number;
  /** The last head and its bytes; the next one is usually the same. */
  #head: InsertHead | undefined;
  #headBytes = Buffer.alloc(0);

  constructor(settings: SqlSettings, fileName: string, line: number, resumed: boolean) {
    this.#settings = settings;
    this.#fileName = fileName;
    this.#line = line;
    this.#resumed = resumed;
    this.#gate = new InsertGate(settings, resumed);
  }

  push(chunk: Uint8Array): FramedRows {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const rows = this.#frame(this.#carry === undefined ? bytes : Buffer.concat([this.#carry, bytes]), false);
    if (this.#carry !== undefined) this.#refuseLongRow(this.#carry.length);
    return rows;
  }

  /** Throws ImportError `source-truncated` if the dump is truncated, or does not say that it is complete. */
  end(): FramedRows {
    const rows = this.#frame(this.#carry ?? Buffer.alloc(0), true);
    if (this.#state === 'rows' || this.#carry !== undefined) throw this.#cutShort();
    if (!this.#skipper.sawEndOfDump && !this.#settings.allowIncomplete) throw this.#incomplete();
    return rows;
  }

  #frame(buffer: Buffer, atEnd: boolean): FramedRows {
    const rows = this.#rows;
    rows.buffer = buffer;
    rows.ascii = isAscii(buffer);
    rows.count = 0;
    this.#free = 0;
    let at = 0;
    while (at < buffer.length) {
      const before = at;
      if (this.#state === 'rows') at = this.#takeTuple(buffer, at, atEnd);
      else if (this.#state === 'skipping') at = this.#skipStatement(buffer, at, atEnd);
      else at = this.#begin(buffer, at, atEnd);
      if (at === before && (this.#skipper.waits || this.#needsMore)) break;
    }
    this.#addBlank(buffer, at);
    this.#carry = at < buffer.length ? buffer.subarray(at) : undefined;
    return rows;
  }

  #takeTuple(buffer: Buffer, at: number, atEnd: boolean): number {
    this.#needsMore = false;
    if (buffer[at] !== open || this.#skipper.isInside) {
      const next = this.#skipper.blanks(buffer, at, atEnd);
      if (next > at || this.#skipper.waits) return next;
      throw this.#unreadable(buffer, at, 'a row is expected, and no parenthesis opens one');
    }
    this.#addBlank(buffer, at);
    const finder = this.#finder;
    const { maxRowBytes } = this.#settings;
    if (!finder.find(buffer, at)) {
      if (finder.fault !== undefined) throw this.#unreadable(buffer, at, finder.fault);
      return this.#wait(at);
    }
    if (finder.next - at > maxRowBytes) throw this.#tooLong();
    this.#add(at, finder.end, finder.next, finder.lines, finder.kind);
    if (finder.endsStatement) this.#state = 'between';
    return finder.next;
  }

  #addBlank(buffer: Buffer, end: number): void {
    const start = this.#free;
    if (end > start) this.#add(start, end, end, countLineFeeds(buffer, start, end), 'blank');
  }

  #add(start: number, end: number, next: number, lines: number, kind: RowKind): void {
    const rows = this.#rows;
    const index = rows.count++;
    rows.starts[index] = start;
    rows.ends[index] = end;
    rows.nexts[index] = next;
    rows.lines[index] = lines;
    rows.kinds[index] = kind;
    this.#line += lines;
    this.#free = next;
  }

  #skipStatement(buffer: Buffer, at: number, atEnd: boolean): number {
    const next = this.#skipper.statement(buffer, at, atEnd);
    if (this.#skipper.ended) this.#state = 'between';
    return next;
  }

  /** Skips to the next statement, or past the beginning of the one at `from`. */
  #begin(buffer: Buffer, from: number, atEnd: boolean): number {
    this.#needsMore = false;
    const at = this.#skipper.blanks(buffer, from, atEnd);
    if (at > from || this.#skipper.waits || at === buffer.length) return at;
    const isTuple = this.#resumed && buffer[at] === open;
    this.#resumed = false;
    this.#skipper.sawEndOfDump = false;
    if (isTuple) {
      this.#state = 'rows';
      return at;
    }
    return this.#statement(buffer, at, atEnd);
  }

  #statement(buffer: Buffer, at: number, atEnd: boolean): number {
    const word = letters.exec(buffer.toString('latin1', at, at + 64))?.[0].toLowerCase() ?? '';
    const mayGoOn = !atEnd && at + word.length === buffer.length;
    if (mayGoOn) return this.#wait(at);
    if (word === 'delimiter') return this.#skipper.delimiterLine(buffer, at, atEnd);
    if (word === 'use') return this.#use(buffer, at, atEnd);
    if (word === 'set') return this.#set(buffer, at, atEnd);
    if (word === 'insert' || word === 'replace') return this.#insert(buffer, at);
    const isDelimiter = buffer[at] === semicolon || buffer[at] === this.#skipper.delimiter.charCodeAt(0);
    if (isDelimiter || beginsStatement(word)) return this.#skip(at);
    // The last line of a truncated file may end within a word.
    if (buffer.indexOf(lineFeed, at) === -1) return this.#wait(at);
    throw this.#notSql(buffer, at);
  }

  #skip(at: number): number {
    this.#state = 'skipping';
    return at;
  }

  #wait(at: number): number {
    this.#needsMore = true;
    return at;
  }

  #use(buffer: Buffer, at: number, atEnd: boolean): number {
    const end = this.#skipper.useLine(buffer, at, atEnd);
    if (end > at) obey(this.#gate.session, buffer.toString('latin1', at, end));
    return end;
  }

  #set(buffer: Buffer, at: number, atEnd: boolean): number {
    const end = this.#skipper.statement(buffer, at, atEnd);
    if (!this.#skipper.ended && !atEnd) {
      if (buffer.length - at > longestSet) return this.#skip(end);
      // The statement is scanned again once it is complete.
      this.#skipper.leave();
      return this.#wait(at);
    }
    const { session } = this.#gate;
    obey(session, buffer.toString('latin1', at, end));
    this.#skipper.backslashEscapes = !session.noBackslashEscapes;
    this.#skipper.ansiQuotes = session.ansiQuotes;
    return end;
  }

  #insert(buffer: Buffer, at: number): number {
    const head = this.#readHead(buffer, at);
    if (head === undefined) return this.#wait(at);
    if (!this.#gate.isOurs(head.table)) {
      this.#settings.onOtherTable?.(head.table.name);
      return this.#skip(at);
    }
    const fault = this.#gate.faultOf(head, this.#skipper.delimiter);
    if (fault !== undefined) throw new ImportError(fault.code, `${this.#where(buffer, at)} ${fault.message}`, fault);
    this.#state = 'rows';
    return at + head.end!;
  }

  #readHead(buffer: Buffer, at: number): InsertHead | undefined {
    const last = this.#headBytes;
    const to = at + last.length;
    if (last.length > 0 && to <= buffer.length && buffer.compare(last, 0, last.length, at, to) === 0) return this.#head;
    for (const size of headSizes) {
      const to = Math.min(buffer.length, at + size);
      const head = readInsertHead(buffer.toString('latin1', at, to), this.#gate.session);
      if (head === undefined && to < buffer.length) continue;
      if (head?.end !== undefined) {
        this.#headBytes = Buffer.from(buffer.subarray(at, at + head.end));
        this.#head = head;
      }
      return head;
    }
    return undefined;
  }

  /** The statement that begins at `at`. */
  #where(buffer: Buffer, at: number): string {
    return `${this.#fileName}: the INSERT statement on line ${this.#line + countLineFeeds(buffer, this.#free, at)}`;
  }

  #unreadable(buffer: Buffer, at: number, fault: string): ImportError {
    const line = this.#line + countLineFeeds(buffer, this.#free, at);
    return new ImportError('undecodable', `${this.#fileName}: the row on line ${line} cannot be read: ${fault}`, {
      hint: 'Repair the statement, which MySQL would refuse too, or dump the table again.',
    });
  }

  #notSql(buffer: Buffer, at: number): ImportError {
    const line = this.#line + countLineFeeds(buffer, this.#free, at);
    return new ImportError('undecodable', `${this.#fileName}: line ${line} is not an SQL statement`, {
      hint: 'Remove the line, which may be a warning of mysqldump, or dump without 2>&1.',
    });
  }

  #refuseLongRow(byteLength: number): void {
    if (byteLength > this.#settings.maxRowBytes) throw this.#tooLong();
  }

  #tooLong(): ImportError {
    const row = `${this.#fileName}: the row that begins on line ${this.#line}`;
    if (this.#finder.insideString) {
      return new ImportError('unterminated-quote', `${row} opens a quote that is never closed`, {
        hint: 'Repair that line, or raise --max-row-bytes if the value is that long.',
      });
    }
    return new ImportError('row-too-long', `${row} is longer than ${formatCount(this.#settings.maxRowBytes)} bytes`, {
      hint: 'Raise --max-row-bytes.',
    });
  }

  #cutShort(): ImportError {
    const message = `${this.#fileName}: the file ends inside a statement, on line ${this.#line}`;
    return new ImportError('source-truncated', message, {
      hint: 'Compare the size of the file with the original, and copy or dump it again.',
    });
  }

  #incomplete(): ImportError {
    const message = `${this.#fileName}: the dump does not end with "-- Dump completed", so rows may be missing`;
    return new ImportError('source-truncated', message, {
      hint: 'Copy or dump it again, or pass --allow-incomplete if its last line shows that it is complete.',
    });
  }
}
