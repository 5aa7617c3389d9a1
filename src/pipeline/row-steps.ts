import type { Column } from '../domain/column.ts';
import { textSizeBytes } from '../domain/item-size.ts';
import { type ColumnMapper, columnMapper, FieldFault, type MappingOptions } from '../input/columns/column-mapper.ts';
import { type TemplateMapper, templateMapper } from '../input/columns/template-mapper.ts';
import type { SplitRow } from '../input/framed-rows.ts';

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

export function columnStep(column: Column, options: MappingOptions, copies: boolean): ColumnStep {
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

export function templateStep(column: Column, options: MappingOptions): TemplateStep {
  return { nameBytes: textSizeBytes(column.name), mapper: templateMapper(column, options) };
}

/** What is wrong with a text that has to be read. */
export function checkCopied(split: SplitRow, { fieldIndex, mapper, isKey }: ColumnStep): FieldFault | undefined {
  const { declared, convert } = mapper;
  const [start, end] = [split.starts[fieldIndex]!, split.ends[fieldIndex]!];
  if (!isKey && declared?.fitsAt?.(split.bytes, start, end) === true) return undefined;
  const value = convert(split.text(fieldIndex));
  return value instanceof FieldFault ? value : undefined;
}
