import { type ImportError, usageError } from './import-error.ts';

type SingleType = 'S' | 'N' | 'B' | 'BOOL' | 'JSON' | 'EPOCH' | 'HEX' | 'BASE64';
type SplitType = 'SS' | 'NS' | 'L';

/**
 * The DynamoDB type of a column. EPOCH is a date-time converted to whole seconds (N); HEX and BASE64 are text converted to
 * the bytes it encodes (B); SS, NS and L are text that is split at a separator, L into a list of strings.
 */
export type ColumnType = SingleType | SplitType;

/** A type as `--types` says it: a split one has its separator, `SS(|)`, `L(comma)` or `NS(\t)`. */
export type ToldType = SingleType | `${SplitType}(${string})`;

/** A told type, with the character that its text is split at. */
export function separateType(told: ToldType): { readonly type: ColumnType; readonly separator?: string } {
  const open = told.indexOf('(');
  if (open === -1) return { type: told as SingleType };
  const text = told.slice(open + 1, -1);
  return { type: told.slice(0, open) as SplitType, separator: separatorNames.get(text) ?? text };
}

/** How separators are told that are part of the syntax, or hard to type. */
export const separatorNames: ReadonlyMap<string, string> = new Map([
  ['comma', ','],
  ['\\t', '\t'],
]);

/** The types that a key attribute can have. */
export type KeyType = 'S' | 'N' | 'B';

/** What a key of the table or an index requires of a column. */
export type KeyRole = {
  readonly type: KeyType;
  /** 2,048 as a partition key, 1,024 as a sort key; the smaller if it is both. */
  readonly maxBytes: number;
  /** True for the table's own key, which must have a value. */
  readonly required: boolean;
  /** For messages: `the table's partition key`, `index "by-user"`. */
  readonly label: string;
};

/** One column of the source that becomes an attribute, or an attribute that a template makes. Templates come last. */
export type Column = {
  /** Name in the source, for messages; that of the attribute for a template. */
  readonly sourceName: string;
  /** Index of the field in the row. */
  readonly fieldIndex: number;
  /** Name of the attribute, after `--rename`. */
  readonly name: string;
  /** Bytes of the attribute's name if `name` is a placeholder for one that is not shown. */
  readonly nameBytes?: number;
  readonly type: ColumnType;
  /** Of its date-times, if the dump names one; otherwise `--time-zone` applies. */
  readonly timeZone?: string;
  /** What splits the text of an SS, NS or L. */
  readonly separator?: string;
  /** Empty text becomes NULL. */
  readonly emptyIsNull?: true;
  readonly key?: KeyRole;
  /** What its fields are checked against, if a table definition declares the column and `--types` does not. */
  readonly declared?: DeclaredColumn;
  /** The attribute is made of other columns; see `AttributeTemplate`. Its `fieldIndex` is -1. */
  readonly template?: readonly (string | TemplateField)[];
};

/** A field that a template takes. */
export type TemplateField = {
  readonly sourceName: string;
  readonly fieldIndex: number;
  /** What the field is checked against, unless a column of its own is. `type`: as the table definition has it. */
  readonly declared?: { readonly column: DeclaredColumn; readonly type: ColumnType };
};

/** A column as its CREATE TABLE declares it. */
export type DeclaredColumn = {
  /** In lower case, without what does not affect the type: `bigint(20) unsigned`, `varchar(255)`. */
  readonly sqlType: string;
  readonly nullable: boolean;
  /** Values that an ENUM or SET lists. */
  readonly members?: readonly string[];
  /** `mysql`: fields are as the server writes them. `csv`: as any program does, so dates, NULL and empty fields are not checked. */
  readonly writtenBy: 'mysql' | 'csv';
};

/** A field as the source has it: text, raw bytes (binary columns of MySQL text), or NULL. */
export type Field = string | Uint8Array | null;

/** A JSON document whose numbers are text. */
export type JsonValue = null | boolean | string | JsonNumber | readonly JsonValue[] | ReadonlyMap<string, JsonValue>;

/** The exact text of a number in a JSON document, valid in DynamoDB. */
export class JsonNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A set of strings, or of numbers as canonical text; never empty, and without duplicates. */
export class ValueSet {
  readonly type: 'SS' | 'NS';
  readonly members: readonly string[];
  constructor(type: 'SS' | 'NS', members: readonly string[]) {
    this.type = type;
    this.members = members;
  }
}

/** A field after conversion: text for S and N, bytes for B; undefined is left out of the item. */
export type FieldValue = string | Uint8Array | boolean | JsonValue | ValueSet | undefined;

/** Which rows delete the item with their key. */
export type DeleteWhere = {
  /** A name of the source. */
  readonly column: string;
  readonly test: 'equals' | 'differs' | 'null' | 'not-null';
  /** What `equals` and `differs` compare with; empty otherwise. */
  readonly value: string;
};

/** An attribute made of constants and columns of a row. */
export type AttributeTemplate = {
  readonly name: string;
  /** Undefined: as the table's keys say, else S. */
  readonly type: 'S' | 'N' | undefined;
  /** Constants as text, and columns by their names in the source. */
  readonly parts: readonly (string | TemplateColumn)[];
};

type TemplateColumn = { readonly column: string };

/**
 * Parses `attribute=text`, `attribute:S=text` or `attribute:N=text`, where `{column}` stands for a field of the row, and
 * `{{` and `}}` for a brace. Throws ImportError `usage`.
 */
export function parseTemplate(text: string): AttributeTemplate {
  const cut = text.indexOf('=');
  const given = text.slice(0, Math.max(0, cut)).trim();
  const content = text.slice(cut + 1);
  const colon = given.lastIndexOf(':');
  const name = colon === -1 ? given : given.slice(0, colon);
  if (cut === -1 || name === '' || content === '') {
    throw refused(
      "expected ATTRIBUTE=TEXT, such as 'pk=TOKEN#{token}'",
      'Quote it, so that the shell leaves # and { alone.',
    );
  }
  const type = colon === -1 ? undefined : typeOf(name, given.slice(colon + 1));
  return { name, type, parts: partsOf(name, content) };
}

/** The columns that templates take, each once. */
export function templateColumns(templates: readonly AttributeTemplate[]): readonly string[] {
  const columns = templates.flatMap(({ parts }) =>
    parts.flatMap((part) => (typeof part === 'string' ? [] : part.column)),
  );
  return [...new Set(columns)];
}

function typeOf(name: string, word: string): 'S' | 'N' {
  const type = word.toUpperCase();
  if (type === 'S' || type === 'N') return type;
  throw refused(
    `attribute "${name}" can be one of the types S, N, not "${word}"`,
    'Add the type after the last colon if the attribute has colons in its name: a:b:S=TEXT.',
  );
}

function partsOf(name: string, text: string): AttributeTemplate['parts'] {
  const parts: (string | TemplateColumn)[] = [];
  let constant = '';
  for (const [found, column] of text.matchAll(/\{\{|\}\}|\{([^{}]+)\}|[^{}]+|[{}]/g)) {
    if (column !== undefined) {
      if (constant !== '') parts.push(constant);
      constant = '';
      parts.push({ column });
    } else if (found === '{' || found === '}') {
      throw refused(
        `attribute "${name}" has a single ${found}`,
        'Write {column} for a column, and {{ or }} for a brace.',
      );
    } else {
      constant += found === '{{' || found === '}}' ? found[0] : found;
    }
  }
  if (constant !== '') parts.push(constant);
  return parts;
}

function refused(what: string, hint: string): ImportError {
  return usageError(`--set: ${what}`, hint);
}
