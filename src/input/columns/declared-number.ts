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
