import { Row, type Slab } from '../domain/row.ts';
import type { FramedRows } from '../input/framed-rows.ts';
import type { RowBlock } from '../input/row-reader.ts';

/** Goes through the rows of a block, blank lines left out: one object a block, and none a row but the row itself. */
export class BlockRows {
  readonly #rows: FramedRows;
  readonly #slab: Slab;
  readonly #fileIndex: number;
  /** Of the first byte of the block's buffer, in the file. */
  readonly #bufferOffset: number;
  /** Of the row that `advance` came to, in the block. */
  index = -1;
  #line: number;
  #lines = 0;

  constructor({ rows, fileIndex, line, byteOffset }: RowBlock) {
    this.#rows = rows;
    this.#slab = { byteLength: rows.buffer.buffer.byteLength, holders: 0 };
    this.#fileIndex = fileIndex;
    this.#bufferOffset = rows.count === 0 ? byteOffset : byteOffset - rows.starts[0]!;
    this.#line = line;
  }

  /** False where no row is left. */
  advance(): boolean {
    const { count, kinds, lines } = this.#rows;
    do {
      this.#line += this.#lines;
      if (++this.index >= count) return false;
      this.#lines = lines[this.index]!;
    } while (kinds[this.index] === 'blank');
    return true;
  }

  /** The row that `advance` came to, as number `ordinal` of the source; made of a row that nobody needs, where given. */
  row(ordinal: number, spent?: Row): Row {
    const { buffer, starts, nexts } = this.#rows;
    const start = starts[this.index]!;
    const byteLength = nexts[this.index]! - start;
    const byteOffset = this.#bufferOffset + start;
    const row = spent ?? new Row(buffer, 0, 0, 0, 0, 0, 0, 0);
    row.place(buffer, start, byteLength, this.#fileIndex, ordinal, this.#line, this.#lines, byteOffset);
    row.slab = this.#slab;
    return row;
  }
}
