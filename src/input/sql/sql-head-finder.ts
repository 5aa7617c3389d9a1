import { lineFeed } from '../framed-rows.ts';
import { isNamed } from './sql-head.ts';
import { SqlSkipper } from './sql-skipper.ts';
import { newSession, obey, readInsertHead } from './sql-statements.ts';

/** Bytes kept of the statement with the first rows. */
const keptOfRows = 256 * 1024;
const longestInsertHead = 256 * 1024;
const maxKept = 64 * 1024 * 1024;
const letters = /^[A-Za-z_]*/;

/**
 * Collects what precedes the rows of one table in a dump, and the first of these rows, from bytes cut anywhere. Of the rows
 * of other tables it keeps only the line feeds, so that line numbers stay right.
 */
export class SqlHeadFinder {
  readonly #sourceTable: string;
  readonly #skipper = new SqlSkipper();
  readonly #session = newSession();
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;
  /** Bytes to keep, once the rows have begun. */
  #enough = 0;
  #carry: Buffer = Buffer.alloc(0);
  #state: 'between' | 'keeping' | 'dropping' | 'rows' = 'between';
  /** Bytes of a SET statement so far. */
  #setting: Buffer[] | undefined;

  /** `sourceTable`: `t` or `db.t`. */
  constructor(sourceTable: string) {
    this.#sourceTable = sourceTable;
  }

  get head(): Buffer {
    return Buffer.concat(this.#kept);
  }

  /** Returns true once the head is complete. */
  push(chunk: Uint8Array): boolean {
    const buffer = Buffer.concat([this.#carry, chunk]);
    let at = 0;
    while (at < buffer.length && this.#state !== 'rows') {
      const next = this.#state === 'between' ? this.#begin(buffer, at) : this.#goOn(buffer, at);
      if (next === at && this.#state !== 'keeping' && this.#state !== 'dropping') break;
      if (next === at && this.#skipper.waits) break;
      at = next;
    }
    if (this.#state === 'rows') {
      this.#keep(buffer.subarray(at, at + this.#enough - this.#keptBytes));
      at = buffer.length;
    }
    this.#carry = buffer.subarray(at);
    return this.#keptBytes >= (this.#state === 'rows' ? this.#enough : maxKept);
  }

  /** Skips to the next statement and decides what to keep of it. Returns `at` if that takes more bytes. */
  #begin(buffer: Buffer, from: number): number {
    const at = this.#skipper.blanks(buffer, from, false);
    if (at > from) {
      this.#keep(buffer.subarray(from, at));
      return at;
    }
    const word = letters.exec(buffer.toString('latin1', at, at + 64))![0].toLowerCase();
    if (this.#skipper.waits || at + word.length === buffer.length) return at;
    if (word === 'delimiter' || word === 'use') return this.#line(buffer, at, word);
    if (word === 'insert' || word === 'replace') return this.#insert(buffer, at);
    this.#state = 'keeping';
    this.#setting = word === 'set' ? [] : undefined;
    return at;
  }

  #line(buffer: Buffer, at: number, word: 'delimiter' | 'use'): number {
    const skipper = this.#skipper;
    const end = word === 'use' ? skipper.useLine(buffer, at, false) : skipper.delimiterLine(buffer, at, false);
    if (word === 'use' && end > at) obey(this.#session, buffer.toString('latin1', at, end));
    this.#keep(buffer.subarray(at, end));
    return end;
  }

  #insert(buffer: Buffer, at: number): number {
    const head = readInsertHead(buffer.toString('latin1', at, at + longestInsertHead), this.#session);
    if (head === undefined && buffer.length - at < longestInsertHead) return at;
    const database = head?.table.database ?? this.#session.database;
    const table = { name: head?.table.name ?? '', ...(database !== undefined && { database }) };
    const isOurs = head?.end !== undefined && isNamed(table, this.#sourceTable);
    this.#state = isOurs ? 'rows' : 'dropping';
    this.#enough = this.#keptBytes + keptOfRows;
    return at;
  }

  #goOn(buffer: Buffer, at: number): number {
    const skipper = this.#skipper;
    const end = skipper.statement(buffer, at, false);
    const bytes = buffer.subarray(at, end);
    if (this.#state === 'keeping') this.#keep(bytes);
    else this.#keep(Buffer.from(bytes.filter((byte) => byte === lineFeed)));
    this.#setting?.push(bytes);
    if (skipper.ended) this.#endStatement();
    return end;
  }

  #endStatement(): void {
    this.#state = 'between';
    if (this.#setting === undefined) return;
    obey(this.#session, Buffer.concat(this.#setting).toString('latin1'));
    this.#setting = undefined;
    this.#skipper.backslashEscapes = !this.#session.noBackslashEscapes;
    this.#skipper.ansiQuotes = this.#session.ansiQuotes;
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#kept.push(Buffer.from(bytes));
    this.#keptBytes += bytes.length;
  }
}
