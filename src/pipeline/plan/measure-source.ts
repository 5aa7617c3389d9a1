import { createHistogram } from 'node:perf_hooks';
import { noRows } from '../../domain/import-error.ts';
import { maxItemBytes } from '../../domain/item-size.ts';
import type { RejectCode, Row } from '../../domain/row.ts';
import type { SourceMeasure } from '../../domain/source-measure.ts';
import { addIndexUnits, keyPart, type Token } from '../../domain/token.ts';
import type { RowBlock } from '../../input/row-reader.ts';
import type { RowMapper } from '../map-row.ts';
import type { RowMapping } from '../row-steps.ts';
import { RunControl } from '../run-control.ts';
import { BlockRows } from '../take-rows.ts';
import { ColumnSurvey, KeySkew, TtlWatch } from './survey.ts';

export type MeasureOptions = RowMeasurerOptions & {
  readonly blocks: AsyncGenerator<RowBlock>;
  readonly skipRows: number;
  /** Rows after the skipped ones at which reading ends. */
  readonly maxRows: number | undefined;
  readonly signal: AbortSignal;
};

/** Maps every row of a source as an import would, and keeps sums instead of tokens. */
export class SourceMeter {
  readonly #options: MeasureOptions;
  readonly #measurer: RowMeasurer;
  readonly #end: number;
  #rowsRead = 0;

  constructor(options: MeasureOptions) {
    this.#options = options;
    this.#measurer = new RowMeasurer(options);
    this.#end = options.skipRows + (options.maxRows ?? Number.POSITIVE_INFINITY);
  }

  get rowsRead(): number {
    return this.#rowsRead;
  }

  /** Reads all rows. Rejects with the reason of the signal if it aborts, and with ImportError for faults of the source. */
  async measure(): Promise<SourceMeasure> {
    const { blocks, signal, skipRows } = this.#options;
    const control = new RunControl(signal);
    while (this.#rowsRead < this.#end) {
      const next = await control.unlessStopped(blocks.next());
      if (next === undefined) {
        // A silent source, such as a pipe, would not end before its next bytes.
        void blocks.return(undefined).catch(() => {});
        throw signal.reason;
      }
      if (next.done === true) break;
      this.#takeRows(next.value);
    }
    await blocks.return(undefined);
    if (this.#rowsRead === 0) throw noRows();
    return this.#measurer.result(this.#rowsRead, Math.min(this.#rowsRead, skipRows));
  }

  #takeRows(block: RowBlock): void {
    const { mapper, skipRows } = this.#options;
    const { rows } = block;
    const taken = new BlockRows(block);
    while (this.#rowsRead < this.#end && taken.advance()) {
      const row = taken.row(this.#rowsRead++);
      if (row.ordinal >= skipRows) this.#measurer.measureRow(mapper.map(rows, taken.index, row), row, rows.ascii);
    }
  }
}

const maxShownRejects = 10;

export type RowMeasurerOptions = {
  readonly mapper: RowMapper;
  /** What the mapper was compiled from. */
  readonly mapping: Omit<RowMapping, 'encoder'>;
  /** Of all columns of the source, including omitted ones. */
  readonly sourceNames: readonly string[];
  /** Rates at which the units of the table, and of each global index, would be sent. */
  readonly writeUnitsPerSecond: number;
  readonly indexUnitsPerSecond: readonly number[];
  /** See KeySkew. */
  readonly windowRows: number;
  readonly showValues: boolean;
  /** Undefined if the table has none, or it is not known. */
  readonly ttlAttribute?: string | undefined;
  /** Seconds since 1970. */
  readonly nowSeconds: number;
};

/** Keeps sums of the rows that a mapper has just mapped. */
export class RowMeasurer {
  readonly #mapper: RowMapper;
  readonly #options: RowMeasurerOptions;
  readonly #itemBytes = createHistogram({ lowest: 1, highest: maxItemBytes, figures: 3 });
  readonly #rejectsByCode = new Map<RejectCode, number>();
  readonly #firstRejects: SourceMeasure['firstRejects'][number][] = [];
  readonly #surveys: readonly ColumnSurvey[];
  readonly #made: readonly { readonly place: number; readonly survey: ColumnSurvey }[];
  readonly #dates: readonly { readonly place: number; readonly survey: ColumnSurvey }[];
  readonly #spreads: readonly { readonly add: (token: Token) => void; readonly skew: KeySkew }[];
  readonly #ttl: { readonly place: number; readonly watch: TtlWatch } | undefined;
  readonly #indexUnits: number[];
  readonly #expired: { rows: number; writeUnits: number; readonly indexUnits: number[] };
  #importable = 0;
  #deletes = 0;
  #rejected = 0;
  #totalItemBytes = 0;
  #maxItemBytes = 0;
  #writeUnits = 0;
  #bodyBytes = 0;

