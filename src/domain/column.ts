/**
 * What a column's text becomes in DynamoDB's terms. EPOCH is a date-time turned into whole seconds (N); HEX and BASE64
 * are text turned into the bytes it stands for (B).
 */
export type ColumnType = 'S' | 'N' | 'B' | 'BOOL' | 'JSON' | 'EPOCH' | 'HEX' | 'BASE64';

/** The types an attribute of a key can have. */
export type KeyType = 'S' | 'N' | 'B';

/** What a key, of the table or of an index, asks of a column. */
export type KeyRole = {
  readonly type: KeyType;
  /** 2,048 as a partition key, 1,024 as a sort key; the smaller where it is both. */
  readonly maxBytes: number;
  /** True for the table's own key: the value may not be absent. */
  readonly required: boolean;
  /** For messages: `the table's partition key`, `index "by-user"`. */
  readonly label: string;
};

/** One column of the source that becomes an attribute. */
export type Column = {
  /** Name in the source, for messages. */
  readonly sourceName: string;
  /** Index of the field in the row. */
  readonly fieldIndex: number;
  /** Name of the attribute, after `--rename`. */
  readonly name: string;
  /** Bytes of the name as the item would have it, where `name` only stands for one that is not shown. */
  readonly nameBytes?: number;
  readonly type: ColumnType;
  /** Of its date-times, where the dump itself tells; else `--time-zone` holds. */
  readonly timeZone?: string;
  readonly key?: KeyRole;
  /** What its fields are checked against, where a table definition tells and no type was given in its place. */
  readonly declared?: DeclaredColumn;
};

/** A column as its CREATE TABLE declares it. */
export type DeclaredColumn = {
  /** In lower case, as far as it decides the type: `bigint(20) unsigned`, `varchar(255)`. */
  readonly sqlType: string;
  readonly nullable: boolean;
  /** Values that an ENUM or SET lists. */
  readonly members?: readonly string[];
  /** `mysql`: fields are as the server writes them. `csv`: as any program does, so that dates, NULL and empty fields tell nothing. */
  readonly writtenBy: 'mysql' | 'csv';
};

/** A field as the source holds it: text, raw bytes (binary columns of MySQL text), or NULL. */
export type Field = string | Uint8Array | null;

/** A JSON document whose numbers are kept as text. */
export type JsonValue = null | boolean | string | JsonNumber | readonly JsonValue[] | ReadonlyMap<string, JsonValue>;

/** The exact text of a number inside a JSON document, already checked against DynamoDB's rules. */
export class JsonNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A field after its mapper: text for S and N, bytes for B; undefined is left out of the item. */
export type FieldValue = string | Uint8Array | boolean | JsonValue | undefined;
