import { type Amount, amountInWords } from '../domain/amount.ts';
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
/** Where the table has no more than its reserve, the run is all but stopped until it has. */
const trickle = 1;

type LimitWatchSetup = {
  readonly clock: Clock;
  readonly pace: Pace;
  readonly observer: RunObserver;
  /** `--wps`. */
  readonly wps: Amount | undefined;
  /** As it was found at the start; undefined where it is not known. */
  readonly table: TableInfo | undefined;
  /** Absent where the table may not be described, and in a rehearsal. */
  readonly capacity?: Pick<TableCapacity, 'describe'> | undefined;
  /** Absent without a run directory. */
  readonly override?: RateOverride | undefined;
  /** Undefined where the text is no rate. */
  readonly readAmount: (text: string) => Amount | undefined;
  /** Throws ImportError where it comes to nothing. */
  readonly choose: (wps: Amount | undefined, table: TableInfo | undefined) => ChosenRates;
};

/** Keeps the limits of a run under way what table and operator say: both are looked at again and again. */
export class LimitWatch {
  readonly #setup: LimitWatchSetup;
  #table: TableInfo | undefined;
  #overrideText: string | undefined;
  #override: Amount | undefined;
  readonly #cancels = new Set<() => void>();
  readonly #warned = new Set<string>();
  #stopped = false;

  constructor(setup: LimitWatchSetup) {
    this.#setup = setup;
    this.#table = setup.table;
  }

  /**
   * Resolves when the rate file has been looked at for the first time, since one that is there holds from the first row
   * of a resume on. `onBug` is told what is no fault of the run; nothing is looked at from then on.
   */
  async start(onBug: (error: unknown) => void): Promise<void> {
    if (this.#setup.capacity !== undefined) this.#every(describeEveryMs, () => this.#describe(), onBug);
    if (this.#setup.override === undefined) return;
    const readOverride = () => this.#readOverride();
    await this.#look(readOverride, onBug);
    if (!this.#stopped) this.#every(overrideEveryMs, readOverride, onBug);
  }

  /** Nothing is changed any more, not by what is being read either. */
  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#cancels) cancel();
  }

  #every(everyMs: number, look: () => Promise<void>, onBug: (error: unknown) => void): void {
    const cancel = this.#setup.clock.setTimer(everyMs, async () => {
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
        this.#warn(`${error.message}; the rate stays as it is`);
      } else {
        // Thrown in a timer it would end the process before the checkpoint.
        this.stop();
        onBug(error);
      }
    }
  }

  async #describe(): Promise<void> {
    this.#table = await this.#setup.capacity!.describe();
    this.#apply();
  }

  async #readOverride(): Promise<void> {
    const text = await this.#setup.override!.read();
    if (text === this.#overrideText) return;
    this.#overrideText = text;
    const override = text === undefined ? undefined : this.#setup.readAmount(text);
    if (text !== undefined && override === undefined) {
      // Each such text is told of: whoever wrote it takes it for the rate.
      this.#setup.observer.on({ kind: 'limit-warning', message: noRate(text) });
      return;
    }
    this.#override = override;
    this.#apply();
  }

  #apply(): void {
    if (this.#stopped) return;
    const { pace } = this.#setup;
    const rates = this.#override === undefined ? undefined : this.#ratesOfOverride(this.#override);
    if (rates !== undefined) pace.setLimits(rates, `the rate file says ${amountInWords(this.#override!)}`);
    else pace.setLimits(this.#ratesOfTable());
  }

  #ratesOfOverride(override: Amount): ChosenRates | undefined {
    try {
      return this.#setup.choose(override, this.#table);
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
      this.#warn(`the rate file is ignored, and --wps holds: ${error.message}`);
      return undefined;
    }
  }

  #ratesOfTable(): ChosenRates {
    const { choose, wps } = this.#setup;
    try {
      return choose(wps, this.#table);
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
      this.#warn(`${error.message}; ${trickle} write unit a second goes on`);
      const indexes = (this.#table?.globalIndexes ?? []).map(({ name }) => ({
        ...{ name, writeUnitsPerSecond: trickle, chosen: error.message },
      }));
      return { writeUnitsPerSecond: trickle, chosen: error.message, indexes };
    }
  }

  #warn(message: string): void {
    if (this.#stopped || this.#warned.has(message)) return;
    this.#warned.add(message);
    this.#setup.observer.on({ kind: 'limit-warning', message });
  }
}

function noRate(text: string): string {
  const stop = /^0+%?$/.test(text) ? '; Ctrl-C or a SIGTERM stops the run, and --resume goes on with it' : '';
  return `the rate file holds neither write units a second from 1 up, such as 20000, nor a share such as 80%: it is ignored, and the rate stays as it is${stop}`;
}
