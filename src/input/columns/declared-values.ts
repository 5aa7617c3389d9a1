import { parseDecimal } from '../../domain/number.ts';

type TextTest = (text: string) => boolean;

/**
 * Whether text is a value of a numeric type as the server writes it; `loosely`, as any program may (`1.0`, `1e3`).
 * Undefined for a type that is not numeric.
 */
export function numberTest(sqlType: string, loosely: boolean): TextTest | undefined {
  const [, name, first, second] = /^(\w+)(?:\((\d+)(?:,(\d+))?\))?/.exec(sqlType) ?? [];
  if (name === undefined) return undefined;
  const unsigned = /\b(unsigned|zerofill|serial)\b/.test(sqlType);
  const bits = integerBits.get(name);
  if (bits !== undefined) return wholeNumberTest(integerRange(bits, unsigned), loosely);
  if (name === 'bit') return wholeNumberTest(integerRange(Number(first ?? 1), true), loosely);
  if (name === 'year') return loosely ? wholeNumberTest({ least: '0', most: '2155' }, loosely) : yearTest(first);
  if (fixedPoint.has(name)) {
    const scale = Number(second ?? 0);
    return fixedPointTest({ whole: Number(first ?? 10) - scale, scale, unsigned }, loosely);
  }
  return floatingPoint.has(name) ? floatingPointTest(unsigned, loosely) : undefined;
}

const integerBits = new Map([
  ...['tinyint', 'int1', 'bool', 'boolean'].map((name): [string, number] => [name, 8]),
  ...['smallint', 'int2'].map((name): [string, number] => [name, 16]),
  ...['mediumint', 'middleint', 'int3'].map((name): [string, number] => [name, 24]),
  ...['int', 'integer', 'int4'].map((name): [string, number] => [name, 32]),
  ...['bigint', 'int8', 'serial'].map((name): [string, number] => [name, 64]),
]);
const fixedPoint = new Set(['decimal', 'dec', 'numeric', 'fixed']);
const floatingPoint = new Set(['float', 'float4', 'float8', 'double', 'real']);

/** Digits of the magnitudes: `least` of the smallest negative number, `most` of the largest one. */
type WholeRange = { readonly least: string; readonly most: string };

function integerRange(bits: number, unsigned: boolean): WholeRange {
  const size = 2n ** BigInt(bits);
  return unsigned
    ? { least: '0', most: String(size - 1n) }
    : { least: String(size / 2n), most: String(size / 2n - 1n) };
}

function wholeNumberTest(range: WholeRange, loosely: boolean): TextTest {
  if (!loosely) return (text) => isWholeNumber(text, range);
  return (text) => {
    if (isWholeNumber(text, range)) return true;
    const decimal = parseDecimal(text);
    if (decimal === undefined) return false;
    const { digits, exponent, negative } = decimal;
    if (digits === '') return true;
    // Digits of a fraction are left where there are more of them than stand before the point.
    if (digits.length > exponent + 1 || exponent >= range.most.length) return false;
    return isWholeNumber((negative ? '-' : '') + digits.padEnd(exponent + 1, '0'), range);
  };
}

/** Zeros in front are what ZEROFILL writes. */
function isWholeNumber(text: string, { least, most }: WholeRange): boolean {
  const { length } = text;
  const negative = text.charCodeAt(0) === minus;
  const start = negative ? 1 : 0;
  if (length === start) return false;
  for (let at = start; at < length; at++) if (!isDigit(text.charCodeAt(at))) return false;
  const limit = negative ? least : most;
  if (length - start < limit.length) return true;
  let first = start;
  while (first < length - 1 && text.charCodeAt(first) === zero) first++;
  const digits = length - first;
  return digits < limit.length || (digits === limit.length && text.slice(first) <= limit);
}

/** Two digits are what YEAR(2) of old servers writes. */
function yearTest(width: string | undefined): TextTest {
  return (text) => /^(0000|19\d\d|20\d\d|21[0-4]\d|215[0-5])$/.test(text) || (width === '2' && /^\d\d$/.test(text));
}

type FixedPoint = { readonly whole: number; readonly scale: number; readonly unsigned: boolean };

function fixedPointTest({ whole, scale, unsigned }: FixedPoint, loosely: boolean): TextTest {
  return (text) => {
    if (!loosely && !plainDecimal.test(text)) return false;
    const decimal = parseDecimal(text);
    if (decimal === undefined) return false;
    const { digits, exponent, negative } = decimal;
    if (digits === '') return true;
    return !(unsigned && negative) && exponent < whole && digits.length - exponent - 1 <= scale;
  };
}

function floatingPointTest(unsigned: boolean, loosely: boolean): TextTest {
  return (text) => {
    if (!loosely && !floatText.test(text)) return false;
    if (!unsigned && !loosely) return true;
    const decimal = parseDecimal(text);
    return decimal !== undefined && !(unsigned && decimal.negative && decimal.digits !== '');
  };
}

const plainDecimal = /^-?\d+(?:\.\d+)?$/;
const floatText = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/;

function isDigit(code: number): boolean {
  return code >= zero && code <= nine;
}

const minus = 45;
const zero = 48;
const nine = 57;

/** What is asked of a field's text, and of its bytes where they have not become text. */
export type DateTest = {
  isDate(text: string): boolean;
  /** False says nothing. */
  isDateAt(bytes: DataView, start: number, end: number): boolean;
};

/**
 * Checks that text is a date or time as the server writes it, including zero and incomplete dates. Days need not exist:
 * ALLOW_INVALID_DATES stores 2024-02-31. Undefined for any other type.
 */
