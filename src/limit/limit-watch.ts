import { type Amount, amountInWords } from '../domain/amount.ts';
import { formatRate } from '../domain/format.ts';
import { ImportError } from '../domain/import-error.ts';
import type { TableInfo } from '../domain/table.ts';
import type { Clock } from '../ports/clock.ts';
import type { RunObserver } from '../ports/run-observer.ts';
import type { RateOverride } from '../ports/run-stores.ts';
import type { TableCapacity } from '../ports/table-capacity.ts';
import type { ChosenRates } from './choose-rate.ts';
import type { Pace } from './pace.ts';

const describeEveryMs = 60_000;
const overrideEveryMs = 1_000;
/** Write units a second of all shards while the table has no more than its reserve. */
const wholeTrickle = 1;
type LimitWatchOptions = {
  readonly clock: Clock;
  readonly pace: Pace;
  readonly observer: RunObserver;
  /** `--wps`. */
  readonly wps: Amount | undefined;
  /** As it was at the start; undefined if it is not known. */
  readonly table: TableInfo | undefined;
  /** Processes that share the limits; `choose` gives the part of one. 1 by default. */
  readonly shards?: number | undefined;
  /** Absent if the table may not be described, and in a rehearsal. */
  readonly capacity?: Pick<TableCapacity, 'describe'> | undefined;
  /** Absent without a run directory. */
  readonly override?: RateOverride | undefined;
  /** Undefined if the text is not a rate. */
  readonly readAmount: (text: string) => Amount | undefined;
  /** Throws ImportError if nothing is left to write with. */
  readonly choose: (wps: Amount | undefined, table: TableInfo | undefined) => ChosenRates;
};

/** Adjusts the limits of a running import to the table and the rate file, which it reads again and again. */
export class LimitWatch {
  readonly #options: LimitWatchOptions;
  #table: TableInfo | undefined;
  #overrideText: string | undefined;
  #override: Amount | undefined;
  readonly #cancels = new Set<() => void>();
  readonly #warned = new Set<string>();
  #stopped = false;

  constructor(options: LimitWatchOptions) {
    this.#options = options;
    this.#table = options.table;
  }

  /**
   * Resolves after the first read of the rate file, which applies from the first row of a resume. `onBug` is called with
   * any other error than an ImportError, after which nothing is read.
   */
  async start(onBug: (error: unknown) => void): Promise<void> {
    if (this.#options.capacity !== undefined) this.#every(describeEveryMs, () => this.#describe(), onBug);
    if (this.#options.override === undefined) return;
    const readOverride = () => this.#readOverride();
    await this.#look(readOverride, onBug);
    if (!this.#stopped) this.#every(overrideEveryMs, readOverride, onBug);
  }

  /** Stops all changes, including those of reads in flight. */
  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#cancels) cancel();
  }

  #every(everyMs: number, look: () => Promise<void>, onBug: (error: unknown) => void): void {
    const cancel = this.#options.clock.setTimer(everyMs, async () => {
      this.#cancels.delete(cancel);
      await this.#look(look, onBug);
      if (!this.#stopped) this.#every(everyMs, look, onBug);
    });
    this.#cancels.add(cancel);
  }

  async #look(look: () => Promise<void>, onBug: (error: unknown) => void): Promise<void> {
    try {
      await look();
    } catch (error) {
      if (error instanceof ImportError) {
        this.#warn(`${error.message}; the rate does not change`);
      } else {
        // Thrown in a timer, it would end the process before the checkpoint.
        this.stop();
        onBug(error);
      }
    }
  }

  async #describe(): Promise<void> {
    this.#table = await this.#options.capacity!.describe();
    this.#apply();
  }

  async #readOverride(): Promise<void> {
    const text = await this.#options.override!.read();
    if (text === this.#overrideText) return;
    this.#overrideText = text;
    const override = text === undefined ? undefined : this.#options.readAmount(text);
    if (text !== undefined && override === undefined) {
      // Every text gets a warning, because its author expects it to be the rate.
      this.#options.observer.on({ kind: 'limit-warning', message: noRate(text) });
      return;
    }
    this.#override = override;
    this.#apply();
  }

  #apply(): void {
    if (this.#stopped) return;
    const { pace, shards = 1 } = this.#options;
    const rates = this.#override === undefined ? undefined : this.#ratesOfOverride(this.#override);
    const whole = shards === 1 ? '' : ` for ${shards} shards together`;
    if (rates !== undefined) pace.setLimits(rates, `the rate file sets ${amountInWords(this.#override!)}${whole}`);
    else pace.setLimits(this.#ratesOfTable());
  }

  #ratesOfOverride(override: Amount): ChosenRates | undefined {
    try {
      return this.#options.choose(override, this.#table);
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
      this.#warn(`the rate file is ignored, and --wps applies: ${error.message}`);
      return undefined;
    }
  }

  #ratesOfTable(): ChosenRates {
    const { choose, wps, shards = 1 } = this.#options;
    const trickle = wholeTrickle / shards;
    try {
      return choose(wps, this.#table);
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
      this.#warn(
        `${error.message}; the rate is ${shards === 1 ? '1 write unit' : `${formatRate(trickle)} write units`} a second until there is more`,
      );
      const indexes = (this.#table?.globalIndexes ?? []).map(({ name }) => ({
        name,
        writeUnitsPerSecond: trickle,
        chosen: error.message,
      }));
      return { writeUnitsPerSecond: trickle, chosen: error.message, indexes };
    }
  }

  #warn(message: string): void {
    if (this.#stopped || this.#warned.has(message)) return;
    this.#warned.add(message);
    this.#options.observer.on({ kind: 'limit-warning', message });
  }
}

function noRate(text: string): string {
  const stop = /^0+%?$/.test(text)
    ? '; to stop the run, press Ctrl-C or send SIGTERM, and continue it with --resume'
    : '';
  return `the rate file is ignored: it must hold write units a second from 1 up, such as 20000, or a share such as 80%${stop}`;
}
