import { ImportError } from '../domain/import-error.ts';
import type { Clock } from '../ports/clock.ts';

/** Whether the run goes on. It stops on the operator's signal and on a fault. */
export class RunControl {
  #fault: unknown;
  #failed = false;
  #interrupted = false;
  readonly #onStop: (() => void)[] = [];
  #wake: (() => void) | undefined;
  readonly #stopper = new AbortController();

  constructor(signal: AbortSignal) {
    const interrupt = () => {
      this.#interrupted = true;
      this.#stop();
    };
    if (signal.aborted) interrupt();
    else signal.addEventListener('abort', interrupt, { once: true });
  }

  get stopped(): boolean {
    return this.#failed || this.#interrupted;
  }

  get failed(): boolean {
    return this.#failed;
  }

  /** The first fault. Later ones follow from it. */
  get fault(): unknown {
    return this.#fault;
  }

  /** Aborted when the run stops, so that sleepers wake. */
  get signal(): AbortSignal {
    return this.#stopper.signal;
  }

  onStop(callback: () => void): void {
    this.#onStop.push(callback);
    if (this.stopped) callback();
  }

  fail(fault: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#fault = fault;
    this.#stop();
  }

  /** Resolves as the promise does, or with undefined as soon as the run stops. Leaves no listener. One call at a time. */
  async unlessStopped<T>(promise: Promise<T>): Promise<T | undefined> {
    if (this.stopped) {
      promise.catch(() => {});
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.#wake = () => resolve(undefined);
      promise.then(resolve, reject);
    });
  }

  #stop(): void {
    this.#wake?.();
    this.#stopper.abort();
    for (const callback of this.#onStop) callback();
  }
}

/** How often expired credentials are read again while the run pauses. */
const renewEveryMs = 10_000;

/** Of the time-out, how much may lie between two failures. */
const longestGap = 0.5;

type ProgressGuardSetup = {
  readonly clock: Clock;
  readonly control: RunControl;
  readonly stallTimeoutMs: number;
  /** What is done to rows where all is well. */
  readonly verb: 'written' | 'read';
  readonly credentials: { renewCredentials?(): Promise<boolean> };
  readonly onPause: (reason: string) => void;
  readonly onGoOn?: () => void;
};

/** Ends a run in which nothing gets through for too long, and pauses one whose credentials have expired. */
export class ProgressGuard {
  readonly #setup: ProgressGuardSetup;
  /** When the last attempt failed, and for how long they have, since anything got through. */
  #failedAtMs: number | undefined;
  #failingMs = 0;
  #renewal: Promise<void> | undefined;
  #looking: Promise<boolean> | undefined;

  constructor(setup: ProgressGuardSetup) {
    this.#setup = setup;
  }

  /** Resolves when the pause for new credentials is over; undefined if there is no pause. */
  get pause(): Promise<void> | undefined {
    return this.#renewal;
  }

  /** Something got through. */
  passed(): void {
    this.#failedAtMs = undefined;
    this.#failingMs = 0;
  }

  /** Nothing of an attempt got through, and `what` says why. */
  failed(what: string): void {
    const { clock, control, stallTimeoutMs, verb } = this.#setup;
    const nowMs = clock.nowMs();
    // A process that was suspended (Ctrl-Z) has tried nothing meanwhile: between two failures no more than that counts.
    this.#failingMs += Math.min(nowMs - (this.#failedAtMs ?? nowMs), stallTimeoutMs * longestGap);
    this.#failedAtMs = nowMs;
    if (this.#failingMs < stallTimeoutMs) return;
    control.fail(
      new ImportError('stalled', `nothing was ${verb} for ${Math.round(stallTimeoutMs / 1000)} s: ${what}`, {
        hint: 'Check the table, the endpoint and the network, then resume; --stall-timeout sets how long to wait.',
      }),
    );
  }

  /** The credentials have expired: all batches wait for one renewal. */
  async renew(renewable: boolean, message: string): Promise<void> {
    if (!renewable) {
      const hint = 'Set new credentials, then resume.';
      this.#setup.control.fail(new ImportError('credentials-expired', message, { hint }));
      return;
    }
    // New keys that expire at once, again and again, are no progress either.
    this.failed(message);
    this.#renewal ??= this.#renewUntilDone(message).finally(() => {
      this.#renewal = undefined;
    });
    await this.#renewal;
  }

  async #renewUntilDone(message: string): Promise<void> {
    const { clock, control, onPause, onGoOn } = this.#setup;
    onPause(message);
    while (!control.stopped && !(await this.#look())) {
      this.failed(message);
      await clock.sleep(renewEveryMs, control.signal);
    }
    onGoOn?.();
  }

  /** One look for new credentials. A program that gives them may wait for somebody; the run must be able to end. */
  async #look(): Promise<boolean> {
    const { credentials, clock, control } = this.#setup;
    this.#looking ??= Promise.resolve(credentials.renewCredentials?.() ?? false).finally(() => {
      this.#looking = undefined;
    });
    const found = new AbortController();
    const patience = AbortSignal.any([control.signal, found.signal]);
    try {
      return await Promise.race([this.#looking, clock.sleep(renewEveryMs, patience).then(() => false)]);
    } finally {
      found.abort();
    }
  }
}
