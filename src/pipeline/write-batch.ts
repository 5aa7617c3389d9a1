import { ImportError } from '../domain/import-error.ts';
import { type Batch, batchOf, partitionOf, type Token } from '../domain/token.ts';
import type { Accepted, Failed, ThrottleCause, WriteResult } from '../domain/write-result.ts';
import { backoffMs } from '../limit/rate-limiter.ts';
import { isDirect, type Lease } from '../ports/token-repository.ts';
import { HotKeys } from './hot-keys.ts';
import type { ImportSetup } from './import-setup.ts';
import { ProgressGuard, type RunControl } from './run-control.ts';
import type { EndTask } from './worker-pool.ts';

/** One attempt: its number, from 1, when it was sent, and what it was paid for with. */
type Sent = { readonly attempt: number; readonly sentMs: number; readonly permits: number };
/** What was done for the next attempt, and the refused items of a batch taken apart, where they are not rejected at once. */
type Begun = {
  readonly leasing?: Lease | Promise<Lease | Failed>;
  readonly attempt?: number;
  readonly refused?: RefusedItem[] | undefined;
};
type Throttled = Extract<Failed, { kind: 'throttled' }>;

/** Where tokens go when an attempt has been answered. */
type TokenFates = {
  written(token: Token): void;
  /** The table's own item stays. */
  kept(token: Token): void;
  /** Refused for lack of capacity, or not sent since the run stops or its batch was too large: to be sent again. */
  giveBack(token: Token): void;
  rejected(token: Token, message: string): void;
  /** The attempt got no answer: the tokens may have been written, or may be yet. */
  doubtful(tokens: readonly Token[]): void;
};

type BatchWriterSetup = Pick<
  ImportSetup,
  'repository' | 'limiter' | 'pace' | 'clock' | 'random' | 'observer' | 'stallTimeoutMs'
> & {
  readonly control: RunControl;
  readonly fates: TokenFates;
  /** Copies the memory that a token shares with others, so that it can wait for long. */
  readonly detach: (token: Token) => void;
  /** Whether an earlier process of this run has had a write accepted. */
  readonly hasWritten?: boolean;
  /** Whether keys have two parts, so that items of one partition can be recognised. */
  readonly hasSortKey?: boolean;
};

type RefusedItem = { readonly token: Token; readonly message: string };

/** Writes batches, paying for each attempt with permits. The only place that interprets service errors and retries. */
export class BatchWriter {
  readonly #setup: BatchWriterSetup;
  readonly #guard: ProgressGuard;
  readonly #hotKeys: HotKeys;
  /** Until then a refusal may be that of every request, whatever its items. */
  #hasAccepted: boolean;

