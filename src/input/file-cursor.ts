import type { SourceFile } from '../ports/source.ts';
import type { Dialect, FramedRows } from './framed-rows.ts';
import { changedSource } from './source-hash.ts';

/** A RowBlock that its header can still be taken off. */
export type MutableBlock = { rows: FramedRows; fileIndex: number; line: number; byteOffset: number };

/** Where the reader stands in one file. */
export class FileCursor {
  readonly file: SourceFile;
  readonly #fileIndex: number;
  readonly #dialect: Dialect;
  #framer: ReturnType<Dialect['framer']>;
  #line = 1;
  /** First byte that was not yet given out in a block. */
  #byteOffset = 0;
  #skipTo: { byteOffset: number; line: number } | undefined;
  bytesRead = 0;
  headerRead = false;

  constructor(
    file: SourceFile,
    fileIndex: number,
    dialect: Dialect,
    skipTo: { byteOffset: number; line: number } | undefined,
  ) {
    this.file = file;
    this.#fileIndex = fileIndex;
    this.#dialect = dialect;
    this.#skipTo = skipTo;
    this.#framer = dialect.framer(file.name, 1);
  }

  /** True below the mark: rows are not given out, but for the header's sake. */
  get skipping(): boolean {
    return this.#skipTo !== undefined;
  }

  /** `begin`: bytes of the chunk (a byte order mark) that belong to no row. */
  *take(chunk: Uint8Array, begin: number): Generator<MutableBlock> {
    const offset = this.bytesRead;
    this.bytesRead += chunk.length;
    if (offset === 0) this.#byteOffset = begin;
    if (this.#skipTo !== undefined && this.#dialect.header && !this.headerRead) {
      yield this.#block(this.#framer.push(offset === 0 ? chunk.subarray(begin) : chunk));
    }
    if (this.#skipTo === undefined) {
      yield this.#block(this.#framer.push(offset === 0 ? chunk.subarray(begin) : chunk));
    } else if (this.bytesRead > this.#skipTo.byteOffset) {
      const { byteOffset, line } = this.#skipTo;
      this.#skipTo = undefined;
      this.#byteOffset = byteOffset;
      this.#line = line;
      this.#framer = this.#dialect.framer(this.file.name, line, true);
      yield this.#block(this.#framer.push(chunk.subarray(byteOffset - offset)));
    }
  }

  end(): MutableBlock | undefined {
    if (this.#skipTo === undefined) return this.#block(this.#framer.end());
    const { byteOffset, line } = this.#skipTo;
    if (byteOffset !== Number.POSITIVE_INFINITY && this.bytesRead < byteOffset) {
      throw changedSource(`${this.file.name} ends before byte ${byteOffset}, up to which it was imported`);
    }
    // That the file was cut short is still to be told, though all its rows are done.
    if (byteOffset === this.bytesRead) this.#dialect.framer(this.file.name, line, true).end();
    // A header may be all that the file holds, without a line feed behind it.
    return this.#dialect.header && !this.headerRead ? this.#block(this.#framer.end()) : undefined;
  }

  /** Takes the first rows off a block; all at once, since blank lines before a header can be many. */
  drop(block: MutableBlock, count: number): void {
    if (count === 0) return;
    const { rows } = block;
    block.byteOffset += rows.nexts[count - 1]! - rows.starts[0]!;
    for (let i = 0; i < count; i++) block.line += rows.lines[i]!;
    for (const column of [rows.starts, rows.ends, rows.nexts, rows.lines, rows.kinds]) column.splice(0, count);
    rows.count -= count;
  }

  #block(rows: FramedRows): MutableBlock {
    const block = { rows, fileIndex: this.#fileIndex, line: this.#line, byteOffset: this.#byteOffset };
    for (let i = 0; i < rows.count; i++) this.#line += rows.lines[i]!;
    if (rows.count > 0) this.#byteOffset += rows.nexts[rows.count - 1]! - rows.starts[0]!;
    return block;
  }
}
