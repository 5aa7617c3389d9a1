import type { Mark } from '../domain/checkpoint.ts';
import { countOf } from '../domain/format.ts';
import { ImportError } from '../domain/import-error.ts';
import type { Source, SourceFile } from '../ports/source.ts';
import { carriageReturn, type Dialect, type FramedRows } from './framed-rows.ts';
import { changedSource, type RunningHash } from './source-hash.ts';
import { aboutMark, byteOrderMark, refuseUnsupportedBytes, refuseUnsupportedFormat } from './unsupported-formats.ts';

/** Framed rows. The first begins at `line` and `byteOffset` of the file. Reused like FramedRows. */
export type RowBlock = {
  readonly rows: FramedRows;
  readonly fileIndex: number;
  readonly line: number;
  readonly byteOffset: number;
};

/** The header of the first file. */
export type Header = { readonly names: readonly string[]; readonly bytes: Uint8Array };

/** Fewer rows may happen to end with a carriage return. */
const rowsToTellLineEnds = 4;

/** Reads the files of a source in order, as blocks of rows without the headers, from the mark on. */
export class RowReader {
  readonly #source: Source;
  readonly #dialect: Dialect;
  readonly #hash: RunningHash;
  readonly #mark: Mark | undefined;
  #header: Header | undefined;
  /** Number of first rows of a file that end with a carriage return; infinite once one does not, and if not counted. */
  #returnsInARow = Number.POSITIVE_INFINITY;

  constructor(source: Source, dialect: Dialect, hash: RunningHash, mark?: Mark) {
    this.#source = source;
    this.#dialect = dialect;
    this.#hash = hash;
    this.#mark = mark;
  }

  /** Known from the first block on, if the dialect has a header. */
  get header(): Header | undefined {
    return this.#header;
  }

