import type { Column, Field, FieldValue } from '../domain/column.ts';
import { formatCount } from '../domain/format.ts';
import { maxItemBytes, writeUnitsOf } from '../domain/item-size.ts';
import type { Row, RowFault } from '../domain/row.ts';
import { hashOfAscii, isAsciiAt, keyOf, keyPart, type Token } from '../domain/token.ts';
import { FieldFault, TemplateFault } from '../input/columns/column-mapper.ts';
import { raggedRow } from '../input/columns/declared-type.ts';
import { type DeleteRule, type Expiry, type ExpiryRule, expiryOf } from '../input/columns/row-rules.ts';
import type { FieldDecoder, FramedRows } from '../input/framed-rows.ts';
import type { TokenEncoder } from '../ports/token-repository.ts';
import { RowShard } from './row-shard.ts';
import { RowSlot } from './row-slot.ts';
import {
  type ColumnStep,
  checkCopied,
  type MeasureIndexes,
  type RowMapping,
  rowSteps,
  shownValue,
  type TemplateStep,
} from './row-steps.ts';

const noFields: readonly Field[] = [];
/** Stands for a text that the encoder copies from the row. */
const notRead = '';

/** Turns framed rows into tokens in one pass. Reuses its arrays. */
export class RowMapper {
  readonly #decoder: FieldDecoder;
  readonly #fieldCount: number;
  readonly #columns: readonly Column[];
  readonly #steps: readonly ColumnStep[];
  readonly #templates: readonly TemplateStep[];
  readonly #partition: number;
  readonly #sort: number;
  /** The key is one text of the row. */
  readonly #hasPlainKey: boolean;
  readonly #encoder: TokenEncoder;
  readonly #values: FieldValue[] = [];
  readonly #copiesFields: boolean;
  readonly #keepsEmpty: boolean;
  readonly #measureGlobal: MeasureIndexes | undefined;
  readonly #measureLocal: MeasureIndexes | undefined;
  readonly #deletes: DeleteRule | undefined;
  /** Units of a delete in each global index, which are not known before. */
  readonly #deleteUnits: readonly number[] | undefined;
  readonly #localIndexes: number;
  readonly #showValues: boolean;
  readonly #expiry: ExpiryRule | undefined;
  /** Tells whether the last row belongs to another shard, and so has no fault. Undefined if the run has no shards. */
  readonly shard: RowShard | undefined;
  #fault: RowFault | undefined;
  #lastExpiry: Expiry = 'live';
  #hasFields = false;
  #itemBytes = 0;

