import { formatCount } from '../domain/format.ts';
import { ImportError, noRows } from '../domain/import-error.ts';
import { Row, type Slab } from '../domain/row.ts';
import type { SourcePlace } from '../domain/run-totals.ts';
import { ownsOrdinal, type Token } from '../domain/token.ts';
import type { FramedRows } from '../input/framed-rows.ts';
import type { RowBlock } from '../input/row-reader.ts';
import { TimeSpent } from '../limit/rate-limiter.ts';
import type { BatchDispatch } from './dispatch-batches.ts';
import type { ImportSetup } from './import-setup.ts';
import type { KeyLocks } from './key-locks.ts';
import type { Ledger } from './ledger.ts';
import { type RowFates, tooManyDeletes } from './row-fates.ts';
import type { RunControl } from './run-control.ts';
import type { CheckpointSaver } from './save-checkpoints.ts';

type RowTakerSetup = Pick<
  ImportSetup,
  'mapper' | 'observer' | 'clock' | 'maxDeletes' | 'skipRows' | 'shard' | 'maxRows' | 'expectRows'
> & {
  readonly ledger: Ledger;
  readonly locks: KeyLocks;
  readonly fates: RowFates;
  readonly dispatch: BatchDispatch;
  readonly saver: CheckpointSaver;
  readonly control: RunControl;
  /** Called with each token before it is sent. */
  readonly remember?: ((token: Token) => void) | undefined;
  /** Rows below the mark that an earlier process left. */
  readonly rowsRead: number;
};

/** Takes rows off the source as there is room for them: each is skipped, rejected, or made a token to be sent. */
export class RowTaker {
  readonly #setup: RowTakerSetup;
  readonly #end: number;
  readonly #aheadFull = new TimeSpent();
  #fileIndex = -1;
  #byteOffset = 0;
  #rowsRead: number;

  constructor(setup: RowTakerSetup) {
    this.#setup = setup;
    this.#end = setup.skipRows + (setup.maxRows ?? Number.POSITIVE_INFINITY);
    this.#rowsRead = setup.rowsRead;
  }

  get rowsRead(): number {
    return this.#rowsRead;
  }

  /** How long reading waited for an earlier row to be done. */
  get aheadMs(): number {
    return this.#aheadFull.totalMs(this.#setup.clock.nowMs());
  }

  /** Position after the last row taken; undefined before the first. */
  get place(): SourcePlace | undefined {
    return this.#fileIndex === -1 ? undefined : { fileIndex: this.#fileIndex, byteOffset: this.#byteOffset };
  }

  /** Whether `maxRows` were read, so that no further row is wanted. */
  get hasEnough(): boolean {
    return this.#rowsRead >= this.#end;
  }

  /** Takes the rows of a block up to the last one that is wanted, and none once the run stops. */
  async take(block: RowBlock): Promise<void> {
    const { mapper, ledger, fates, dispatch, control, skipRows } = this.#setup;
    const before = this.#rowsRead;
    this.#fileIndex = block.fileIndex;
    this.#byteOffset = block.byteOffset;
    const taken = new BlockRows(block);
    while (this.#rowsRead < this.#end && taken.advance()) {
      if (ledger.full || dispatch.crowded) await this.#room();
      if (control.stopped) break;
      const slot = ledger.takeSlot();
      const row = taken.row(this.#rowsRead++, slot.row);
      ledger.track(row);
      this.#byteOffset = row.byteOffset + row.byteLength;
      const token = row.ordinal < skipRows ? undefined : mapper.map(block.rows, taken.index, row, slot);
      if (token !== undefined) {
        if (token.deletes === true && !this.#mayDelete()) continue;
        if (mapper.isNeverDeleted) ledger.noteNeverDeleted(row);
        this.#send(token);
        continue;
      }
      if (row.ordinal < skipRows) this.#skip(row);
      else if (mapper.shard?.isElsewhere) ledger.skip(row, 'elsewhere');
      else if (mapper.hasExpired) ledger.skip(row);
      else fates.rejected(row, mapper.fault);
      ledger.giveSlotBack(slot);
    }
    this.#setup.observer.on({ kind: 'rows-read', rows: this.#rowsRead - before });
    this.#checkTooManyRows();
    this.#setup.saver.saveIfDue();
  }

  /** Must be called at the end of the source. Throws ImportError if it holds no row, or fewer than expected. */
  checkTooFewRows(): void {
    const { expectRows } = this.#setup;
    if (this.#rowsRead === 0) throw noRows();
    if (expectRows === undefined || this.#rowsRead >= expectRows) return;
    throw unexpectedRows(expectRows, `only ${formatCount(this.#rowsRead)}`);
  }

  /** What `--skip-rows` leaves out is not mapped, so its rows belong to the shards in turn. */
  #skip(row: Row): void {
    const { ledger, shard } = this.#setup;
    const isOwn = shard === undefined || ownsOrdinal(shard, row.ordinal);
    ledger.skip(row, isOwn ? 'skipped' : 'elsewhere');
  }

  #checkTooManyRows(): void {
    const { expectRows } = this.#setup;
    if (expectRows !== undefined && this.#rowsRead > expectRows) throw unexpectedRows(expectRows, 'more');
  }

  /** Otherwise the run stops, and the row is left for a resume. */
  #mayDelete(): boolean {
    const { ledger, control, maxDeletes } = this.#setup;
    if (maxDeletes === undefined) return true;
    const ownRows = this.#rowsRead - (ledger.totals.elsewhere ?? 0);
    const fault = tooManyDeletes(maxDeletes, ledger.deletes + 1, ownRows);
    if (fault !== undefined) control.fail(fault);
    return fault === undefined;
  }

  #send(token: Token): void {
    const { mapper, ledger, locks, dispatch, remember } = this.#setup;
    remember?.(token);
    ledger.hold(token);
    if (locks.admit(token)) dispatch.enqueue(token);
    else ledger.detach(token, (held) => mapper.detach(held));
  }

  async #room(): Promise<void> {
    const { ledger, dispatch, saver, control, clock } = this.#setup;
    if (ledger.full) this.#aheadFull.begin(clock.nowMs());
    while (ledger.full && !control.stopped) {
      saver.saveIfDue();
      await control.unlessStopped(dispatch.whileAllIsSent(ledger.room()));
    }
    this.#aheadFull.end(clock.nowMs());
    if (dispatch.crowded) await control.unlessStopped(dispatch.room());
  }
}

function unexpectedRows(expected: number, got: string): ImportError {
  return new ImportError('unexpected-row-count', `--expect-rows ${expected}, but the source holds ${got}`, {
    hint: 'Compare with SELECT COUNT(*) in the snapshot that the dump was made from.',
  });
}

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

  /** The row that `advance` came to, as number `ordinal` of the source. `spent`: a row to be used again. */
  row(ordinal: number, spent?: Row): Row {
    const { buffer, starts, nexts } = this.#rows;
    const start = starts[this.index]!;
    const byteLength = nexts[this.index]! - start;
    const byteOffset = this.#bufferOffset + start;
    const row = spent ?? new Row();
    row.place(buffer, start, byteLength, this.#fileIndex, ordinal, this.#line, this.#lines, byteOffset);
    row.slab = this.#slab;
    return row;
  }
}
