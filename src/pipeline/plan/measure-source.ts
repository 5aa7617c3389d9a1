import { noRows } from '../../domain/import-error.ts';
import type { SourceMeasure } from '../../domain/source-measure.ts';
import type { RowBlock } from '../../input/row-reader.ts';
import { BlockRows } from '../block-rows.ts';
import { RunControl } from '../run-control.ts';
import { RowMeasurer, type RowMeasurerSetup } from './measure-rows.ts';

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

  #takeRows(block: RowBlock): void {
    const { mapper, skipRows } = this.#setup;
    const { rows } = block;
    const taken = new BlockRows(block);
    while (this.#rowsRead < this.#end && taken.advance()) {
      const row = taken.row(this.#rowsRead++);
      if (row.ordinal >= skipRows) this.#measurer.add(mapper.map(rows, taken.index, row), row, rows.ascii);
    }
  }
}
