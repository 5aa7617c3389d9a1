import type { Field } from '../../domain/column.ts';
import { type FieldDecoder, type FramedRows, noRows } from '../framed-rows.ts';
import { characterSet, isWide } from './characters/character-sets.ts';
import { isTextType, type TableColumn } from './definition/table-column.ts';
import { mysqlDialect } from './mysql.ts';
import { MysqlDecoder } from './mysql-decoder.ts';
import type { MysqlSettings } from './mysql-settings.ts';
import { isEither } from './mysql-values.ts';
import { unprovenFinder } from './row-finder.ts';

/**
 * How the BIT columns of the sample are written. An unescaped NUL byte proves that they are raw. A value that has the
 * column's width only after unescaping, or is enclosed, which only a server that escapes BIT does, proves that they are
 * escaped. Contradictions prove nothing.
 */
export function provenBits(
  sample: Buffer,
  settings: MysqlSettings,
  columns: readonly TableColumn[],
): MysqlSettings['bits'] {
  const bitFields = columns.flatMap(({ bits }, field) => (bits === undefined ? [] : [field]));
  if (settings.batch || bitFields.length === 0) return 'escaped';
  const read = { ...settings, columns };
  const asBytes = columns.map(({ bits, binary }) => binary || bits !== undefined);
  const rawDecoder = new MysqlDecoder({ ...read, bits: 'raw' }, asBytes);
  const escapedDecoder = new MysqlDecoder({ ...read, bits: 'escaped' }, asBytes);
  const finder = unprovenFinder(read);
  // The server escapes NUL in text, but not where it is a part of a character.
  const isNulEscaped = !columns.some((column) => isWide(column.characterSet));
  const proofs = new Set<'raw' | 'escaped'>();
  for (let start = 0; start < sample.length && finder.find(sample, start, false); start = finder.next) {
    if (!finder.isShared) continue;
    if (finder.rawFits && isNulEscaped && sample.subarray(start, finder.end).includes(0)) proofs.add('raw');
    const isRaw = finder.rawFits && finder.kind !== 'unclear';
    if (!finder.escapedFits || (finder.rawFits && !isRaw)) continue;
    const fields = fieldsOf(isRaw ? rawDecoder : escapedDecoder, oneRow(sample, start, finder.end), 0);
    if (fields?.length !== columns.length) continue;
    const values = bitFields.map((field) => fields[field]).filter((value) => value instanceof Uint8Array);
    if (isRaw) {
      if (values.some((value) => settings.optionallyEnclosed || value.includes(0))) proofs.add('raw');
    } else if (values.length > 0 && bitFields.every((field) => columns[field]!.nullable || fields[field] !== null)) {
      proofs.add('escaped');
    }
  }
  return proofs.size === 1 ? [...proofs][0]! : 'unproven';
}

/** Names of the BIT columns whose values in the sample are all ASCII digits, which may be `flags+0` or raw bytes. */
export function bitsInDigits(sample: Buffer, settings: MysqlSettings, columns: readonly TableColumn[]): string[] {
  const isBit = columns.map(({ bits }) => bits !== undefined);
  const asNumbers = columns.map(({ bits: _, ...column }) => column);
  return namesOf(sample, { ...settings, columns: asNumbers }, isBit, {
    every: (value) => /^\d+$/.test(Buffer.from(value).toString('latin1')),
  });
}

/** Names of the columns of single-byte character sets with a value in the sample that is also valid UTF-8. */
export function textsOfEitherSet(
  sample: Buffer,
  settings: MysqlSettings,
  columns: readonly TableColumn[],
  types: Readonly<Record<string, string>>,
): string[] {
  if (settings.batch || settings.converted !== undefined) return [];
  const isAsked = columns.map(({ name, characterSet: set }) => {
    const isSingleByte = set !== undefined && characterSet(set)?.kind === 'single-byte';
    return isSingleByte && !settings.omitted?.includes(name) && types[name] !== 'B';
  });
  return namesOf(sample, { ...settings, columns }, isAsked, { some: (value) => isEither(Buffer.from(value)) });
}

