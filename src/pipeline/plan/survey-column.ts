import type { ColumnType, Field, FieldValue } from '../../domain/column.ts';
import type { RejectCode } from '../../domain/row.ts';
import type { ColumnMeasure, TtlMeasure } from '../../domain/source-measure.ts';
import { shownValue } from '../map-row.ts';

type SurveyedColumn = {
  readonly sourceName: string;
  readonly attribute?: { readonly name: string; readonly type: ColumnType };
  readonly showValues: boolean;
};

/** Counts and measures the fields of one column. */
export class ColumnSurvey {
  readonly #column: SurveyedColumn;
  #nulls = 0;
  #empty = 0;
  #shortestBytes = Number.POSITIVE_INFINITY;
  #longestBytes = 0;
  #shortest = '';
  #longest = '';
  #firstSeconds = Number.POSITIVE_INFINITY;
  #lastSeconds = Number.NEGATIVE_INFINITY;
  readonly #rejectsByCode = new Map<RejectCode, number>();

  constructor(column: SurveyedColumn) {
    this.#column = column;
  }

  /** `ascii`: the whole row is ASCII, so that characters are bytes. */
  addField(field: Field, ascii: boolean): void {
    if (field === null) {
      this.#nulls++;
      return;
    }
    if (field.length === 0) {
      this.#empty++;
      return;
    }
    const bytes = typeof field !== 'string' || ascii ? field.length : Buffer.byteLength(field);
    if (bytes < this.#shortestBytes) {
      this.#shortestBytes = bytes;
      if (this.#column.showValues) this.#shortest = shownValue(field);
    }
    if (bytes > this.#longestBytes) {
      this.#longestBytes = bytes;
      if (this.#column.showValues) this.#longest = shownValue(field);
    }
  }

  /** `value`: a mapped date. */
  addDate(value: FieldValue): void {
    if (value === undefined) return;
    const seconds = Number(value);
    if (seconds < this.#firstSeconds) this.#firstSeconds = seconds;
    if (seconds > this.#lastSeconds) this.#lastSeconds = seconds;
  }

  addReject(code: RejectCode): void {
    this.#rejectsByCode.set(code, (this.#rejectsByCode.get(code) ?? 0) + 1);
  }

  result(): ColumnMeasure {
    const { sourceName, attribute, showValues } = this.#column;
    const hasValues = this.#longestBytes > 0;
    return {
      sourceName,
      ...(attribute !== undefined && { attribute }),
      nulls: this.#nulls,
      empty: this.#empty,
      ...(hasValues && { bytes: { shortest: this.#shortestBytes, longest: this.#longestBytes } }),
      ...(hasValues && showValues && { values: { shortest: this.#shortest, longest: this.#longest } }),
      ...(this.#firstSeconds <= this.#lastSeconds && {
        dates: { firstSeconds: this.#firstSeconds, lastSeconds: this.#lastSeconds },
      }),
      rejectsByCode: Object.fromEntries(this.#rejectsByCode),
    };
  }
}

/** Seconds of the year 5138: a greater value can only be milliseconds, of a time after 1973. */
const leastMilliseconds = 100_000_000_000;
/** The service keeps an item that expired longer ago. */
const fiveYearsSeconds = 5 * 365 * 86_400;

/** Counts what the time-to-live of a numeric attribute will do to the rows. */
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

  countValue(value: FieldValue): void {
    if (typeof value !== 'string') return;
    const seconds = Number(value);
    if (seconds >= leastMilliseconds) this.#milliseconds++;
    else if (seconds < this.#nowSeconds - fiveYearsSeconds) this.#tooOld++;
    else if (seconds < this.#nowSeconds) this.#expired++;
  }

  result(): TtlMeasure {
    const [attribute, milliseconds] = [this.#attribute, this.#milliseconds];
    return { attribute, milliseconds, expired: this.#expired, tooOld: this.#tooOld };
  }
}
