import { type Amount, amountInWords } from '../domain/amount.ts';
import { formatCount } from '../domain/format.ts';
import { ImportError } from '../domain/import-error.ts';
import type { RejectedRow, Row, RowFault } from '../domain/row.ts';
import type { Token } from '../domain/token.ts';
import type { RunObserver } from '../ports/run-observer.ts';
import type { KeyLocks } from './key-locks.ts';
import type { Ledger } from './ledger.ts';
import type { RowSlot } from './row-slot.ts';
import type { RunControl } from './run-control.ts';

type RowFatesSetup = {
  readonly ledger: Ledger;
  readonly locks: KeyLocks;
  readonly observer: RunObserver;
  readonly control: RunControl;
  readonly maxRejects: Amount;
};

/** The only place where a row is ended: its fate is counted, and its key is free for the next row. */
export class RowFates {
  readonly #setup: RowFatesSetup;

  constructor(setup: RowFatesSetup) {
    this.#setup = setup;
  }

  /** The token was written, its item was deleted, or the table's own item stays; the rows that it replaced are superseded. */
  done(token: Token, fate: 'written' | 'deleted' | 'kept'): void {
    const { locks } = this.#setup;
    for (const replaced of locks.written(token)) this.#end(replaced, 'superseded');
    this.#end(token, fate);
  }

  /** Nothing is written for the row. `token`: what it became, if anything. */
  rejected(row: Row, fault: RowFault, token?: Token): void {
    const { ledger, observer, control, maxRejects } = this.#setup;
    const { fileIndex, ordinal, line, byteOffset, byteLength } = row;
    const rejected: RejectedRow = {
      ...fault,
      position: { fileIndex, ordinal, line, byteOffset, byteLength },
      // A copy: a view would keep the whole chunk in memory. Buffer takes it from a pool, not from the heap one by one.
      bytes: Buffer.from(row.bytes),
    };
    ledger.reject(rejected, token);
    observer.on({ kind: 'row-rejected', row: rejected });
    const { rejected: rejects, elsewhere = 0 } = ledger.totals;
    const fatal = tooManyRejects(maxRejects, rejects, ledger.rowsRead - elsewhere);
    if (fatal !== undefined) control.fail(fatal);
  }

  /** The table refuses the item. */
  refused(token: Token, message: string): void {
    this.rejected(token.row, { code: 'refused-by-table', message }, token);
    this.#setup.locks.rejected(token);
    this.#letGo(token as RowSlot);
  }

  #end(token: Token, fate: 'written' | 'deleted' | 'kept' | 'superseded'): void {
    this.#setup.ledger.done(token, fate);
    this.#letGo(token as RowSlot);
  }

  #letGo(slot: RowSlot): void {
    const { ledger, locks } = this.#setup;
    if (locks.isSettling(slot)) ledger.keepKey(slot);
    else ledger.giveSlotBack(slot);
  }
}

/** A share says little before this many rows were read. */
export const rowsBeforeShareCounts = 1000;

/** The fault of a run of which this row would delete more items than it may (-1: no limit), or undefined. */
export function tooManyDeletes(limit: Amount, deletes: number, read: number): ImportError | undefined {
  if (!exceeds(limit, deletes, read)) return undefined;
  return new ImportError(
    'too-many-deletes',
    `${formatCount(deletes)} of ${formatCount(read)} rows would delete an item; --max-deletes allows ${amountInWords(limit)}`,
    { hint: 'Check --delete-where. If the rows are to delete, go on with a higher --max-deletes.' },
  );
}

function exceeds({ kind, value }: Amount, count: number, read: number): boolean {
  if (count === 0 || value < 0) return false;
  return kind === 'units' ? count > value : read >= rowsBeforeShareCounts && count * 100 > read * value;
}

/** The fault of a run that rejected more rows than it may (-1: no limit), or undefined. */
export function tooManyRejects(limit: Amount, rejected: number, read: number): ImportError | undefined {
  if (!exceeds(limit, rejected, read)) return undefined;
  return new ImportError(
    'too-many-rejects',
    `${formatCount(rejected)} of ${formatCount(read)} rows were rejected; --max-rejects allows ${amountInWords(limit)}`,
    {
      hint: 'See rejects.jsonl for the reasons. Resume with a higher --max-rejects, or correct --types or the source and start a new run.',
    },
  );
}
