import type { Column, ColumnType, FieldValue } from '../../domain/column.ts';
import { compareNumbers } from '../../domain/number.ts';
import type { IfExists } from '../../domain/write-result.ts';

export type RetainedItem = ReadonlyMap<string, FieldValue>;

/** What a table in memory holds, with the rules of `--if-exists`. Items of the source never stand in each other's way. */
export class RetainedItems {
  readonly #ifExists: IfExists;
  readonly #items: Map<string, RetainedItem>;
  /** Keys of items that were there before the first row. */
  readonly #before: Set<string>;
  #comparedType: ColumnType = 'S';

  constructor(ifExists: IfExists, before: ReadonlyMap<string, RetainedItem> = new Map()) {
    this.#ifExists = ifExists;
    this.#items = new Map(before);
    this.#before = new Set(before.keys());
  }

  get items(): ReadonlyMap<string, RetainedItem> {
    return this.#items;
  }

  /** The types of the values to come. */
  setColumns(columns: readonly Column[]): void {
    const ifExists = this.#ifExists;
    if (ifExists.kind !== 'newer') return;
    this.#comparedType = columns.find(({ name }) => name === ifExists.column)?.type ?? 'S';
  }

  /** False if the existing item stays. */
  put(key: string, item: RetainedItem): boolean {
    const found = this.#items.get(key);
    if (found !== undefined && !this.#mayReplace(found, item, this.#before.has(key))) return false;
    this.#items.set(key, item);
    this.#before.delete(key);
    return true;
  }

  #mayReplace(found: RetainedItem, item: RetainedItem, wasBefore: boolean): boolean {
    const ifExists = this.#ifExists;
    if (ifExists.kind === 'replace') return true;
    if (ifExists.kind === 'keep') return !wasBefore;
    const [old, value] = [found.get(ifExists.column), item.get(ifExists.column)];
    if (old === undefined) return true;
    if (value === undefined) return false;
    const order = compare(this.#comparedType, value as string | Uint8Array, old as string | Uint8Array);
    return order > 0 || (order === 0 && !wasBefore);
  }
}

/** As DynamoDB orders values: numbers by value, text and binary by their bytes. */
function compare(type: ColumnType, a: string | Uint8Array, b: string | Uint8Array): number {
  if (type === 'N' || type === 'EPOCH') return compareNumbers(a as string, b as string);
  return Buffer.compare(Buffer.from(a as string), Buffer.from(b as string));
}
