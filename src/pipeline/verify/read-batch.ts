import { ImportError } from '../../domain/import-error.ts';
import type { Token } from '../../domain/token.ts';
import type { Verdict } from '../../domain/verdict.ts';
import type { VerifyReport } from '../../domain/verify-report.ts';
import { backoffMs } from '../../limit/backoff.ts';
import type { RateLimiter } from '../../limit/rate-limiter.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TokenReader } from '../../ports/token-reader.ts';
import { ProgressGuard } from '../progress-guard.ts';
import type { RunControl } from '../run-control.ts';

type BatchReaderSetup = {
  readonly reader: TokenReader;
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  readonly random: () => number;
  readonly control: RunControl;
  readonly stallTimeoutMs: number;
  readonly warn: (message: string) => void;
};

/** Reads batches until each token has its verdict, every attempt paid for with permits (read units) anew. */
export class BatchReader {
  readonly #setup: BatchReaderSetup;
  readonly #requests = { sent: 0, throttled: 0, retried: 0, unprocessedKeys: 0 };
  readonly #guard: ProgressGuard;
  readonly #warned = new Set<string>();
  #readUnits = 0;

  constructor(setup: BatchReaderSetup) {
    this.#setup = setup;
    const { reader, clock, control, stallTimeoutMs } = setup;
    this.#guard = new ProgressGuard({
      ...{ clock, control, stallTimeoutMs, verb: 'read', credentials: reader },
      onPause: (reason) => this.#warnOnce(`paused: ${reason}`),
    });
  }

  get requests(): VerifyReport['requests'] {
    return this.#requests;
  }

  /** Units consumed as the table reports them, or estimated where it does not. */
  get readUnits(): number {
    return this.#readUnits;
  }

  /** Undefined where the run was stopped before all were read. */
  async read(tokens: readonly Token[]): Promise<ReadonlyMap<Token, Verdict> | undefined> {
    const { reader, limiter, control } = this.#setup;
    const verdicts = new Map<Token, Verdict>();
    let left = tokens;
    for (let attempt = 1; left.length > 0; attempt++) {
      if (this.#guard.pause !== undefined) await this.#guard.pause;
      if (control.stopped) return undefined;
      const given = await reader.lease?.();
      const lease = given?.kind === 'lease' ? given : undefined;
      const failed = given?.kind === 'lease' ? undefined : given;
      if (failed === undefined) {
        if (!(await limiter.acquire(this.#unitsOf(left), undefined, false, lease))) {
          // Stopped, or the lease has lapsed while others were served.
          lease?.release();
          attempt--;
          continue;
        }
        this.#requests.sent++;
        if (attempt > 1) this.#requests.retried++;
      }
      const result = failed ?? (await reader.read(left, lease));
      switch (result.kind) {
        case 'read':
          this.#count(left, result.verdicts, result.consumedReadUnits);
          for (const [token, verdict] of result.verdicts) verdicts.set(token, verdict);
          left = left.filter((token) => !verdicts.has(token));
          if (result.verdicts.size > 0) attempt = 0;
          if (left.length > 0) await this.#backOff(Math.max(1, attempt), 'the table hands back keys');
          break;
        case 'throttled':
          this.#requests.throttled++;
          await this.#backOff(attempt, `the table throttles: ${result.reason}`);
          break;
        case 'transient':
          await this.#backOff(attempt, `a request failed and is sent again: ${result.reason}`);
          break;
        case 'expired':
          await this.#guard.renew(result.renewable, result.message);
          break;
        case 'invalid':
          control.fail(new ImportError('service-refused', `a read was refused: ${result.message}`));
          break;
        case 'fatal':
          control.fail(result.error);
          break;
      }
    }
    return verdicts;
  }

  #unitsOf(tokens: Iterable<Token>): number {
    let units = 0;
    for (const token of tokens) units += this.#setup.reader.readUnitsOf(token);
    return units;
  }

  /** What the table consumed above the permits of the attempt is paid for by later ones. */
  #count(asked: readonly Token[], verdicts: ReadonlyMap<Token, Verdict>, consumed: number | undefined): void {
    const { limiter } = this.#setup;
    this.#requests.unprocessedKeys += asked.length - verdicts.size;
    const units = consumed ?? this.#unitsOf(verdicts.keys());
    this.#readUnits += units;
    const excess = units - this.#unitsOf(asked);
    if (excess > 0) limiter.charge(excess);
    if (verdicts.size > 0) this.#guard.passed();
  }

  async #backOff(attempt: number, what: string): Promise<void> {
    const { clock, random, control } = this.#setup;
    this.#warnOnce(what);
    this.#guard.failed(what);
    await clock.sleep(backoffMs(attempt, random), control.signal);
  }

  /** What recurs is told once; the report counts it. */
  #warnOnce(what: string): void {
    if (this.#warned.has(what) || this.#warned.size >= 20) return;
    this.#warned.add(what);
    this.#setup.warn(what);
  }
}