export function dateTest(sqlType: string): DateTest | undefined {
  const [, name, digits = '0'] = /^(date|datetime|timestamp|time)(?:\((\d)\))?$/.exec(sqlType) ?? [];
  if (name === undefined) return undefined;
  const fraction = name === 'date' || digits === '0' ? '' : String.raw`\.\d{${digits}}`;
  const shape = new RegExp(`^${shapes[name as keyof typeof shapes]}${fraction}$`);
  return {
    isDate: (text) => shape.test(text),
    isDateAt: dateBytesTest(name, Number(digits)),
  };
}

const date = String.raw`\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])`;
const minuteAndSecond = String.raw`[0-5]\d:(?:[0-5]\d|60)`;
const shapes = {
  date,
  datetime: String.raw`${date} (?:[01]\d|2[0-3]):${minuteAndSecond}`,
  timestamp: String.raw`${date} (?:[01]\d|2[0-3]):${minuteAndSecond}`,
  time: String.raw`-?(?:\d\d|[0-7]\d\d|8[0-2]\d|83[0-8]):[0-5]\d:[0-5]\d`,
};

/** As strings, two dates of each of a million rows cost 0.1 CPU s (`npm run bench -- --only stages`). */
function dateBytesTest(name: string, digits: number): DateTest['isDateAt'] {
  if (name === 'time') return () => false;
  if (name === 'date') return (bytes, start, end) => end - start === dateLength && isDayAt(bytes, start);
  const length = digits === 0 ? momentLength : momentLength + 1 + digits;
  return (bytes, start, end) => {
    if (end - start !== length || !isDayAt(bytes, start) || !isTimeAt(bytes, start + dateLength)) return false;
    if (digits > 0 && bytes.getUint8(start + momentLength) !== point) return false;
    for (let at = start + momentLength + 1; at < end; at++) if (!isDigit(bytes.getUint8(at))) return false;
    return true;
  };
}

const dateLength = 10;
const momentLength = 19;

/** `YYYY-MM-DD`, several bytes at a time. */
function isDayAt(bytes: DataView, start: number): boolean {
  const year = bytes.getUint32(start);
  const month = bytes.getUint32(start + 4);
  if ((year & 0xf0f0f0f0) !== 0x30303030 || (((year & 0x0f0f0f0f) + 0x06060606) & 0x10101010) !== 0) return false;
  if ((month & 0xff0000ff) !== 0x2d00002d || !isPair((month >>> 8) & 0xffff, 0x3132)) return false;
  return isPair(bytes.getUint16(start + 8), 0x3331);
}

/** ` HH:MM:SS` */
function isTimeAt(bytes: DataView, start: number): boolean {
  if (bytes.getUint8(start) !== space || !isPair(bytes.getUint16(start + 1), 0x3233)) return false;
  if (bytes.getUint8(start + 3) !== colon || !isPair(bytes.getUint16(start + 4), 0x3539)) return false;
  return bytes.getUint8(start + 6) === colon && isPair(bytes.getUint16(start + 7), 0x3539);
}

/** Two digits, their ASCII bytes at most those of `most`. */
function isPair(pair: number, most: number): boolean {
  return (pair & 0xf0f0) === 0x3030 && (pair & 0x0f) <= 9 && pair <= most;
}

const space = 32;
const point = 46;
const colon = 58;

/** What is asked of a field's text, and of its bytes where they have not become text. */
type MemberTest = {
  isMember(text: string): boolean;
  /** False says nothing. */
  isMemberAt(bytes: DataView, start: number, end: number): boolean;
};

/**
 * Checks that text is a value of an ENUM or SET with these members. Empty text always is, because the server stores it for a
 * value that is not listed.
 */
export function memberTest(sqlType: string, members: readonly string[]): MemberTest {
  // The server drops blanks at the end of a member.
  const listed = new Set(members.flatMap((member) => [member, member.replace(/ +$/, '')]));
  // SHOW CREATE TABLE writes `?` for characters that its character set lacks, such as emoji.
  const isSpelled = !members.some((member) => /[?\ufffd]/.test(member));
  const isListed = sqlType.startsWith('set')
    ? (text: string) => listed.has(text) || text.split(',').every((one) => listed.has(one))
    : (text: string) => listed.has(text);
  return {
    isMember: (text) => text === '' || isListed(text) || !(isSpelled || isAscii.test(text)),
    isMemberAt: memberBytesTest([...listed]),
  };
}

/** Compares only the first members of a length, so that a long list costs no more than reading the field. */
function memberBytesTest(texts: readonly string[]): MemberTest['isMemberAt'] {
  const byLength: Uint8Array[][] = [];
  for (const text of texts) {
    const bytes = Uint8Array.from(Buffer.from(text));
    if (bytes.length > longestCompared) continue;
    while (byLength.length <= bytes.length) byLength.push([]);
    const alike = byLength[bytes.length]!;
    if (alike.length < mostCompared) alike.push(bytes);
  }
  return (bytes, start, end) => {
    const length = end - start;
    if (length === 0) return true;
    if (length >= byLength.length) return false;
    const alike = byLength[length]!;
    for (let i = 0; i < alike.length; i++) if (isSame(bytes, start, alike[i]!)) return true;
    return false;
  };
}

function isSame(bytes: DataView, start: number, member: Uint8Array): boolean {
  for (let i = member.length - 1; i >= 0; i--) if (bytes.getUint8(start + i) !== member[i]) return false;
  return true;
}

const longestCompared = 255;
const mostCompared = 8;
const isAscii = /^[\x00-\x7f]*$/;
