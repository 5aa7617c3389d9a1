import type { FieldValue } from '../../domain/column.ts';
import type { TtlMeasure } from '../../domain/source-measure.ts';

/** Seconds of the year 5138: a value above can only be milliseconds, as those are since 1973. */
const leastMilliseconds = 100_000_000_000;
/** An item that expired longer ago is left alone. */
const fiveYearsSeconds = 5 * 365 * 86_400;

/** Counts what the time-to-live of an attribute of numbers will make of the rows. */
export class TtlWatch {
  readonly #attribute: string;
  readonly #nowSeconds: number;
  #milliseconds = 0;
  #expired = 0;
  #tooOld = 0;

  constructor(attribute: string, nowSeconds: number) {
    this.#attribute = attribute;
    this.#nowSeconds = nowSeconds;
  }

  add(value: FieldValue): void {
    if (typeof value !== 'string') return;
    const seconds = Number(value);
    if (seconds >= leastMilliseconds) this.#milliseconds++;
    else if (seconds < this.#nowSeconds - fiveYearsSeconds) this.#tooOld++;
    else if (seconds < this.#nowSeconds) this.#expired++;
  }

  result(): TtlMeasure {
    return {
      ...{ attribute: this.#attribute, milliseconds: this.#milliseconds },
      ...{ expired: this.#expired, tooOld: this.#tooOld },
    };
  }
}
