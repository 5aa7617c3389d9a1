import { noRows } from '../domain/import-error.ts';
import { Row } from '../domain/row.ts';
import type { SourceMeasure } from '../domain/source-measure.ts';
import type { RowBlock } from '../input/row-reader.ts';
import { RowMeasurer, type RowMeasurerSetup } from './measure-rows.ts';
import { RunControl } from './run-control.ts';

export type MeasureSetup = RowMeasurerSetup & {
  readonly blocks: AsyncGenerator<RowBlock>;
  readonly skipRows: number;
  /** Rows behind the skipped ones after which reading ends. */
  readonly maxRows: number | undefined;
  readonly signal: AbortSignal;
};

/** Maps every row of a source as an import would, and keeps sums in place of tokens. */
export class SourceMeter {
  readonly #setup: MeasureSetup;
  readonly #measurer: RowMeasurer;
  readonly #end: number;
  #rowsRead = 0;

  constructor(setup: MeasureSetup) {
    this.#setup = setup;
    this.#measurer = new RowMeasurer(setup);
    this.#end = setup.skipRows + (setup.maxRows ?? Number.POSITIVE_INFINITY);
  }

  get rowsRead(): number {
    return this.#rowsRead;
  }

  /** Reads all. Rejects with the reason of the signal where that aborts, and with ImportError for faults of the source. */
  async measure(): Promise<SourceMeasure> {
    const { blocks, signal, skipRows } = this.#setup;
    const control = new RunControl(signal);
    while (this.#rowsRead < this.#end) {
      const next = await control.unlessStopped(blocks.next());
      if (next === undefined) {
        // A source that is silent, as a pipe can be, would not let go before its next bytes.
        void blocks.return(undefined).catch(() => {});
        throw signal.reason;
      }
      if (next.done === true) break;
      this.#takeRows(next.value);
    }
    await blocks.return(undefined);
    if (this.#rowsRead === 0) {
      throw noRows();
    }
    return this.#measurer.result(this.#rowsRead, Math.min(this.#rowsRead, skipRows));
  }

  #takeRows({ rows, fileIndex, line, byteOffset }: RowBlock): void {
    const { mapper, skipRows } = this.#setup;
    let rowLine = line;
    for (let i = 0; i < rows.count && this.#rowsRead < this.#end; i++) {
      const lines = rows.lines[i]!;
      if (rows.kinds[i] !== 'blank') {
        const start = rows.starts[i]!;
        const offset = byteOffset + start - rows.starts[0]!;
        const byteLength = rows.nexts[i]! - start;
        const row = new Row(rows.buffer, start, byteLength, fileIndex, this.#rowsRead++, rowLine, lines, offset);
        if (row.ordinal >= skipRows) this.#measurer.add(mapper.map(rows, i, row), row, rows.ascii);
      }
      rowLine += lines;
    }
  }
}
