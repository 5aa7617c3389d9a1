import { type KeySpread, partitionUnitsPerSecond } from '../../domain/source-measure.ts';
import { ownText } from '../../domain/token.ts';

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