  constructor(mapping: RowMapping) {
    const { columns, keyNames, globalIndexes = [], localIndexes = [] } = mapping;
    this.#decoder = mapping.dialect.decoder(mapping.binary, mapping.header);
    this.#fieldCount = mapping.fieldCount;
    this.#columns = columns;
    this.#partition = columns.findIndex((column) => column.name === keyNames[0]);
    this.#sort = keyNames.length < 2 ? -1 : columns.findIndex((column) => column.name === keyNames[1]);
    const partition = columns[this.#partition];
    this.#hasPlainKey = this.#sort === -1 && partition?.type === 'S' && partition.template === undefined;
    this.#encoder = mapping.encoder;
    this.#expiry = mapping.expiry;
    this.#deletes = mapping.deletes;
    this.#deleteUnits = globalIndexes.length === 0 ? undefined : globalIndexes.map(() => 1);
    this.#localIndexes = localIndexes.length;
    this.#showValues = mapping.showValues ?? false;
    this.shard = mapping.shard && new RowShard(mapping.shard, this.#decoder, mapping);
    this.#keepsEmpty = mapping.options.empty !== 'omit';
    this.#copiesFields = mapping.encoder.copiesFields === true;
    const compiled = rowSteps(mapping, this.#hasPlainKey);
    this.#steps = compiled.steps;
    this.#templates = compiled.templates;
    this.#measureGlobal = compiled.measureGlobal;
    this.#measureLocal = compiled.measureLocal;
  }

  get hasSortKey(): boolean {
    return this.#sort !== -1;
  }

  /** Whether rows can delete an item. */
  get mayDelete(): boolean {
    return this.#deletes !== undefined;
  }

  /** Whether the last row of this shard has expired. If `map` gave no token for it, it has no fault either. */
  get hasExpired(): boolean {
    return this.#lastExpiry === 'expired';
  }

  /** Whether the row of the last token expired more than five years ago, so that the table keeps its item. */
  get isNeverDeleted(): boolean {
    return this.#lastExpiry === 'never-deleted';
  }

  /** What is wrong with the row that `map` gave no token for. */
  get fault(): RowFault {
    return this.#fault!;
  }

  /** Fields of the last row that was split; reused. */
  get fields(): readonly Field[] {
    return this.#decoder.fields;
  }

  /** Whether each of `fields` belongs to a column of the last row. False if the row could not be split that way. */
  get hasFields(): boolean {
    return this.#hasFields;
  }

  /** Values of the last token, by column; reused. */
  get values(): readonly FieldValue[] {
    return this.#values;
  }

  /** Size of the item that the row of the last token becomes. */
  get itemBytes(): number {
    return this.#itemBytes;
  }

  /** The row's token, in the slot given or in a new one; undefined if it belongs to another shard, is to be rejected or has expired. */
  map(rows: FramedRows, index: number, row: Row, slot: RowSlot = new RowSlot(row)): Token | undefined {
    this.#hasFields = false;
    const broken = this.#decoder.decode(rows, index);
    if (this.shard?.leaves(row.ordinal, broken, rows.ascii) === true) return undefined;
    if (this.#deletes !== undefined && broken === undefined && this.#isDelete(this.#deletes)) {
      return this.#mapDelete(this.#deletes, rows, index, row, slot);
    }
    const fault = broken ?? this.#convert(rows.ascii);
    if (fault !== undefined) return this.#reject(fault);
    if (this.#expiry !== undefined && !this.#isWanted(this.#expiry)) return undefined;
    const encoder = this.#encoder;
    const payload = encoder.encode(this.#values, this.#decoder.plain);
    slot.take(row, payload, encoder);
    slot.writeUnits = writeUnitsOf(this.#itemBytes);
    slot.deletes = false;
    this.#setKey(slot, rows, index);
    if (this.#measureGlobal !== undefined || this.#measureLocal !== undefined) this.#addIndexes(slot, rows.ascii);
    return slot;
  }

  /** Write units that the row that has just expired would have taken. `ascii`: of its block. */
  expiredUnits(ascii: boolean): Pick<Token, 'writeUnits' | 'indexUnits'> {
    const slot = new RowSlot();
    slot.writeUnits = writeUnitsOf(this.#itemBytes);
    this.#addIndexes(slot, ascii);
    return slot;
  }

  /** Copies what a token of this mapper shares with others, so that it can be held for long. */
  detach(token: Token): void {
    const payload = this.#encoder.copy === undefined ? token.payload : this.#encoder.copy(token.payload);
    (token as RowSlot).detach(payload, this.#encoder.slab?.(payload));
  }

  /** False for a row with a wrong number of fields: which of them is the column's cannot be told. */
  #isDelete({ fieldIndex, isDelete }: DeleteRule): boolean {
    const { plain: split, fields } = this.#decoder;
    if ((split === undefined ? fields.length : split.count) !== this.#fieldCount) return false;
    return isDelete(split === undefined ? fields[fieldIndex]! : split.text(fieldIndex));
  }

  #mapDelete({ attributes }: DeleteRule, rows: FramedRows, index: number, row: Row, slot: RowSlot): Token | undefined {
    this.#lastExpiry = 'live';
    this.#hasFields = true;
    const fault = this.#convertOnly(attributes);
    if (fault !== undefined) return this.#reject(fault);
    const encoder = this.#encoder;
    const payload = encoder.encodeDelete!(this.#values);
    slot.take(row, payload, encoder);
    slot.writeUnits = 1 + this.#localIndexes;
    slot.indexUnits = this.#deleteUnits;
    slot.deletes = true;
    this.#setKey(slot, rows, index);
    return slot;
  }

  /** Leaves the values of these attributes: the key, and what a condition compares. */
  #convertOnly(attributes: readonly string[]): RowFault | undefined {
    const { plain: split, fields } = this.#decoder;
    for (const [i, { name }] of this.#columns.entries()) {
      this.#values[i] = undefined;
      if (!attributes.includes(name)) continue;
      const step = this.#steps[i];
      if (step === undefined) {
        const value = this.#templates[i - this.#steps.length]!.mapper.make(fields, split);
        if (value instanceof TemplateFault) return this.#fieldFault(value, value.column, value.field);
        this.#values[i] = value;
        continue;
      }
      const field = split === undefined ? fields[step.fieldIndex]! : split.text(step.fieldIndex);
      const value = step.mapper.convert(field);
      if (value instanceof FieldFault) return this.#fieldFault(value, step.sourceName, field);
      this.#values[i] = value;
    }
    return undefined;
  }

  /** Leaves the values and the size of the row that was split, or returns what is wrong with it. */
  #convert(ascii: boolean): RowFault | undefined {
    const split = this.#copiesFields ? this.#decoder.plain : undefined;
    const fields = split === undefined ? this.#decoder.fields : noFields;
    const count = split === undefined ? fields.length : split.count;
    if (count !== this.#fieldCount) return raggedRow(count, this.#fieldCount);
    this.#hasFields = true;
    const values = this.#values;
    let itemBytes = 0;
    for (let i = 0; i < this.#steps.length; i++) {
      const step = this.#steps[i]!;
      const { fieldIndex } = step;
      if (split !== undefined && step.copies) {
        const byteLength = split.ends[fieldIndex]! - split.starts[fieldIndex]!;
        if (byteLength > step.mostBytes || byteLength < step.leastBytes) {
          const fault = checkCopied(split, step);
          if (fault !== undefined) return this.#fieldFault(fault, step.sourceName, split.text(fieldIndex));
        }
        const isLeftOut = byteLength === 0 && !this.#keepsEmpty;
        values[i] = isLeftOut ? undefined : notRead;
        if (!isLeftOut) itemBytes += step.nameBytes + byteLength;
        continue;
      }
      const field = split === undefined ? fields[fieldIndex]! : split.text(fieldIndex);
      const value = step.mapper.convert(field);
      if (value instanceof FieldFault) return this.#fieldFault(value, step.sourceName, field);
      values[i] = value;
      if (value !== undefined) itemBytes += step.nameBytes + step.mapper.sizeBytes(value, ascii);
    }
    for (let i = 0; i < this.#templates.length; i++) {
      const { nameBytes, mapper } = this.#templates[i]!;
      const value = mapper.make(fields, split);
      if (value instanceof TemplateFault) return this.#fieldFault(value, value.column, value.field);
      values[this.#steps.length + i] = value;
      itemBytes += nameBytes + mapper.sizeBytes(value, ascii);
    }
    this.#itemBytes = itemBytes;
    if (itemBytes <= maxItemBytes) return undefined;
    return {
      code: 'item-too-large',
      message: `the row makes an item of ${formatCount(itemBytes)} bytes; the table takes ${formatCount(maxItemBytes)}`,
    };
  }

  /** False if the row has expired, or if that cannot be told. */
  #isWanted(rule: ExpiryRule): boolean {
    const expiry = expiryOf(this.#values[rule.place], rule);
    if (expiry instanceof FieldFault) {
      const { code, message } = expiry;
      this.#reject({ code, ...(!rule.isMade && { column: rule.sourceName }), message });
      return false;
    }
    this.#lastExpiry = expiry;
    return expiry !== 'expired' || rule.givesTokens === true;
  }

  #fieldFault({ code, message }: FieldFault, column: string | undefined, field: Field): RowFault {
    const shown = this.#showValues && field !== null ? `: ${JSON.stringify(shownValue(field))}` : '';
    return { code, ...(column !== undefined && { column }), message: message + shown };
  }

  #addIndexes(slot: RowSlot, ascii: boolean): void {
    const { writeUnits } = slot;
    slot.indexUnits = this.#measureGlobal?.(this.#values, writeUnits, ascii);
    for (const units of this.#measureLocal?.(this.#values, writeUnits, ascii) ?? []) slot.writeUnits += units;
  }

  /** Where the key stands in the row as it is, it is not made into text: to hash that costs five times as much. */
  #setKey(slot: RowSlot, { ascii, starts: rowStarts }: FramedRows, index: number): void {
    const { plain } = this.#decoder;
    if (!this.#hasPlainKey || plain === undefined) {
      const partition = this.#keyPart(this.#partition);
      slot.key = this.#sort === -1 ? partition : keyOf(partition, this.#keyPart(this.#sort));
      return;
    }
    const { fieldIndex } = this.#columns[this.#partition]!;
    const [start, end] = [plain.starts[fieldIndex]!, plain.ends[fieldIndex]!];
    if (!ascii && !isAsciiAt(plain.bytes, start, end)) slot.key = plain.text(fieldIndex);
    else slot.setKeyAt(start - rowStarts[index]!, end - rowStarts[index]!, hashOfAscii(plain.bytes, start, end));
  }

  #keyPart(index: number): string {
    return keyPart(this.#columns[index]!.key!.type, this.#values[index] as string | Uint8Array);
  }

  #reject(fault: RowFault): undefined {
    this.#lastExpiry = 'live';
    const last = this.#fault;
    // Thousands of bad rows can have the same fault. They share its text, which is kept until they are saved.
    const isLast = fault.message === last?.message && fault.code === last.code && fault.column === last.column;
    if (!isLast) this.#fault = fault;
    return undefined;
  }
}
