import { type DoneCounts, type Mark, noneDone, type Progress, sourceStart } from '../domain/checkpoint.ts';
import { enterSlab, leaveSlab, type RejectedRow, type Row } from '../domain/row.ts';
import type { Token } from '../domain/token.ts';
import { RowSlot } from './row-slot.ts';

/** How a row ended, as its code in the ring, where 0 is pending. */
const fateCode = { written: 1, superseded: 2, kept: 3, deleted: 4, rejected: 5, skipped: 6, elsewhere: 7 } as const;
type Fate = keyof typeof fateCode;
const fates = Object.keys(fateCode) as readonly Fate[];

/** What is below the mark at one moment. `rejects`: those that it has passed since the last time. */
type Passed = Pick<Progress, 'mark' | 'counts' | 'rejectsByCode'> & {
  readonly rejects: readonly RejectedRow[];
  readonly neverDeleted: number;
};

export type LedgerLimits = {
  /** Rows that may be read past the mark that was saved last: as many are sent again after a kill. */
  readonly maxAhead: number;
  /** Bytes that may be held: the memory that rows in flight stand in, all of it, and unsaved rejects. */
  readonly maxHeldBytes: number;
  /** Tokens that may be held: thousands of small ones can wait for a hot key, and they take more than their payload. */
  readonly maxHeldTokens: number;
  /** Whether the slot of a row that is done is used again. Nothing else may hold its token by then. */
  readonly reusesSlots?: boolean;
};

/**
 * Owns a row from the moment it is framed until it is done: the slot it is in, the memory that it holds, its fate and its
 * position. Moves the mark over rows that are done.
 *
 *     ordinal   …  41  42 │ 43  44  45  46  47 │ 48 …
 *     fate       w   w    │  ·   w   s   ·   w │
 *                         mark                 head        ring of maxAhead slots
 */
export class Ledger {
  readonly #limits: LedgerLimits;
  readonly #mask: number;
  readonly #codes: Uint8Array;
  readonly #ends: Float64Array;
  readonly #lines: Float64Array;
  readonly #files: Int32Array;
  readonly #rejectedAhead = new Map<number, RejectedRow>();
  // Both have `elsewhere` only in a shard.
  readonly #totals: Record<Fate, number>;
  readonly #below: Record<Fate, number>;
  readonly #rejectsByCode: Record<string, number>;
  /** Ordinals at or above the mark, in order, and how many are below it. */
  readonly #neverDeletedAhead: number[] = [];
  #neverDeletedBelow: number;
  #passedRejects: RejectedRow[] = [];
  /** Moved in place: it moves with nearly every row. */
  readonly #mark: { -readonly [K in keyof Mark]: Mark[K] };
  readonly #spareSlots: RowSlot[] = [];
  #savedOrdinal: number;
  #next: number;
  #head: number;
  #heldBytes = 0;
  #heldTokens = 0;
  #heldDeletes = 0;
  #passedRejectBytes = 0;
  #onRoom: (() => void) | undefined;
  #onAllDone: (() => void) | undefined;

  /** Begins at the start of the source, or where an earlier process left it. */
  constructor(limits: LedgerLimits, start?: Pick<Progress, 'mark' | 'counts' | 'rejectsByCode' | 'neverDeleted'>) {
    this.#limits = limits;
    const slots = 2 ** Math.ceil(Math.log2(limits.maxAhead + 1));
    this.#mask = slots - 1;
    this.#codes = new Uint8Array(slots);
    this.#ends = new Float64Array(slots);
    this.#lines = new Float64Array(slots);
    this.#files = new Int32Array(slots);
    this.#mark = { ...(start?.mark ?? sourceStart) };
    this.#below = { ...(start?.counts ?? noneDone) } as Record<Fate, number>;
    this.#rejectsByCode = { ...start?.rejectsByCode };
    this.#neverDeletedBelow = start?.neverDeleted ?? 0;
    this.#totals = { ...this.#below };
    this.#savedOrdinal = this.#mark.ordinal;
    this.#next = this.#mark.ordinal;
    this.#head = this.#mark.ordinal;
  }

