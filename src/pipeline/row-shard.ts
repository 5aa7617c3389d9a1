import type { Column, ColumnType, Field, FieldValue, KeyType } from '../domain/column.ts';
import { isWholeNumberAt } from '../domain/number.ts';
import type { RowFault } from '../domain/row.ts';
import {
  hashOfAscii,
  hashOfPair,
  hashOfText,
  isAsciiAt,
  type KeyValue,
  keyPart,
  ownsKey,
  ownsOrdinal,
  type Shard,
} from '../domain/token.ts';
import { columnMapper, FieldFault, type MappingOptions, templateMapper } from '../input/columns/column-mapper.ts';
import type { FieldDecoder, SplitRow } from '../input/framed-rows.ts';

/** What the key of a row is made of. */
type KeyMapping = {
  readonly fieldCount: number;
  readonly columns: readonly Column[];
  readonly keyNames: readonly string[];
  readonly options: MappingOptions;
};

type KeyPart = {
  readonly fieldIndex: number;
  readonly type: KeyType;
  /** Whether the text of a field is that of the key: always, if it is written as `canonicalNumber` does, or never. */
  readonly isItself: 'always' | 'as-number' | 'never';
  readonly mostBytes: number;
  /** The value, from the fields of the row, or from its split where it is plain. */
  value(decoder: FieldDecoder): FieldValue | FieldFault;
};

/** Tells the rows of a shard by their key. Nothing else of a row is read, because most rows belong to other shards. */
export class RowShard {
  readonly #shard: Shard;
  readonly #decoder: FieldDecoder;
  readonly #fieldCount: number;
  readonly #partition: KeyPart;
  readonly #sort: KeyPart | undefined;
  #isElsewhere = false;

  /** `decoder`: the one that splits the rows. */
  constructor(shard: Shard, decoder: FieldDecoder, { fieldCount, columns, keyNames, options }: KeyMapping) {
    this.#shard = shard;
    this.#decoder = decoder;
    this.#fieldCount = fieldCount;
    const [partition, sort] = keyNames.map((name) => {
      return keyPartOf(columns.find((column) => column.name === name)!, options);
    });
    this.#partition = partition!;
    this.#sort = sort;
  }

  /** Whether the last row belongs to another shard. */
  get isElsewhere(): boolean {
    return this.#isElsewhere;
  }

  /**
   * Whether the row that was split last belongs to another shard. A row whose key cannot be read belongs to a shard by its
   * ordinal over all files, from 0. `fault`: why the row could not be split. `ascii`: of its block.
   */
  leaves(ordinal: number, fault: RowFault | undefined, ascii: boolean): boolean {
    const hash = fault === undefined ? this.#hashOfKey(ascii) : undefined;
    const isOwn = hash === undefined ? ownsOrdinal(this.#shard, ordinal) : ownsKey(this.#shard, hash);
    this.#isElsewhere = !isOwn;
    return !isOwn;
  }

  /** Undefined if the key cannot be read. */
  #hashOfKey(ascii: boolean): number | undefined {
    const { plain } = this.#decoder;
    if ((plain === undefined ? this.#decoder.fields.length : plain.count) !== this.#fieldCount) return undefined;
    const partition = this.#hashOfPart(this.#partition, plain, ascii);
    if (this.#sort === undefined || partition === undefined) return partition;
    const sort = this.#hashOfPart(this.#sort, plain, ascii);
    return sort === undefined ? undefined : hashOfPair(partition, sort);
  }

  /** Text is made only where the key is not the ASCII bytes of the field: that costs more than all else here. */
  #hashOfPart(part: KeyPart, plain: SplitRow | undefined, ascii: boolean): number | undefined {
    const { fieldIndex, type } = part;
    if (plain !== undefined) {
      const { bytes, starts, ends } = plain;
      const [start, end] = [starts[fieldIndex]!, ends[fieldIndex]!];
      if (isItself(part, bytes, start, end, ascii)) return hashOfAscii(bytes, start, end);
    }
    const value = part.value(this.#decoder);
    if (value instanceof FieldFault || value === undefined) return undefined;
    return hashOfText(keyPart(type, value as KeyValue));
  }
}

function isItself(part: KeyPart, bytes: DataView, start: number, end: number, ascii: boolean): boolean {
  if (start === end || end - start > part.mostBytes) return false;
  if (part.isItself === 'always') return ascii || isAsciiAt(bytes, start, end);
  return part.isItself === 'as-number' && isWholeNumberAt(bytes, start, end);
}

/** What a table definition declares is not checked: a row that is not as declared still has its key. */
function keyPartOf({ declared: _declared, ...column }: Column, options: MappingOptions): KeyPart {
  const { fieldIndex, type, template } = column;
  const { type: keyType, maxBytes } = column.key!;
  return {
    fieldIndex,
    type: keyType,
    isItself: template === undefined ? isItselfByType(type) : 'never',
    mostBytes: maxBytes,
    value: valueReader(column, options),
  };
}

function isItselfByType(type: ColumnType): KeyPart['isItself'] {
  if (type === 'S') return 'always';
  return type === 'N' ? 'as-number' : 'never';
}

function valueReader(column: Column, options: MappingOptions): KeyPart['value'] {
  if (column.template !== undefined) {
    const { make } = templateMapper(column, options);
    return (decoder) => make(decoder.plain === undefined ? decoder.fields : noFields, decoder.plain);
  }
  const { fieldIndex } = column;
  const { convert } = columnMapper(column, options);
  return (decoder) => convert(decoder.plain?.text(fieldIndex) ?? decoder.fields[fieldIndex]!);
}

const noFields: readonly Field[] = [];
