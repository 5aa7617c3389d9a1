import { isAscii, isUtf8 } from 'node:buffer';
import type { Field } from '../../domain/column.ts';
import type { RejectCode } from '../../domain/row.ts';
import { characterSet, keepsAscii, type SingleByteSet } from './characters/character-sets.ts';
import type { TableColumn } from './definition/table-column.ts';
import { isBitValue, type MysqlSettings } from './mysql-settings.ts';

/** What is wrong with the bytes of a field. `what` is a predicate. */
export class ValueFault {
  readonly code: RejectCode;
  readonly what: string;
  constructor(code: RejectCode, what: string) {
    this.code = code;
    this.what = what;
  }
}

/** How the bytes of a field become its value. */
export type ValueReader = {
  /** An ASCII field is its value unchanged. */
  readonly keepsAscii: boolean;
  /** A field of valid UTF-8 is its value unchanged. */
  readonly keepsUtf8: boolean;
  /** `bytes`: the unescaped field as Latin-1. */
  read(bytes: string): Field | ValueFault;
};

/** The reader of field `field`. `binary`: its value is its bytes, whatever its type. */
export function valueReader(settings: MysqlSettings, field: number, binary: boolean): ValueReader {
  const column = settings.columns?.[field];
  if (column?.bits !== undefined) return bitReader(column, column.bits, binary);
  if (column?.digits) return digitsReader;
  if (binary) return bytesReader;
  const name = settings.batch || settings.converted ? undefined : column?.characterSet;
  const set = name === undefined ? undefined : characterSet(name);
  if (name === undefined || set?.kind === 'utf8' || set?.kind === 'binary') return utf8Reader(settings, field, column);
  if (set === undefined || !('decode' in set)) return unreadable(name);
  return singleByteReader(set, column!.name, settings.converted === undefined);
}

const bytesReader: ValueReader = {
  keepsAscii: false,
  keepsUtf8: false,
  read: (bytes) => Buffer.from(bytes, 'latin1'),
};

const digitsReader: ValueReader = {
  keepsAscii: false,
  keepsUtf8: false,
  read: (bytes) =>
    /^\d+$/.test(bytes)
      ? bytes
      : new ValueFault(
          'undecodable',
          'is a BIT column but not decimal text as `+0` selects it; leave it out of --types',
        ),
};

function bitReader({ name, digits }: TableColumn, bits: number, asBytes: boolean): ValueReader {
  return {
    keepsAscii: false,
    keepsUtf8: false,
    read(bytes) {
      if (digits === true && (bytes === '0' || bytes === '1')) return bytes;
      const raw = Buffer.from(bytes, 'latin1');
      if (!isBitValue(raw, bits)) {
        return new ValueFault(
          'undecodable',
          `is not a value of bit(${bits}); pass --types ${name}=N if it was selected as a number (${name}+0)`,
        );
      }
      return asBytes ? raw : unsigned(raw);
    },
  };
}

function unsigned(raw: Buffer): string {
  return raw.length <= 6 ? String(raw.readUIntBE(0, raw.length)) : String(BigInt(`0x${raw.toString('hex')}`));
}

function utf8Reader({ names }: MysqlSettings, field: number, column: TableColumn | undefined): ValueReader {
  const name = names?.[field];
  const hint = column === undefined && name !== undefined ? `; --types ${name}=B keeps its bytes` : '';
  return {
    keepsAscii: true,
    keepsUtf8: true,
    read(bytes) {
      const encoded = Buffer.from(bytes, 'latin1');
      return isUtf8(encoded) ? encoded.toString('utf8') : new ValueFault('invalid-utf8', `is not valid UTF-8${hint}`);
    },
  };
}

/** `mayBeConverted`: no flag says whether the dump was converted to UTF-8. */
function singleByteReader(set: SingleByteSet, column: string, mayBeConverted: boolean): ValueReader {
  const { name } = set;
  return {
    keepsAscii: keepsAscii(name),
    keepsUtf8: false,
    read(bytes) {
      const encoded = Buffer.from(bytes, 'latin1');
      if (mayBeConverted && isEither(encoded)) {
        return new ValueFault(
          'undecodable',
          `can be read as ${name} and as UTF-8; pass --default-character-set=utf8mb4 if the dump was made with it, else --default-character-set=${name}`,
        );
      }
      const text = set.decode(encoded);
      return (
        text ??
        new ValueFault(
          'undecodable',
          `has a byte that is not a character of ${name}, its character set; --omit ${column} leaves it out`,
        )
      );
    },
  };
}

/** Whether bytes of a column with a single-byte set are also valid UTF-8, with another meaning. */
export function isEither(bytes: Buffer): boolean {
  return !isAscii(bytes) && isUtf8(bytes);
}

function unreadable(name: string): ValueReader {
  return {
    keepsAscii: false,
    keepsUtf8: false,
    read: (bytes) =>
      bytes === '' ? '' : new ValueFault('undecodable', `has the character set ${name}, which cannot be read`),
  };
}

