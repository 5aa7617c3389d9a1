import { type Mark, sourceStart } from '../../domain/checkpoint.ts';
import { noRows } from '../../domain/import-error.ts';
import type { Row } from '../../domain/row.ts';
import type { VerifiedRows } from '../../domain/run-summary.ts';
import { ownsOrdinal, ownText, type Shard, type Token } from '../../domain/token.ts';
import type { RowBlock } from '../../input/row-reader.ts';
import type { Comparison } from '../../ports/token-repository.ts';
import type { RowMapper } from '../map-row.ts';
import type { RunControl } from '../run-control.ts';
import { BlockRows } from '../take-rows.ts';
import type { Differences, RowSample } from './held-rows.ts';
import { type BatchProgress, type BatchReader, OrderedReads, type VerifyCounts } from './read-batches.ts';

/** Keys of rows that have expired are held until a batch is complete, at most this many. */
const mostExpired = 1000;

/** The progress of a verification of all rows: every row below the mark is compared. */
export type VerifyProgress = { readonly mark: Mark; readonly counts: VerifyCounts };

type VerifyOptions = {
  /** Rows from the mark on. */
  readonly blocks: AsyncGenerator<RowBlock>;
  readonly mapper: RowMapper;
  readonly batchReader: BatchReader;
  readonly control: RunControl;
  readonly concurrency: number;
  readonly maxTokens: number;
  /** Undefined: every row is compared. */
  readonly sample: RowSample | undefined;
  readonly skipRows: number;
  /** Present if rows of other shards are left to other processes. */
  readonly shard?: Shard | undefined;
  readonly maxRows: number | undefined;
  readonly start?: VerifyProgress | undefined;
  readonly differences: Differences;
};

/** Compares rows with the table. Many batches are read at once, and recorded in source order. */
export class VerifyRun {
  readonly #options: VerifyOptions;
  readonly #open = new Map<string, Token>();
  #expired: string[] = [];
  readonly #window: OrderedReads;
  readonly #rejectsByCode: Record<string, number>;
  #progress: VerifyProgress;
  #rowsRead: number;
  #rejected: number;
  #skipped: number;
  #elsewhere: number;
  #replaced: number;
  #place: Mark;
  #ended = false;

