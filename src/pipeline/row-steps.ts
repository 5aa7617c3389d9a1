import type { Column, FieldValue } from '../domain/column.ts';
import { textSizeBytes, writeUnitsOf } from '../domain/item-size.ts';
import type { IndexShape } from '../domain/table.ts';
import type { Shard } from '../domain/token.ts';
import {
  type ColumnMapper,
  columnMapper,
  FieldFault,
  type MappingOptions,
  type TemplateMapper,
  templateMapper,
} from '../input/columns/column-mapper.ts';
import type { DeleteRule, ExpiryRule } from '../input/columns/row-rules.ts';
import type { Dialect, SplitRow } from '../input/framed-rows.ts';
import type { TokenEncoder } from '../ports/token-repository.ts';

/** What a mapper is compiled from. */
export type RowMapping = {
  readonly dialect: Dialect;
  /** Names from the first row of the source, if it has them. */
  readonly header?: readonly string[];
  /** Fields of a well-formed row. */
  readonly fieldCount: number;
  readonly columns: readonly Column[];
  /** Attribute names of the primary key, partition key first. */
  readonly keyNames: readonly string[];
  /** By field: true where its bytes never pass through text. */
  readonly binary: readonly boolean[];
  readonly options: MappingOptions;
  /** Global ones have write units of their own, local ones draw on the table's. */
  readonly globalIndexes?: readonly IndexShape[];
  readonly localIndexes?: readonly IndexShape[];
  /** Undefined if no row deletes. */
  readonly deletes?: DeleteRule | undefined;
  readonly encoder: TokenEncoder;
  /** Present if rows that have expired are skipped. */
  readonly expiry?: ExpiryRule | undefined;
  /** Present if rows of other shards are left to other processes. */
  readonly shard?: Shard | undefined;
  /** What is wrong with a row may show the field that is wrong. */
  readonly showValues?: boolean;
};

/** What becomes of one column of a row, compiled once. */
export type ColumnStep = {
  readonly fieldIndex: number;
  readonly sourceName: string;
  readonly nameBytes: number;
  readonly mapper: ColumnMapper;
  readonly isKey: boolean;
  /** Whether the encoder may copy its text from the row, where text of `leastBytes` to `mostBytes` need not be read. */
  readonly copies: boolean;
  readonly leastBytes: number;
  readonly mostBytes: number;
};

/** What a row gives an attribute that is made of several columns. Comes after the steps. */
export type TemplateStep = { readonly nameBytes: number; readonly mapper: TemplateMapper };

/** What a row is mapped with. An index measure is undefined if the table has no such index: its rows pay nothing for it. */
type RowSteps = {
  readonly steps: readonly ColumnStep[];
  readonly templates: readonly TemplateStep[];
  readonly measureGlobal: MeasureIndexes | undefined;
  readonly measureLocal: MeasureIndexes | undefined;
};

/** One step for each column, and one for each template. `copiesKey`: whether the encoder may copy the text of a key. */
export function rowSteps(mapping: RowMapping, copiesKey: boolean): RowSteps {
  const { columns, keyNames, options, globalIndexes = [], localIndexes = [] } = mapping;
  // A key of two parts is made, and what an index holds is measured, from their values.
  const copies = globalIndexes.length + localIndexes.length === 0;
  const fromFields = columns.filter(({ template }) => template === undefined);
  const steps = fromFields.map((column) => {
    const isCopyable = column.type === 'S' && column.emptyIsNull !== true;
    return columnStep(column, options, isCopyable && copies && (column.key === undefined || copiesKey));
  });
  const templates = columns.slice(steps.length).map((column) => ({
    nameBytes: textSizeBytes(column.name),
    mapper: templateMapper(column, options),
  }));
  const mappers = [...steps, ...templates].map(({ mapper }) => mapper);
  const measure = (indexes: readonly IndexShape[]) =>
    indexes.length === 0 ? undefined : measureIndexes(indexes, columns, mappers, keyNames);
  return { steps, templates, measureGlobal: measure(globalIndexes), measureLocal: measure(localIndexes) };
}

