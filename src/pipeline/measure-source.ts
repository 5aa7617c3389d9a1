import { createHistogram } from 'node:perf_hooks';
import { ImportError } from '../domain/import-error.ts';
import type { RejectCode } from '../domain/rejected-row.ts';
import { Row } from '../domain/row.ts';
import type { SourceMeasure } from '../domain/source-measure.ts';
import type { RowBlock } from '../input/row-reader.ts';
import { maxItemBytes } from '../input/value-size.ts';
import type { RowMapper } from './map-row.ts';
import { RunControl } from './run-control.ts';

export type MeasureSetup = {
  readonly blocks: AsyncGenerator<RowBlock>;
  readonly mapper: RowMapper;
  readonly skipRows: number;
  /** Rows behind the skipped ones after which reading ends. */
  readonly maxRows: number | undefined;
  readonly signal: AbortSignal;
};

/** Maps every row of a source as an import would, and keeps sums in place of tokens. */
export class SourceMeter {
  readonly #setup: MeasureSetup;
  readonly #itemBytes = createHistogram({ lowest: 1, highest: maxItemBytes, figures: 3 });
  readonly #rejectsByCode = new Map<RejectCode, number>();
  #rowsRead = 0;
  #rejected = 0;
  #totalItemBytes = 0;
  #maxItemBytes = 0;
  #writeUnits = 0;
  #bodyBytes = 0;

  constructor(setup: MeasureSetup) {
    this.#setup = setup;
  }

  get rowsRead(): number {
    return this.#rowsRead;
  }

  /** Reads all. Rejects with the reason of the signal where that aborts, and with ImportError for faults of the source. */
  async measure(): Promise<SourceMeasure> {
    const { blocks, signal, skipRows, maxRows = Number.POSITIVE_INFINITY } = this.#setup;
    const control = new RunControl(signal);
    const end = skipRows + maxRows;
    for (;;) {
      const next = await control.unlessStopped(blocks.next());
      if (next === undefined) {
        // A source that is silent, as a pipe can be, would not let go before its next bytes.
        void blocks.return(undefined).catch(() => {});
        throw signal.reason;
      }
      if (next.done === true) break;
      this.#takeRows(next.value, end);
      if (this.#rowsRead >= end) break;
    }
    await blocks.return(undefined);
    if (this.#rowsRead === 0) {
      throw new ImportError('source-empty', 'the source holds a header but no rows', { hint: 'Check the dump.' });
    }
    return this.#result();
  }

  #takeRows({ rows, fileIndex, line, byteOffset }: RowBlock, end: number): void {
    const { mapper, skipRows } = this.#setup;
    let rowLine = line;
    for (let i = 0; i < rows.count && this.#rowsRead < end; i++) {
      const lines = rows.lines[i]!;
      if (rows.kinds[i] !== 'blank') {
        const start = rows.starts[i]!;
        const offset = byteOffset + start - rows.starts[0]!;
        const byteLength = rows.nexts[i]! - start;
        const row = new Row(rows.buffer, start, byteLength, fileIndex, this.#rowsRead++, rowLine, lines, offset);
        if (row.ordinal >= skipRows) this.#take(mapper.map(rows, i, row));
      }
      rowLine += lines;
    }
  }

  #take(token: ReturnType<RowMapper['map']>): void {
    const { mapper } = this.#setup;
    if (token === undefined) {
      const { code } = mapper.fault;
      this.#rejected++;
      this.#rejectsByCode.set(code, (this.#rejectsByCode.get(code) ?? 0) + 1);
      return;
    }
    const { itemBytes } = mapper;
    this.#itemBytes.record(itemBytes);
    this.#totalItemBytes += itemBytes;
    if (itemBytes > this.#maxItemBytes) this.#maxItemBytes = itemBytes;
    this.#writeUnits += token.writeUnits;
    this.#bodyBytes += token.bodyBytes;
  }

  #result(): SourceMeasure {
    const skipped = Math.min(this.#rowsRead, this.#setup.skipRows);
    const importable = this.#rowsRead - skipped - this.#rejected;
    const isEmpty = importable === 0;
    return {
      rows: { read: this.#rowsRead, importable, rejected: this.#rejected, skipped },
      rejectsByCode: Object.fromEntries(this.#rejectsByCode),
      itemBytes: {
        p50: isEmpty ? 0 : this.#itemBytes.percentile(50),
        p99: isEmpty ? 0 : this.#itemBytes.percentile(99),
        max: this.#maxItemBytes,
        total: this.#totalItemBytes,
      },
      writeUnits: this.#writeUnits,
      bodyBytes: this.#bodyBytes,
    };
  }
}
