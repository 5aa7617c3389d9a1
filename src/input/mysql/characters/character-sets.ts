import { isAscii } from 'node:buffer';
import { characterSetTables } from './character-set-tables.ts';

export type CharacterSet = SingleByteSet | OtherSet;

/** Every byte is one character. `ascii` is the set of that name. */
export type SingleByteSet = {
  readonly name: string;
  readonly kind: 'single-byte' | 'ascii';
  /** The text from `start` up to `end`, as the server converts it; undefined if a byte is not a character of the set. */
  decode(bytes: Buffer, start?: number, end?: number): string | undefined;
};

/**
 * `utf8` is UTF-8 of up to three or four bytes. `binary` has no characters. In text of a `multi-byte` set, bytes of a
 * character can look like separators and escapes, so it cannot be read.
 */
type OtherSet = { readonly name: string; readonly kind: 'utf8' | 'multi-byte' | 'binary' };

const otherSets: Readonly<Record<OtherSet['kind'], readonly string[]>> = {
  utf8: ['utf8', 'utf8mb3', 'utf8mb4'],
  'multi-byte': [
    ...['big5', 'cp932', 'eucjpms', 'euckr', 'gb18030', 'gb2312', 'gbk', 'sjis', 'ujis'],
    ...['ucs2', 'utf16', 'utf16le', 'utf32'],
  ],
  binary: ['binary'],
};

const known = new Map<string, CharacterSet>(
  Object.entries(otherSets).flatMap(([kind, names]) =>
    names.map((name) => [name, { name, kind: kind as OtherSet['kind'] }] as const),
  ),
);
known.set('ascii', singleByteSet('ascii', 'ascii'));
for (const name of Object.keys(characterSetTables)) known.set(name, singleByteSet(name, 'single-byte'));

/** The set of this name, or of the collation of this name (`latin1_swedish_ci`); undefined if MySQL has none. */
export function characterSet(name: string): CharacterSet | undefined {
  return known.get(name.toLowerCase().split('_', 1)[0]!);
}

/** Whether characters of the set have two or four bytes. The server does not escape a half that looks like a separator. */
export function isWide(name: string | undefined): boolean {
  return /^(ucs2|utf16|utf32)/i.test(name ?? '');
}

/** Whether ASCII bytes are ASCII characters in the set of this name. */
export function keepsAscii(name: string | undefined): boolean {
  return name === undefined || characterSet(name)?.name !== 'swe7';
}

function singleByteSet(name: string, kind: SingleByteSet['kind']): SingleByteSet {
  // Most runs meet one set at most, so no table is built before it is used.
  let table: Uint16Array | undefined;
  // In swe7, 0x40, 0x5B to 0x5E, 0x60 and 0x7B to 0x7E are other characters than in ASCII, and 0x7F is none.
  const isLikeAscii = name !== 'swe7';
  return {
    name,
    kind,
    decode(bytes, start = 0, end = bytes.length) {
      if (isLikeAscii && isAscii(bytes.subarray(start, end))) return bytes.toString('latin1', start, end);
      table ??= tableOf(name);
      return decodeWith(table, bytes, start, end);
    },
  };
}

const unmapped = 0xff_ff;
/** Listed are all 256 bytes, or those from 0x80 on where the others are ASCII. */
function tableOf(name: string): Uint16Array {
  const table = new Uint16Array(256).fill(unmapped);
  for (let byte = 0; byte < 128; byte++) table[byte] = byte;
  const listed = (characterSetTables[name]?.trim().split(/\s+/) ?? []).map((code) =>
    code === '----' ? unmapped : Number.parseInt(code, 16),
  );
  table.set(listed, 256 - listed.length);
  return table;
}

/** As UTF-16, which takes one unit for every character of these sets. */
function decodeWith(table: Uint16Array, bytes: Buffer, start: number, end: number): string | undefined {
  const text = Buffer.allocUnsafe(2 * (end - start));
  for (let position = start, at = 0; position < end; position++) {
    const unit = table[bytes[position]!]!;
    if (unit === unmapped) return undefined;
    text[at++] = unit & 0xff;
    text[at++] = unit >> 8;
  }
  return text.toString('utf16le');
}
