import { isAscii, isUtf8 } from 'node:buffer';
import type { Field } from '../../domain/column.ts';
import type { RejectCode } from '../../domain/rejected-row.ts';
import { characterSet, keepsAscii, type SingleByteSet } from './characters/character-sets.ts';
import type { TableColumn } from './definition/table-definition.ts';
import type { MysqlSettings } from './mysql.ts';
import { isBitValue } from './mysql-bytes.ts';

/** What is wrong with the bytes of a field; `what` is a predicate. */
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
  /** ASCII characters stand for themselves, so that such a field is its value as it stands. */
  readonly keepsAscii: boolean;
  /** All valid UTF-8 is its value as it stands. */
  readonly keepsUtf8: boolean;
  /** Takes the field without its escapes, each character a byte. */
  read(bytes: string): Field | ValueFault;
};

/** The reader of field `field`. `binary`: its bytes are wanted, whatever its type. */
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

/** `mayBeConverted`: nobody said whether the dump was converted to UTF-8. */
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

/** Whether bytes of a column with a single-byte set are valid UTF-8 too, and mean something else as such. */
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