/** What `mysql --batch` writes after a backslash. */
const batchMeanings: Readonly<Record<string, string>> = { n: '\n', t: '\t', '0': '\0', '\\': '\\' };
const letterOrDigit = /[A-Za-z0-9]/;

/** The unescaped field; undefined if it has an escape that its writer does not write. */
export function unescaped(raw: string, escapedBy: string, batch: boolean): string | undefined {
  let text = '';
  let from = 0;
  for (let at = raw.indexOf(escapedBy); at !== -1; at = raw.indexOf(escapedBy, from)) {
    const meaning = batch ? batchMeanings[raw[at + 1] ?? ''] : serverMeaning(raw[at + 1]);
    if (meaning === undefined) return undefined;
    text += raw.slice(from, at) + meaning;
    from = at + 2;
  }
  return text + raw.slice(from);
}

/** The meaning of a byte after the escape; undefined if the server does not escape that byte. */
function serverMeaning(byte: string | undefined): string | undefined {
  if (byte === '0') return '\0';
  return byte === undefined || letterOrDigit.test(byte) ? undefined : byte;
}

export function indexOrEnd(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from);
  return at === -1 ? text.length : at;
}

/** Index of the first unescaped `what` from `from` on; the text's length if there is none. */
export function unescapedIndex(text: string, what: string, from: number, escapedBy: string): number {
  for (let at = text.indexOf(what, from); at !== -1; at = text.indexOf(what, at + 1)) {
    let first = at;
    while (first > from && text[first - 1] === escapedBy) first--;
    if ((at - first) % 2 === 0) return at;
  }
  return text.length;
}

/** How the client writes NULL, and the server if it escapes nothing. */
export const nullWord = 'NULL';
export const nullWordBytes: Buffer = Buffer.from(nullWord);

/** Columns that cannot hold this word. */
const neverTheWord =
  /^(date|time|datetime|timestamp|json|year|uuid|inet[46]|(var)?(char|binary)\([0-3]\)|binary(?!\(4\))|(enum|set)\((?!.*null))/i;

/** Whether the client's word means NULL in this column. `wherePossible`: also if the column can hold that text. */
export function isNullWord(column: TableColumn, wherePossible: boolean): boolean {
  return column.nullable && (wherePossible || !canHoldIt(column));
}

function canHoldIt({ type, sqlType, bits, digits }: TableColumn): boolean {
  if (bits !== undefined) return isBitValue(nullWordBytes, bits);
  return type !== 'N' && digits !== true && !neverTheWord.test(sqlType);
}

/** What is wrong with a field that `hiddenSeparators` matches. */
export const hiddenPredicate =
  'has a multi-byte character set, and a byte of one of its characters may be taken for a separator or an escape';

/**
 * Matches text in which a byte that looks like a separator may be the second byte of a character, so that the fields after
 * it are unclear. Undefined for columns whose character set has no such characters.
 */
export function hiddenSeparators(settings: MysqlSettings, { characterSet: name }: TableColumn): RegExp | undefined {
  const { batch, converted, fieldTerminator, lineTerminator, enclosure } = settings;
  if (batch || converted || name === undefined || characterSet(name)?.kind !== 'multi-byte') return undefined;
  const special = [fieldTerminator[0]!, lineTerminator[0]!, enclosure ?? '', settings.escape];
  // No second byte is lower.
  const bytes = special.filter((byte) => byte >= '0').map((byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
  return new RegExp(`[\\x80-\\xff][${bytes.join('')}]`);
}

/** Why the fields of a row cannot be separated. `row`: its bytes as Latin-1. */
export function whyBroken(settings: MysqlSettings, row: string): string {
  const { batch, lineStart, columns = [], enclosure, fieldTerminator, lineTerminator } = settings;
  if (batch) return 'the line ends with LF, unlike the first, which ends with CR LF';
  if (!row.startsWith(lineStart)) {
    return 'the line does not begin with --lines-starting-by, so LOAD DATA would skip it';
  }
  const bits = columns.filter((column) => column.bits !== undefined);
  if (bits.length > 0 && settings.bits !== 'escaped') return bitMessage(bits.map(({ name }) => name));
  const causes = enclosure === undefined ? [] : ['text follows a closing quote'];
  if (fieldTerminator.length + lineTerminator.length > 2) causes.push('a terminator is incomplete and not escaped');
  return causes.join(', or ');
}

function bitMessage(names: readonly string[]): string {
  const select = names.map((name) => `\`${name}\`+0`).join(', ');
  const types = names.map((name) => `${name}=N`).join(',');
  return `BIT columns (${names.map((name) => `"${name}"`).join(', ')}) may be written without escapes, and the bytes of this row can be read in more than one way; select them as numbers (SELECT ..., ${select}, ...) and pass --types ${types}`;
}