  constructor(setup: BatchWriterSetup) {
    this.#setup = setup;
    this.#hasAccepted = setup.hasWritten === true;
    const { repository, clock, random, fates, detach, observer, control, stallTimeoutMs, hasSortKey } = setup;
    this.#guard = new ProgressGuard({
      clock,
      control,
      stallTimeoutMs,
      verb: 'written',
      credentials: repository,
      onPause: (reason) => observer.on({ kind: 'paused', reason }),
      onGoOn: () => observer.on({ kind: 'unpaused' }),
    });
    this.#hotKeys = new HotKeys({
      clock,
      random,
      detach,
      partitionOf: hasSortKey === true ? partitionOf : (key) => key,
      giveBack: (token) => fates.giveBack(token),
      onFound: () => observer.on({ kind: 'partition-parked' }),
    });
    control.onStop(() => this.#hotKeys.stop());
  }

  /**
   * Makes the first attempt, without a promise if lease and permits are available at once. `end` is called when every
   * token of the batch has met its fate, or with what has to wait. Does not throw.
   */
  start(batch: Batch, end: EndTask): void {
    const { repository, limiter, clock, control } = this.#setup;
    if (!isDirect(repository) || this.#guard.pause !== undefined || control.stopped) {
      end(() => this.write(batch));
      return;
    }
    const leasing = repository.lease();
    if (leasing instanceof Promise || !limiter.tryAcquire(batch.writeUnits, batch.indexUnits)) {
      end(() => this.write(batch, { leasing }));
      return;
    }
    const sent = { attempt: 1, sentMs: clock.nowMs(), permits: batch.writeUnits };
    repository.start(batch, leasing, (result) => {
      if (result.kind !== 'accepted') return end(() => this.#goOn(batch, result, sent));
      try {
        this.#accept(batch, result, sent);
      } catch (fault) {
        control.fail(fault);
      }
      end();
    });
  }

  /** Returns when every token of the batch has met its fate. */
  async write(batch: Batch, { refused, ...begun }: Begun = {}): Promise<void> {
    const { repository, clock, control } = this.#setup;
    let { leasing } = begun;
    for (let attempt = begun.attempt ?? 1; ; attempt++) {
      if (leasing === undefined && this.#guard.pause !== undefined) await this.#guard.pause;
      if (leasing === undefined && control.stopped) return this.#giveBack(batch);
      // The lease comes before the permits: permits that wait for a connection would leave in one burst with it.
      const asked = leasing ?? repository.lease?.();
      leasing = undefined;
      const given = asked instanceof Promise ? await asked : asked;
      const lease = given?.kind === 'lease' ? given : undefined;
      const failed = given?.kind === 'lease' ? undefined : given;
      if (failed === undefined && !(await this.#pay(batch, lease))) return this.#giveBack(batch);
      const sent = { attempt, sentMs: clock.nowMs(), permits: failed === undefined ? batch.writeUnits : 0 };
      const result = failed ?? (await repository.write(batch, lease));
      if (await this.#settle(batch, result, sent, refused)) return;
    }
  }

  async #goOn(batch: Batch, result: Failed, sent: Sent): Promise<void> {
    if (!(await this.#settle(batch, result, sent))) await this.write(batch, { attempt: sent.attempt + 1 });
  }

  /** False if the batch is to be sent again. */
  async #settle(batch: Batch, result: WriteResult, sent: Sent, refused?: RefusedItem[]): Promise<boolean> {
    const { control, fates } = this.#setup;
    switch (result.kind) {
      case 'accepted':
        this.#accept(batch, result, sent);
        return true;
      case 'throttled':
        this.#throttled(batch, result, sent.sentMs);
        return true;
      case 'invalid':
        await this.#takeApart(batch, result.message, refused);
        return true;
      case 'transient':
        if (result.fateUnknown) fates.doubtful(batch.tokens);
        await this.#backOff(batch, result.reason, sent);
        return false;
      case 'expired':
        this.#tellFailure(batch, 'credentials expired', sent, 0);
        await this.#guard.renew(result.renewable, result.message);
        return false;
      case 'fatal':
        control.fail(result.error);
        return false;
    }
  }

  /** False if the batch is not to be sent: the run stops, the batch is now too large, or the lease has lapsed. */
  async #pay({ tokens, writeUnits, indexUnits }: Batch, lease: Lease | undefined): Promise<boolean> {
    const isPaid = await this.#setup.limiter.acquire(writeUnits, indexUnits, tokens.length > 1, lease);
    if (!isPaid) lease?.release();
    return isPaid;
  }

  #giveBack({ tokens }: Batch): void {
    for (const token of tokens) this.#setup.fates.giveBack(token);
  }

  #accept(batch: Batch, result: Accepted, { sentMs, attempt }: Sent): void {
    const { observer, fates, clock, pace } = this.#setup;
    const { unprocessed, kept = [], again = [] } = result;
    let deleted = 0;
    // What is to be written again was answered and paid for all the same: its condition failed, which costs a write.
    const accepted =
      unprocessed.length === 0 ? batch : batchOf(batch.tokens.filter((token) => !unprocessed.includes(token)));
    // Before any row is done: its slot, and so its key, may be another's then.
    this.#hotKeys.passed(accepted.tokens);
    const refused = this.#hotKeys.park(batch.tokens, unprocessed);
    for (const token of accepted.tokens) {
      if (kept.length > 0 && kept.includes(token)) fates.kept(token);
      else if (again.length === 0 || !again.includes(token)) {
        deleted += Number(token.deletes === true);
        fates.written(token);
      }
    }
    const consumedWriteUnits = result.consumedWriteUnits ?? accepted.writeUnits;
    if (accepted.tokens.length > 0) this.#hasAccepted = true;
    this.#chargeExcess(accepted, result);
    pace?.accepted(accepted, sentMs);
    if (unprocessed.length < batch.tokens.length) this.#guard.passed();
    else this.#guard.failed('the table hands back every item');
    observer.on({
      kind: 'batch-accepted',
      tokens: batch.tokens.length,
      unprocessed: unprocessed.length,
      kept: kept.length,
      deleted,
      again: again.length,
      permits: batch.writeUnits,
      consumedWriteUnits,
      consumedIndexUnits: result.consumedIndexUnits,
      latencyMs: clock.nowMs() - sentMs,
      attempt,
    });
    this.#sendAgain(refused, sentMs);
    for (const token of again) fates.giveBack(token);
  }

  /** What replaced a larger item, or moved one inside an index, consumed more than its permits; nothing is credited. */
  #chargeExcess({ writeUnits, indexUnits }: Batch, { consumedWriteUnits = 0, consumedIndexUnits }: Accepted): void {
    const { limiter } = this.#setup;
    if (consumedWriteUnits > writeUnits) limiter.charge(consumedWriteUnits - writeUnits);
    consumedIndexUnits?.forEach((consumed, i) => {
      const excess = consumed - (indexUnits?.[i] ?? 0);
      if (excess > 0) limiter.charge(excess, i + 1);
    });
  }

  #throttled(batch: Batch, { reason, causes }: Throttled, sentMs: number): void {
    const { observer, clock } = this.#setup;
    const { tokens, writeUnits: permits } = batch;
    observer.on({
      kind: 'batch-throttled',
      tokens: tokens.length,
      permits,
      reason,
      latencyMs: clock.nowMs() - sentMs,
      ...(causes !== undefined && { causes }),
    });
    this.#guard.failed(`the table throttles every request (${reason})`);
    this.#sendAgain(this.#hotKeys.park(tokens, tokens), sentMs, causes);
  }

  /** At once, at the pace that the table takes. Those of a hot partition wait, and say nothing about that pace. */
  #sendAgain(refused: readonly Token[], sentMs: number, causes?: readonly ThrottleCause[]): void {
    const { pace, fates, detach } = this.#setup;
    if (refused.length > 0) pace?.refused(batchOf(refused), sentMs, causes);
    for (const token of refused) {
      detach(token);
      fates.giveBack(token);
    }
  }

  /** The service refuses a batch for one bad item: halves are tried until that item stands alone. */
  async #takeApart(batch: Batch, message: string, refused: RefusedItem[] | undefined): Promise<void> {
    const { observer, fates } = this.#setup;
    observer.on({ kind: 'batch-taken-apart', tokens: batch.tokens.length, message });
    const [only] = batch.tokens;
    if (batch.tokens.length === 1 && only !== undefined) {
      if (refused === undefined) fates.rejected(only, message);
      else refused.push({ token: only, message });
      return;
    }
    const judged = refused ?? (this.#hasAccepted ? undefined : []);
    const half = Math.ceil(batch.tokens.length / 2);
    await this.write(batchOf(batch.tokens.slice(0, half)), { refused: judged });
    await this.write(batchOf(batch.tokens.slice(half)), { refused: judged });
    if (refused === undefined && judged !== undefined) this.#judgeRefused(batch, judged);
  }

  /** Items that are all refused in the same words, where nothing was ever accepted, are not at fault: the request is. */
  #judgeRefused({ tokens }: Batch, refused: readonly RefusedItem[]): void {
    const { control, fates } = this.#setup;
    const isSame = refused.every(({ message }) => message === refused[0]?.message);
    if (!this.#hasAccepted && isSame && refused.length === tokens.length) {
      control.fail(refusesAll(tokens.length, refused[0]!.message));
    }
    for (const { token, message } of refused) {
      if (!this.#hasAccepted && control.stopped) fates.giveBack(token);
      else fates.rejected(token, message);
    }
  }

  async #backOff(batch: Batch, reason: string, sent: Sent): Promise<void> {
    const { clock, random, control } = this.#setup;
    const delayMs = backoffMs(sent.attempt, random);
    this.#tellFailure(batch, reason, sent, delayMs);
    this.#guard.failed(`no request gets through (${reason})`);
    await clock.sleep(delayMs, control.signal);
  }

  #tellFailure({ tokens }: Batch, reason: string, { attempt, permits }: Sent, delayMs: number): void {
    this.#setup.observer.on({ kind: 'attempt-failed', tokens: tokens.length, reason, attempt, permits, delayMs });
  }
}

function refusesAll(items: number, message: string): ImportError {
  const what = `no item has been accepted yet, and all ${items} items of a batch were refused one by one with the same message: ${message}`;
  return new ImportError('service-refused', what, {
    hint: 'Check --types, the key of the table and --endpoint-url; no row was rejected for this.',
  });
}