type Question =
  | { readonly every: (value: Uint8Array) => boolean; readonly some?: never }
  | { readonly some: (value: Uint8Array) => boolean; readonly every?: never };

/** Names of the columns in `isAsked` for which the answer is yes. Ignores rows that cannot be decoded. */
function namesOf(
  sample: Buffer,
  settings: MysqlSettings & { readonly columns: readonly TableColumn[] },
  isAsked: readonly boolean[],
  { every, some }: Question,
): string[] {
  const { columns } = settings;
  if (!isAsked.includes(true)) return [];
  const dialect = mysqlDialect({ ...settings, maxRowBytes: sample.length + 1 });
  const decoder = dialect.decoder(columns.map(({ binary }, field) => binary || isAsked[field] === true));
  const rows = dialect.framer('', 1).push(sample);
  const yes = columns.map(() => false);
  const no = columns.map(() => false);
  for (let i = 0; i < rows.count; i++) {
    const fields = fieldsOf(decoder, rows, i);
    if (fields?.length !== columns.length) continue;
    for (const [field, value] of fields.entries()) {
      if (!isAsked[field] || !(value instanceof Uint8Array)) continue;
      if ((every ?? some)(value)) yes[field] = true;
      else if (every !== undefined) no[field] = true;
    }
  }
  return columns.filter((_, field) => yes[field] && !no[field]).map(({ name }) => name);
}

/** Undefined if the row cannot be decoded. */
function fieldsOf(decoder: FieldDecoder, rows: FramedRows, index: number): readonly Field[] | undefined {
  return decoder.decode(rows, index) === undefined ? decoder.fields : undefined;
}

function oneRow(buffer: Buffer, start: number, end: number): FramedRows {
  return {
    ...noRows(),
    buffer,
    ascii: false,
    count: 1,
    starts: [start],
    ends: [end],
    nexts: [end],
    lines: [1],
    kinds: ['quoted'],
  };
}

/** Whether the texts of rows are between quotes that a reading considers part of them. */
export type Quoting = {
  /** Names of the columns that are text or not declared, unless they are in `--types`. */
  readonly texts: readonly string[];
  /** Rows with a text, and rows all of whose texts are between quotes. */
  readonly withText: number;
  readonly quoted: number;
  /** The quotes that occur. */
  readonly quotes: string;
};

/** Counts quoted texts row by row. */
export class QuotedTexts implements Quoting {
  readonly texts: readonly string[];
  withText = 0;
  quoted = 0;
  quotes = '';
  readonly #areTexts: readonly boolean[];
  readonly #isDeclared: boolean;

  constructor(
    names: readonly string[],
    declared: readonly (TableColumn | undefined)[] | undefined,
    isTold: (name: string) => boolean,
  ) {
    this.#isDeclared = declared !== undefined;
    this.#areTexts = names.map((name, i) => !isTold(name) && isTextType(declared?.[i]?.sqlType ?? 'text'));
    this.texts = names.filter((_, i) => this.#areTexts[i]);
  }

  countTexts(fields: readonly Field[]): void {
    const texts = fields.filter((field, i): field is string => this.#areTexts[i] === true && this.#isText(field));
    if (texts.length === 0) return;
    this.withText++;
    if (texts.every(isQuoted)) this.quoted++;
    for (const text of texts) if (isQuoted(text) && !this.quotes.includes(text[0]!)) this.quotes += text[0];
  }

  /** Without a declaration, a number is not a text. */
  #isText(field: Field): boolean {
    return typeof field === 'string' && (this.#isDeclared || !/^-?\d[\d.]*$/.test(field));
  }
}

function isQuoted(text: string): boolean {
  return /^(["']).*\1$/s.test(text);
}