  /** Rows of the source up to here, below the mark and above it. */
  get rowsRead(): number {
    return this.#head;
  }

  /** Rows by their fate, below the mark and above it. */
  get totals(): DoneCounts {
    return this.#totals;
  }

  /** Rows that expired more than five years ago and were not skipped, below the mark and above it. */
  get neverDeleted(): number {
    return this.#neverDeletedBelow + this.#neverDeletedAhead.length;
  }

  /** Rows that deleted an item, or may yet. */
  get deletes(): number {
    return this.#totals.deleted + this.#heldDeletes;
  }

  /** Rejects by their code, below the mark and above it. */
  get rejectsByCode(): Readonly<Record<string, number>> {
    const counts = { ...this.#rejectsByCode };
    for (const { code } of this.#rejectedAhead.values()) counts[code] = (counts[code] ?? 0) + 1;
    return counts;
  }

  /** Rejects above the mark, in source order. */
  get rejectsAhead(): readonly RejectedRow[] {
    return [...this.#rejectedAhead.values()].sort((a, b) => a.position.ordinal - b.position.ordinal);
  }

  /** Rows read and not done, counted slot by slot and so independently of `totals`. */
  countPending(): number {
    let pending = 0;
    for (let ordinal = this.#next; ordinal < this.#head; ordinal++) {
      if (this.#codes[ordinal & this.#mask] === 0) pending++;
    }
    return pending;
  }

  /** Whether no further row may be read for now. */
  get full(): boolean {
    const { maxAhead, maxHeldBytes, maxHeldTokens } = this.#limits;
    return (
      this.#head - this.#savedOrdinal >= maxAhead ||
      this.#heldBytes >= maxHeldBytes ||
      this.#heldTokens >= maxHeldTokens
    );
  }

  /** True where a checkpoint should not wait for its turn, or reading would soon have to wait for it. */
  get crowdedByUnsaved(): boolean {
    return this.#next - this.#savedOrdinal >= this.#limits.maxAhead / 2;
  }

  /** True where a checkpoint made now would hold more than the last one. */
  get hasUnsaved(): boolean {
    return this.#next > this.#savedOrdinal;
  }

  /** Bytes of the rejects below the mark that the next checkpoint saves; it can't save those above it. */
  get unsavedRejectBytes(): number {
    return this.#passedRejectBytes;
  }

  /** Resolves when `full` may have changed. */
  room(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRoom = resolve;
    });
  }

  /** Resolves when every row read so far is done. */
  allDone(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#next === this.#head) resolve();
      else this.#onAllDone = resolve;
    });
  }

  /** Where the next row is put while it is in flight. */
  takeSlot(): RowSlot {
    return this.#spareSlots.pop() ?? new RowSlot();
  }

