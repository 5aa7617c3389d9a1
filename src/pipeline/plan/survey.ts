import type { Field, FieldValue } from '../../domain/column.ts';
import type { RejectCode } from '../../domain/row.ts';
import {
  type ColumnMeasure,
  type KeySpread,
  partitionUnitsPerSecond,
  type TtlMeasure,
} from '../../domain/source-measure.ts';
import { ownText } from '../../domain/token.ts';
import { fiveYearsSeconds, leastMilliseconds } from '../../input/columns/row-rules.ts';
import { shownValue } from '../row-steps.ts';

type SurveyedColumn = {
  readonly sourceName: string;
  readonly attribute?: ColumnMeasure['attribute'];
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
    if (value === undefined || value === null) return;
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

/** Beyond this many different keys, they are not counted. */
const maxCounted = 1000;

type KeySkewOptions = {
  /** Undefined for the table. */
  readonly index?: string;
  readonly attribute: string;
  /** Rate at which the units would be sent. */
  readonly writeUnitsPerSecond: number;
  /** Rows that an import holds at once, within which a crowded partition key can wait while others are written. */
  readonly windowRows: number;
};

/**
 * Measures how rows in source order spread over partition keys. Equal keys share a partition, so a stretch of the source
 * takes as long as its fullest key, at any rate. Holds at most the keys of one stretch.
 */
export class KeySkew {
  readonly #options: KeySkewOptions;
  readonly #inWindow = new Map<string, number>();
  #windowRows = 0;
  #windowUnits = 0;
  /** Over all rows; undefined once there are too many. */
  #counted: Map<string, number> | undefined = new Map();
  #run = { key: '', rows: 0 };
  #longestRun = 0;
  #units = 0;
  #crowdedShare = 0;
  #secondsAtRate = 0;
  #secondsWithHotKeys = 0;

  constructor(options: KeySkewOptions) {
    this.#options = options;
  }

  countRow(key: string, units: number): void {
    this.#units += units;
    this.#windowUnits += units;
    addTo(this.#inWindow, key, units);
    if (this.#counted !== undefined) this.#count(this.#counted, key, units);
    if (this.#run.key === key) this.#run.rows++;
    else this.#run = { key: ownText(key), rows: 1 };
    if (this.#run.rows > this.#longestRun) this.#longestRun = this.#run.rows;
    if (++this.#windowRows >= this.#options.windowRows) this.#closeWindow();
  }

  /** Undefined if no row had the key. */
  result(): KeySpread | undefined {
    this.#closeWindow();
    if (this.#units === 0) return undefined;
    const { index, attribute } = this.#options;
    const most = this.#counted === undefined ? undefined : Math.max(...this.#counted.values());
    return {
      ...(index !== undefined && { index }),
      attribute,
      units: this.#units,
      ...(this.#counted !== undefined && { distinct: this.#counted.size }),
      longestRun: this.#longestRun,
      topShare: most === undefined ? this.#crowdedShare : most / this.#units,
      secondsAtRate: this.#secondsAtRate,
      secondsWithHotKeys: this.#secondsWithHotKeys,
    };
  }

  #count(counted: Map<string, number>, key: string, units: number): void {
    addTo(counted, key, units);
    if (counted.size > maxCounted) this.#counted = undefined;
  }

  #closeWindow(): void {
    if (this.#windowRows === 0) return;
    let most = 0;
    for (const units of this.#inWindow.values()) if (units > most) most = units;
    const seconds = this.#windowUnits / this.#options.writeUnitsPerSecond;
    this.#secondsAtRate += seconds;
    // The units of one second pass at once, so few rows are not a crowd.
    const isCrowd = most > partitionUnitsPerSecond;
    this.#secondsWithHotKeys += isCrowd ? Math.max(seconds, most / partitionUnitsPerSecond) : seconds;
    this.#crowdedShare = Math.max(this.#crowdedShare, most / this.#windowUnits);
    this.#inWindow.clear();
    this.#windowRows = 0;
    this.#windowUnits = 0;
  }
}

function addTo(units: Map<string, number>, key: string, more: number): void {
  const before = units.get(key);
  units.set(before === undefined ? ownText(key) : key, (before ?? 0) + more);
}