function columnStep(column: Column, options: MappingOptions, copies: boolean): ColumnStep {
  const { fieldIndex, sourceName, name, key } = column;
  const mapper = columnMapper(column, options);
  const unlimited = Number.POSITIVE_INFINITY;
  return {
    fieldIndex,
    sourceName,
    nameBytes: column.nameBytes ?? textSizeBytes(name),
    mapper,
    isKey: key !== undefined,
    copies,
    leastBytes: key === undefined ? 0 : 1,
    mostBytes: Math.min(key?.maxBytes ?? unlimited, mapper.declared?.fitsBytes ?? unlimited),
  };
}

/** What is wrong with a text that has to be read. */
export function checkCopied(split: SplitRow, { fieldIndex, mapper, isKey }: ColumnStep): FieldFault | undefined {
  const { declared, convert } = mapper;
  const [start, end] = [split.starts[fieldIndex]!, split.ends[fieldIndex]!];
  if (!isKey && declared?.fitsAt?.(split.bytes, start, end) === true) return undefined;
  const value = convert(split.text(fieldIndex));
  return value instanceof FieldFault ? value : undefined;
}

/** Maximum characters of a field value to display. */
const mostShown = 60;

/** A field shortened for one line of a screen; bytes in hexadecimal. */
export function shownValue(field: string | Uint8Array): string {
  const most = typeof field === 'string' ? mostShown : mostShown / 2;
  const text = typeof field === 'string' ? field.slice(0, most) : Buffer.from(field.subarray(0, most)).toString('hex');
  return field.length > most ? `${text}…` : text;
}

type Sizer = Pick<ColumnMapper, 'sizeBytes'>;

/** Write units of a put in each index; `values` and `itemUnits` are those of the whole item. */
export type MeasureIndexes = (values: readonly FieldValue[], itemUnits: number, ascii: boolean) => readonly number[];

/** Measures the part of an item that each index holds. `keyNames`: the table's key, which every index holds too. */
export function measureIndexes(
  indexes: readonly IndexShape[],
  columns: readonly Column[],
  mappers: readonly Sizer[],
  keyNames: readonly string[],
): MeasureIndexes {
  const measures = indexes.map((index) => measureIndex(index, columns, mappers, keyNames));
  let last: readonly number[] = [];
  return (values, itemUnits, ascii) => {
    const units = measures.map((measure) => measure(values, itemUnits, ascii));
    // Most rows are alike: tokens share one array, where each would keep its own.
    if (units.length !== last.length || units.some((value, i) => value !== last[i])) last = units;
    return last;
  };
}

type MeasureIndex = (values: readonly FieldValue[], itemUnits: number, ascii: boolean) => number;

function measureIndex(
  { key, include }: IndexShape,
  columns: readonly Column[],
  mappers: readonly Sizer[],
  keyNames: readonly string[],
): MeasureIndex {
  const keys = key.map(({ name }) => columns.findIndex((column) => column.name === name));
  // An index over an attribute that no column gives holds none of the items.
  if (keys.includes(-1)) return () => 0;
  const isLeftOut = (values: readonly FieldValue[]) => keys.some((i) => values[i] === undefined);
  if (include === undefined) return (values, itemUnits) => (isLeftOut(values) ? 0 : itemUnits);
  const names = new Set([...keyNames, ...key.map(({ name }) => name), ...include]);
  const parts = columns.flatMap(({ name }, i) => (names.has(name) ? [{ i, nameBytes: textSizeBytes(name) }] : []));
  return (values, _, ascii) => {
    if (isLeftOut(values)) return 0;
    let bytes = 0;
    for (const { i, nameBytes } of parts) {
      const value = values[i];
      if (value !== undefined) bytes += nameBytes + mappers[i]!.sizeBytes(value, ascii);
    }
    return writeUnitsOf(bytes);
  };
}