  /** The row is done, and nothing asks for its token any more. */
  giveSlotBack(slot: RowSlot): void {
    if (this.#limits.reusesSlots !== true) return;
    slot.drop();
    this.#spareSlots.push(slot);
  }

  /** The row is done and its memory no longer counted, but its key stays locked. */
  keepKey(slot: RowSlot): void {
    if (this.#limits.reusesSlots === true) slot.keepKey();
    else slot.row.detach();
  }

  /** Takes note of the next row, in source order. */
  track(row: Row): void {
    const slot = this.#head++ & this.#mask;
    this.#codes[slot] = 0;
    this.#ends[slot] = row.byteOffset + row.byteLength;
    this.#lines[slot] = row.line + row.lines;
    this.#files[slot] = row.fileIndex;
  }

  /** Takes note that the row expired more than five years ago. */
  noteNeverDeleted(row: Row): void {
    this.#neverDeletedAhead.push(row.ordinal);
  }

  /** A token is in flight, or waits to be: what holds its bytes counts against the limit until it is done. */
  hold(token: Token): void {
    this.#heldTokens++;
    if (token.deletes === true) this.#heldDeletes++;
    this.#heldBytes += token.slab === undefined ? token.bodyBytes : enterSlab(token.slab);
    this.#heldBytes += enterSlab(token.row.slab);
  }

  /** A token that is held is to wait for long: `detach` copies what it shares with others. */
  detach(token: Token, detach: (token: Token) => void): void {
    this.#release(token);
    detach(token);
    this.hold(token);
  }

  /** A token that was held is done. */
  done(token: Token, fate: 'written' | 'superseded' | 'kept' | 'deleted'): void {
    this.#release(token);
    this.#settle(token.row.ordinal, fate);
  }

  /** A row was rejected, with its token if it has one. */
  reject(rejected: RejectedRow, token?: Token): void {
    if (token !== undefined) this.#release(token);
    this.#heldBytes += rejected.bytes.length;
    this.#rejectedAhead.set(rejected.position.ordinal, rejected);
    this.#settle(rejected.position.ordinal, 'rejected');
  }

  /** The row is left out of this run, as asked or because it belongs to another shard. */
  skip(row: Row, fate: 'skipped' | 'elsewhere' = 'skipped'): void {
    this.#settle(row.ordinal, fate);
  }

  /** The mark, with all that has to be saved along with it. Each reject is given out once. */
  takePassed(): Passed {
    const rejects = this.#passedRejects;
    this.#passedRejects = [];
    const [mark, counts, rejectsByCode] = [{ ...this.#mark }, { ...this.#below }, { ...this.#rejectsByCode }];
    const stillAhead = this.#neverDeletedAhead.findIndex((ordinal) => ordinal >= mark.ordinal);
    const passed = stillAhead === -1 ? this.#neverDeletedAhead.length : stillAhead;
    this.#neverDeletedAhead.splice(0, passed);
    this.#neverDeletedBelow += passed;
    return { mark, counts, rejectsByCode, rejects, neverDeleted: this.#neverDeletedBelow };
  }

  /** What `takePassed` gave out is on disk. */
  saved({ mark, rejects }: Pick<Passed, 'mark' | 'rejects'>): void {
    this.#savedOrdinal = mark.ordinal;
    let bytes = 0;
    for (const rejected of rejects) bytes += rejected.bytes.length;
    this.#heldBytes -= bytes;
    this.#passedRejectBytes -= bytes;
    this.#signalRoom();
  }

  #release(token: Token): void {
    this.#heldTokens--;
    if (token.deletes === true) this.#heldDeletes--;
    this.#heldBytes -= token.slab === undefined ? token.bodyBytes : leaveSlab(token.slab);
    this.#heldBytes -= leaveSlab(token.row.slab);
  }

  #settle(ordinal: number, fate: Fate): void {
    this.#totals[fate]++;
    this.#codes[ordinal & this.#mask] = fateCode[fate];
    if (ordinal === this.#next) this.#advance();
    this.#signalRoom();
  }

  #advance(): void {
    let slot = this.#next & this.#mask;
    let last = -1;
    for (let code = this.#codes[slot]; code !== 0 && this.#next < this.#head; code = this.#codes[slot]) {
      this.#below[fates[code! - 1]!]++;
      if (code === fateCode.rejected) this.#passReject(this.#next);
      last = slot;
      slot = ++this.#next & this.#mask;
    }
    if (last === -1) return;
    this.#mark.fileIndex = this.#files[last]!;
    this.#mark.byteOffset = this.#ends[last]!;
    this.#mark.ordinal = this.#next;
    this.#mark.line = this.#lines[last]!;
    if (this.#next === this.#head) this.#onAllDone?.();
  }

  #passReject(ordinal: number): void {
    const rejected = this.#rejectedAhead.get(ordinal)!;
    this.#rejectedAhead.delete(ordinal);
    this.#passedRejects.push(rejected);
    this.#passedRejectBytes += rejected.bytes.length;
    this.#rejectsByCode[rejected.code] = (this.#rejectsByCode[rejected.code] ?? 0) + 1;
  }

  #signalRoom(): void {
    if (this.#onRoom === undefined || this.full) return;
    const resolve = this.#onRoom;
    this.#onRoom = undefined;
    resolve();
  }
}