  async *blocks(): AsyncGenerator<RowBlock> {
    for (const [fileIndex, file] of this.#source.files.entries()) yield* this.#file(file, fileIndex);
  }

  async *#file(file: SourceFile, fileIndex: number): AsyncGenerator<RowBlock> {
    const cursor = new FileCursor(file, fileIndex, this.#dialect, this.#skipTo(fileIndex));
    for await (const chunk of this.#chunks(cursor, fileIndex)) {
      // The first file was checked when its format was detected.
      if (fileIndex > 0 && cursor.bytesRead === 0) this.#refuseForeign(Buffer.from(chunk.bytes), file.name);
      this.#hash.update(fileIndex, cursor.bytesRead, chunk.bytes);
      for (const block of cursor.take(chunk.bytes, chunk.begin)) {
        if (fileIndex > 0 && block.byteOffset === 0) this.#returnsInARow = 0;
        this.#checkLineEnds(file.name, block.rows);
        if (this.#withoutHeader(cursor, block)) yield block;
      }
    }
    if (cursor.isKnown) return;
    this.#hash.endFile(fileIndex);
    const last = cursor.end();
    if (last !== undefined && this.#withoutHeader(cursor, last)) yield last;
    if (this.#dialect.header && !cursor.headerRead) throw withoutRows(file.name);
  }

  /** The chunks of a file without those that need not be read; of the first file, the header is always read. */
  async *#chunks(cursor: FileCursor, fileIndex: number): AsyncGenerator<Chunk> {
    const { file } = cursor;
    const from = file.readFrom === undefined ? 0 : this.#hash.mustReadFrom(fileIndex);
    if (from === 0 || fileIndex === 0) {
      let isWhole = true;
      for await (const chunk of withMarkFound(file.read(), this.#dialect.byteOrderMark === 'skipped')) {
        yield chunk;
        isWhole = cursor.bytesRead >= from || (this.#dialect.header && !cursor.headerRead);
        if (!isWhole) break;
      }
      if (isWhole) return;
    }
    cursor.skipTo(from);
    for await (const bytes of file.readFrom!(from)) yield { bytes, begin: 0 };
  }

  #refuseForeign(sample: Buffer, fileName: string): void {
    if (this.#dialect.name === 'sql') refuseUnsupportedBytes(sample, fileName);
    else refuseUnsupportedFormat(sample, fileName);
    if (this.#dialect.byteOrderMark !== 'refused' || sample.indexOf(byteOrderMark) !== 0) return;
    throw new ImportError('undecodable', `${fileName}: ${aboutMark}`, {
      hint: 'Remove it with tail -c +4, and import the file in a separate run.',
    });
  }

  /** Where the mark is in the file; infinite if it is in a later one. */
  #skipTo(fileIndex: number): { byteOffset: number; line: number } | undefined {
    const mark = this.#mark;
    if (mark === undefined || fileIndex > mark.fileIndex) return undefined;
    if (fileIndex < mark.fileIndex) return { byteOffset: Number.POSITIVE_INFINITY, line: 0 };
    return mark.byteOffset === 0 ? undefined : { byteOffset: mark.byteOffset, line: mark.line };
  }

  /** Refuses a file whose line ends differ from those of the first: the last field of each row would be wrong. */
  #checkLineEnds(fileName: string, { buffer, ends, count }: FramedRows): void {
    if (!this.#dialect.keepsCarriageReturns || this.#returnsInARow >= rowsToTellLineEnds) return;
    for (let i = 0; i < count && this.#returnsInARow < rowsToTellLineEnds; i++) {
      const endsSo = buffer[ends[i]! - 1] === carriageReturn;
      this.#returnsInARow = endsSo ? this.#returnsInARow + 1 : Number.POSITIVE_INFINITY;
    }
    if (this.#returnsInARow !== rowsToTellLineEnds) return;
    throw new ImportError(
      'undecodable',
      `${fileName}: its lines end with CR LF, those of ${this.#source.files[0]?.name} with LF`,
      { hint: 'Get a copy of the file as it was dumped, or import it in a separate run.' },
    );
  }

  /** Removes the header from the file's first block. Returns whether it has further rows. */
  #withoutHeader(cursor: FileCursor, block: MutableBlock): boolean {
    const { rows } = block;
    if (rows.count === 0) return false;
    if (!this.#dialect.header || cursor.headerRead) return true;
    let blank = 0;
    while (blank < rows.count && rows.kinds[blank] === 'blank') blank++;
    if (blank === rows.count) return false;
    cursor.drop(block, blank);
    this.#checkHeader(cursor.file.name, block);
    cursor.headerRead = true;
    if (cursor.skipping) return false;
    cursor.drop(block, 1);
    return rows.count > 0;
  }

  #checkHeader(fileName: string, block: RowBlock): void {
    const { rows } = block;
    const decoder = this.#dialect.headerDecoder();
    const fault = decoder.decode(rows, 0);
    if (fault !== undefined) {
      const message = `${fileName}: the header on line ${block.line} cannot be read: ${fault.message}`;
      throw new ImportError('header-invalid', message, {
        hint: 'Repair it, or name the columns with --columns and --no-header.',
      });
    }
    const names = decoder.fields.map((field) => String(field));
    this.#header ??= { names, bytes: Uint8Array.from(rows.buffer.subarray(rows.starts[0], rows.nexts[0])) };
    const first = this.#header.names;
    const place = names.length === first.length ? names.findIndex((name, i) => name !== first[i]) : undefined;
    if (place === -1) return;
    const how =
      place === undefined
        ? `has ${countOf(names.length, 'column')}, not ${first.length}`
        : `differs in column ${place + 1}`;
    throw new ImportError(
      'header-invalid',
      `${fileName}: its header is not that of ${this.#source.files[0]?.name}: it ${how}`,
      { hint: 'Import files with other columns in a separate run.' },
    );
  }
}

function withoutRows(name: string): ImportError {
  return new ImportError('source-empty', `${name} has neither a header nor rows`, {
    hint: 'Check the path and the dump that wrote it.',
  });
}

/** A chunk of a file. `begin` is 3 for a first chunk with a UTF-8 byte order mark to skip, else 0. */
type Chunk = { readonly bytes: Uint8Array; readonly begin: number };

async function* withMarkFound(chunks: AsyncIterable<Uint8Array>, skipsMark: boolean): AsyncGenerator<Chunk> {
  let first: Uint8Array | undefined = new Uint8Array(0);
  for await (const chunk of chunks) {
    if (first === undefined) {
      yield { bytes: chunk, begin: 0 };
      continue;
    }
    // A pipe may deliver its first bytes one by one.
    first = first.length === 0 ? chunk : Buffer.concat([first, chunk]);
    if (first.length < 3) continue;
    const hasMark = first[0] === 0xef && first[1] === 0xbb && first[2] === 0xbf;
    yield { bytes: first, begin: skipsMark && hasMark ? 3 : 0 };
    first = undefined;
  }
  if (first !== undefined && first.length > 0) yield { bytes: first, begin: 0 };
}

/** A RowBlock from which the header can still be removed. */
type MutableBlock = { rows: FramedRows; fileIndex: number; line: number; byteOffset: number };

/** The position of the reader in one file. */
class FileCursor {
  readonly file: SourceFile;
  readonly #fileIndex: number;
  readonly #dialect: Dialect;
  #framer: ReturnType<Dialect['framer']>;
  #line = 1;
  /** First byte that was not yet in a block. */
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

  /** True below the mark, where rows are framed only for the header. */
  get skipping(): boolean {
    return this.#skipTo !== undefined;
  }

  /** Whether all of the file is below the mark and known to be unchanged. */
  get isKnown(): boolean {
    return this.bytesRead === Number.POSITIVE_INFINITY;
  }

  /** Continues at this byte. */
  skipTo(byteOffset: number): void {
    this.bytesRead = byteOffset;
    this.headerRead = true;
  }

  /** `begin`: bytes of the chunk before the first row (a byte order mark). */
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
    // A truncated file must be reported even if all its rows are done.
    if (byteOffset === this.bytesRead) this.#dialect.framer(this.file.name, line, true).end();
    // The file may consist of a header without a line feed.
    return this.#dialect.header && !this.headerRead ? this.#block(this.#framer.end()) : undefined;
  }

  /** Removes the first rows of a block; all at once, because there may be many blank lines before a header. */
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
