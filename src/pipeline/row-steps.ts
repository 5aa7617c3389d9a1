import type { Column } from '../domain/column.ts';
import { textSizeBytes } from '../domain/item-size.ts';
import type { IndexShape } from '../domain/table.ts';
import type { Shard } from '../domain/token.ts';
import { type ColumnMapper, columnMapper, FieldFault, type MappingOptions } from '../input/columns/column-mapper.ts';
import type { DeleteRule } from '../input/columns/delete-rule.ts';
import { type TemplateMapper, templateMapper } from '../input/columns/template-mapper.ts';
import type { ExpiryRule } from '../input/columns/time-to-live.ts';
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

/** One step for each column, and one for each template. `copies`, `copiesKey`: whether the encoder may copy text. */
export function rowSteps(
  { columns, options }: RowMapping,
  copies: boolean,
  copiesKey: boolean,
): { steps: ColumnStep[]; templates: TemplateStep[] } {
  const fromFields = columns.filter(({ template }) => template === undefined);
  const steps = fromFields.map((column) => {
    const isCopyable = column.type === 'S' && column.emptyIsNull !== true;
    return columnStep(column, options, isCopyable && copies && (column.key === undefined || copiesKey));
  });
  const templates = columns.slice(steps.length).map((column) => ({
    nameBytes: textSizeBytes(column.name),
    mapper: templateMapper(column, options),
  }));
  return { steps, templates };
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

/** Of a field that may be shown. */
const mostShown = 60;

/** Short, since it is for a line on a screen; bytes in hexadecimal. */
export function shownValue(field: string | Uint8Array): string {
  const text =
    typeof field === 'string'
      ? field.slice(0, mostShown)
      : Buffer.from(field.subarray(0, mostShown / 2)).toString('hex');
  return field.length > (typeof field === 'string' ? mostShown : mostShown / 2) ? `${text}…` : text;
}