  constructor(options: RowMeasurerOptions) {
    const { mapper, mapping, sourceNames, showValues, ttlAttribute, nowSeconds } = options;
    const { columns } = mapping;
    this.#mapper = mapper;
    this.#options = options;
    this.#surveys = sourceNames.map((sourceName, fieldIndex) => {
      const column = columns.find((one) => one.fieldIndex === fieldIndex);
      const attribute = column && { name: column.name, type: column.type };
      return new ColumnSurvey({ sourceName, showValues, ...(attribute !== undefined && { attribute }) });
    });
    this.#made = columns.flatMap(({ sourceName, name, type, template }, place) => {
      const attribute = { name, type, isMade: true } as const;
      return template === undefined ? [] : [{ place, survey: new ColumnSurvey({ sourceName, showValues, attribute }) }];
    });
    this.#dates = columns.flatMap(({ type, fieldIndex }, place) =>
      type === 'EPOCH' ? [{ place, survey: this.#surveys[fieldIndex]! }] : [],
    );
    this.#spreads = this.#openSpreads();
    const watched = mapping.expiry === undefined ? ttlAttribute : columns[mapping.expiry.place]!.name;
    const place = columns.findIndex(({ name, type }) => name === watched && (type === 'N' || type === 'EPOCH'));
    this.#ttl = place < 0 ? undefined : { place, watch: new TtlWatch(watched!, nowSeconds) };
    this.#indexUnits = (mapping.globalIndexes ?? []).map(() => 0);
    this.#expired = { rows: 0, writeUnits: 0, indexUnits: this.#indexUnits.map(() => 0) };
  }

  /** `token`: what the mapper made of the row, undefined if it found a fault. */
  measureRow(token: Token | undefined, row: Row, ascii: boolean): void {
    if (token !== undefined) this.#accept(token);
    else if (this.#mapper.hasExpired) this.#skipExpired(ascii);
    else this.#reject(row);
    if (this.#mapper.hasFields) {
      const { fields } = this.#mapper;
      for (let i = 0; i < this.#surveys.length; i++) this.#surveys[i]!.addField(fields[i]!, ascii);
    }
  }

  /** `skipped`: by `--skip-rows`. */
  result(read: number, skipped: number): SourceMeasure {
    const { mapping } = this.#options;
    const isEmpty = this.#importable === this.#deletes;
    const ttl = this.#ttl?.watch.result();
    return {
      rows: {
        read,
        importable: this.#importable,
        ...(mapping.deletes !== undefined && { deletes: this.#deletes }),
        rejected: this.#rejected,
        skipped: skipped + this.#expired.rows,
      },
      ...(mapping.expiry !== undefined && { expired: this.#expired }),
      rejectsByCode: Object.fromEntries(this.#rejectsByCode),
      firstRejects: this.#firstRejects,
      itemBytes: {
        p50: isEmpty ? 0 : this.#itemBytes.percentile(50),
        p99: isEmpty ? 0 : this.#itemBytes.percentile(99),
        max: this.#maxItemBytes,
        total: this.#totalItemBytes,
      },
      writeUnits: this.#writeUnits,
      indexUnits: this.#indexUnits,
      bodyBytes: this.#bodyBytes,
      columns: [...this.#surveys, ...this.#made.map(({ survey }) => survey)].map((survey) => survey.result()),
      keySpreads: this.#spreads.map(({ skew }) => skew.result()).filter((spread) => spread !== undefined),
      ...(ttl !== undefined && { ttl }),
    };
  }

  #accept(token: Token): void {
    const { itemBytes, values } = this.#mapper;
    this.#importable++;
    if (token.deletes === true) {
      this.#deletes++;
    } else {
      this.#itemBytes.record(itemBytes);
      this.#totalItemBytes += itemBytes;
      if (itemBytes > this.#maxItemBytes) this.#maxItemBytes = itemBytes;
    }
    this.#writeUnits += token.writeUnits;
    this.#bodyBytes += token.bodyBytes;
    for (let i = 0; i < this.#indexUnits.length; i++) this.#indexUnits[i]! += token.indexUnits?.[i] ?? 0;
    // A row that deletes has no value of an index key.
    const spreads = token.deletes === true ? 1 : this.#spreads.length;
    for (let i = 0; i < spreads; i++) this.#spreads[i]!.add(token);
    for (const { place, survey } of this.#made) {
      const value = values[place];
      if (value !== undefined) survey.addField(value as string, false);
    }
    for (const { place, survey } of this.#dates) survey.addDate(values[place]);
    this.#ttl?.watch.countValue(values[this.#ttl.place]);
  }

  #skipExpired(ascii: boolean): void {
    const { writeUnits, indexUnits } = this.#mapper.expiredUnits(ascii);
    this.#expired.rows++;
    this.#expired.writeUnits += writeUnits;
    if (indexUnits !== undefined) addIndexUnits(this.#expired.indexUnits, indexUnits);
  }

  #reject({ fileIndex, line }: Row): void {
    const { fault } = this.#mapper;
    const { code, column } = fault;
    this.#rejected++;
    if (this.#firstRejects.length < maxShownRejects) this.#firstRejects.push({ ...fault, fileIndex, line });
    this.#rejectsByCode.set(code, (this.#rejectsByCode.get(code) ?? 0) + 1);
    if (column === undefined) return;
    this.#surveys[this.#options.sourceNames.indexOf(column)]?.addReject(code);
  }

  /** One for the table's partition key, and one for that of each global index if it is a column. */
  #openSpreads() {
    const { mapping, writeUnitsPerSecond, indexUnitsPerSecond, windowRows } = this.#options;
    const { columns, keyNames, globalIndexes = [] } = mapping;
    const spread = (attribute: string, rate: number, unitsOf: (token: Token) => number, index?: string) => {
      const place = columns.findIndex(({ name }) => name === attribute);
      if (place < 0) return [];
      const { type } = columns[place]!.key!;
      const skew = new KeySkew({
        attribute,
        writeUnitsPerSecond: rate,
        windowRows,
        ...(index !== undefined && { index }),
      });
      const add = (token: Token) => {
        const units = unitsOf(token);
        if (units > 0) skew.countRow(keyPart(type, this.#mapper.values[place] as string | Uint8Array), units);
      };
      return [{ skew, add }];
    };
    return [
      ...spread(keyNames[0]!, writeUnitsPerSecond, (token) => token.writeUnits),
      ...globalIndexes.flatMap(({ name, key }, i) =>
        spread(key[0]!.name, indexUnitsPerSecond[i]!, (token) => token.indexUnits?.[i] ?? 0, name),
      ),
    ];
  }
}
