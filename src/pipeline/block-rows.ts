import { Row } from '../domain/row.ts';
import type { RowBlock } from '../input/row-reader.ts';

/** Goes through the rows of a block, blank lines left out: one object a block, and none a row but the row itself. */
export class BlockRows {
  readonly #block: RowBlock;
  /** Of the row that `advance` came to, in the block. */
  index = -1;
  #line: number;
  #lines = 0;

  constructor(block: RowBlock) {
    this.#block = block;
    this.#line = block.line;
  }

  /** False where no row is left. */
  advance(): boolean {
    const { count, kinds, lines } = this.#block.rows;
    do {
      this.#line += this.#lines;
      if (++this.index >= count) return false;
      this.#lines = lines[this.index]!;
    } while (kinds[this.index] === 'blank');
    return true;
  }

  /** The row that `advance` came to, as number `ordinal` of the source. */
  row(ordinal: number): Row {
    const { rows, fileIndex, byteOffset } = this.#block;
    const start = rows.starts[this.index]!;
    const byteLength = rows.nexts[this.index]! - start;
    const offset = byteOffset + start - rows.starts[0]!;
    return new Row(rows.buffer, start, byteLength, fileIndex, ordinal, this.#line, this.#lines, offset);
  }
}