  constructor(options: VerifyOptions) {
    this.#options = options;
    const counts: VerifyCounts = { equal: 0, superseded: 0, rejected: 0, skipped: 0, rejectsByCode: {} };
    const start = options.start ?? { mark: sourceStart, counts };
    this.#progress = start;
    this.#place = start.mark;
    this.#rowsRead = start.mark.ordinal;
    this.#rejected = start.counts.rejected;
    this.#skipped = start.counts.skipped;
    this.#elsewhere = start.counts.elsewhere ?? 0;
    this.#replaced = start.counts.superseded - options.differences.superseded;
    this.#rejectsByCode = { ...start.counts.rejectsByCode };
    this.#window = new OrderedReads(
      options.batchReader,
      options.control,
      options.concurrency,
      (comparisons, progress) => this.#record(comparisons, progress),
    );
  }

  get rowsRead(): number {
    return this.#rowsRead;
  }

  /** Where an interrupted verification of all rows can continue. */
  get progress(): VerifyProgress {
    return this.#progress;
  }

  /** Whether all requested rows are compared. */
  get finished(): boolean {
    return this.#ended && this.#window.isEmpty && !this.#options.control.stopped;
  }

  /** Passes faults of the run to `control`. Rejects only for a bug. */
  async compareRows(): Promise<void> {
    const { blocks, control, sample } = this.#options;
    try {
      await this.#readSource();
      for (const token of sample?.tokens() ?? []) {
        if (control.stopped) break;
        await this.#compare(token);
      }
      this.#closeBatch();
      await this.#window.empty();
    } catch (fault) {
      control.fail(fault);
    }
    await this.#window.drained();
    // A silent source, such as a pipe, would not end before its next bytes.
    void blocks.return(undefined).catch(() => {});
  }

  counts(): VerifiedRows {
    const { differences, sample, mapper } = this.#options;
    const [missing, different] = [differences.count('missing'), differences.count('different')];
    const undeleted = differences.count('undeleted');
    const superseded = this.#replaced + differences.superseded + (sample?.superseded ?? 0);
    const judged = differences.equal + missing + different + undeleted + superseded + this.#rejected + this.#skipped;
    const left = this.#rowsRead - judged - this.#elsewhere;
    const found = { missing, different, ...(mapper.mayDelete && { undeleted }) };
    const counts = { read: this.#rowsRead, equal: differences.equal, ...found, superseded };
    const rest = { rejected: this.#rejected, skipped: this.#skipped, ...this.#othersRows() };
    const drawn = this.drawn;
    if (drawn === undefined) return { ...counts, ...rest, unsampled: 0, pending: left };
    const pending = drawn - differences.equal - missing - different - undeleted;
    return { ...counts, ...rest, unsampled: left - pending, pending };
  }

  /** Rows of the sample; undefined until the source is read, and if all rows are compared. */
  get drawn(): number | undefined {
    return this.#ended ? this.#options.sample?.drawn : undefined;
  }

  differencesByAttribute(): Readonly<Record<string, number>> {
    return this.#options.differences.byAttribute();
  }

  get rejectsByCode(): Readonly<Record<string, number>> {
    return this.#rejectsByCode;
  }

  async #readSource(): Promise<void> {
    const { blocks, control, skipRows, maxRows = Number.POSITIVE_INFINITY } = this.#options;
    const end = skipRows + maxRows;
    while (this.#rowsRead < end) {
      const next = await control.unlessStopped(blocks.next());
      if (next === undefined) return;
      if (next.done === true) break;
      await this.#takeRows(next.value, end);
    }
    this.#ended = true;
    if (this.#rowsRead === 0) throw noRows();
  }

  async #takeRows(block: RowBlock, end: number): Promise<void> {
    const { mapper, control, skipRows } = this.#options;
    const taken = new BlockRows(block);
    while (this.#rowsRead < end && !control.stopped && taken.advance()) {
      const row = taken.row(this.#rowsRead++);
      this.#place = markAfter(row);
      const token = row.ordinal < skipRows ? undefined : mapper.map(block.rows, taken.index, row);
      if (row.ordinal < skipRows) this.#skip(row);
      else if (token === undefined) this.#leave();
      else {
        const room = this.#take(token);
        if (room !== undefined) await room;
      }
    }
  }

  /** As an import does, so that the shards share the rows that are skipped. */
  #skip({ ordinal }: Row): void {
    const { shard } = this.#options;
    if (shard === undefined || ownsOrdinal(shard, ordinal)) this.#skipped++;
    else this.#elsewhere++;
  }

  /** The row that was mapped has no token. */
  #leave(): void {
    const { mapper } = this.#options;
    if (mapper.shard?.isElsewhere) this.#elsewhere++;
    else {
      const { code } = mapper.fault;
      this.#rejected++;
      this.#rejectsByCode[code] = (this.#rejectsByCode[code] ?? 0) + 1;
    }
  }

  #othersRows(): Pick<VerifiedRows, 'elsewhere'> {
    return this.#options.shard === undefined ? {} : { elsewhere: this.#elsewhere };
  }

  #take(token: Token): Promise<void> | undefined {
    const { sample, mapper } = this.#options;
    if (mapper.hasExpired) return this.#expire(token.key);
    if (sample === undefined) return this.#compare(token);
    sample.offer(token);
    return undefined;
  }

  /**
   * An import may have written the row or skipped it, so the table may hold it, an earlier row of its key, or neither:
   * earlier rows are not compared.
   */
  #expire(key: string): Promise<void> | undefined {
    const { sample } = this.#options;
    this.#skipped++;
    if (sample !== undefined) {
      sample.expire(key);
      return undefined;
    }
    if (this.#open.delete(key)) this.#replaced++;
    this.#expired.push(ownText(key));
    return this.#expired.length < mostExpired ? undefined : this.#nextBatch();
  }

  /** Keys of a batch are distinct: a later row takes the earlier one's place. Returns a promise only if there is no room. */
  #compare(token: Token): Promise<void> | undefined {
    if (this.#open.delete(token.key)) this.#replaced++;
    this.#open.set(token.key, token);
    return this.#open.size < this.#options.maxTokens ? undefined : this.#nextBatch();
  }

  #nextBatch(): Promise<void> | undefined {
    this.#closeBatch();
    return this.#window.room();
  }

  #closeBatch(): void {
    if (this.#open.size + this.#expired.length === 0) return;
    const left = { rejected: this.#rejected, skipped: this.#skipped, ...this.#othersRows() };
    const counts = { superseded: this.#replaced, ...left };
    const progress = { mark: this.#place, counts: { ...counts, rejectsByCode: { ...this.#rejectsByCode } } };
    this.#window.readBatch([...this.#open.values()], { ...progress, expired: this.#expired });
    this.#open.clear();
    this.#expired = [];
  }

  #record(comparisons: ReadonlyMap<Token, Comparison>, { mark, counts, expired = [] }: BatchProgress): void {
    const { differences } = this.#options;
    for (const key of expired) differences.forget(key);
    for (const [token, comparison] of comparisons) differences.recordComparison(token, comparison);
    const superseded = counts.superseded + differences.superseded;
    this.#progress = { mark, counts: { ...counts, superseded, equal: differences.equal } };
  }
}

function markAfter({ fileIndex, byteOffset, byteLength, ordinal, line, lines }: Row): Mark {
  return { fileIndex, byteOffset: byteOffset + byteLength, ordinal: ordinal + 1, line: line + lines };
}
