/** Significant digits of a DynamoDB number. */
const maxDigits = 38;
/** A non-zero magnitude lies in [1e-130, 1e126). */
const minExponent = -130;
const maxExponent = 125;

const syntax = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** The parts of `±d.ddd × 10^exponent`: `digits` has no zeros at either end, and is empty for zero. */
export type Decimal = { readonly negative: boolean; readonly digits: string; readonly exponent: number };

export type NumberFault = 'not-a-number' | 'number-too-precise' | 'number-out-of-range';

/**
 * Whether text is a number that DynamoDB takes unchanged, determined without parsing it: `[-]digits[.digits]`, without a
 * leading zero or `-0`, and at most 38 characters, so that precision and range cannot be wrong. False says nothing.
 */
export function isPlainNumber(text: string): boolean {
  const length = text.length;
  if (length > maxDigits) return false;
  const first = text.charCodeAt(0) === minus ? 1 : 0;
  if (text.charCodeAt(first) === zero && (first === 1 || (length > 1 && text.charCodeAt(1) !== point))) return false;
  let pointAt = -1;
  for (let i = first; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code === point && pointAt < 0) pointAt = i;
    else if (code < zero || code > nine) return false;
  }
  return length > first && pointAt !== first && pointAt !== length - 1;
}

/** Whether ASCII bytes are a whole number from 0 up as `canonicalNumber` writes it. False says nothing. */
export function isWholeNumberAt(bytes: DataView, start: number, end: number): boolean {
  if (end - start > maxDigits || (bytes.getUint8(start) === zero && end - start > 1)) return false;
  for (let at = start; at < end; at++) {
    const code = bytes.getUint8(at);
    if (code < zero || code > nine) return false;
  }
  return true;
}

/** Parses number text without converting it to a float; undefined if it is not a number. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = syntax.exec(text);
  if (match === null) return undefined;
  const whole = match[2] ?? '';
  const fraction = match[3] ?? '';
  const all = whole + fraction;
  if (all.length === 0) return undefined;
  let first = 0;
  while (first < all.length && all.charCodeAt(first) === zero) first++;
  if (first === all.length) return { negative: false, digits: '', exponent: 0 };
  let last = all.length;
  while (all.charCodeAt(last - 1) === zero) last--;
  return {
    negative: match[1] === '-',
    digits: all.slice(first, last),
    exponent: whole.length - 1 - first + Number(match[4] ?? 0),
  };
}

/** Why DynamoDB would refuse the number, or undefined. */
export function numberFault(decimal: Decimal | undefined): NumberFault | undefined {
  if (decimal === undefined) return 'not-a-number';
  if (decimal.digits === '') return undefined;
  if (decimal.digits.length > maxDigits) return 'number-too-precise';
  if (decimal.exponent < minExponent || decimal.exponent > maxExponent) return 'number-out-of-range';
  return undefined;
}

/** The one text of each number, valid in DynamoDB: plain if that takes at most 38 digits, else `1.5e100`. */
export function formatDecimal({ negative, digits, exponent }: Decimal): string {
  if (digits === '') return '0';
  const sign = negative ? '-' : '';
  const whole = exponent + 1;
  if (exponent < 0) {
    if (digits.length - exponent - 1 <= maxDigits) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  } else if (whole < digits.length) {
    return `${sign}${digits.slice(0, whole)}.${digits.slice(whole)}`;
  } else if (whole <= maxDigits) {
    return `${sign}${digits}${'0'.repeat(whole - digits.length)}`;
  }
  return `${sign}${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ''}e${exponent}`;
}

/** The one text of valid number text: `1`, `1.0` and `1e0` are all `1`. */
export function canonicalNumber(text: string): string {
  if (!text.includes('.') && isPlainNumber(text)) return text;
  const decimal = parseDecimal(text);
  return decimal === undefined ? text : formatDecimal(decimal);
}

/** Negative if `a` is the lesser of two numbers, 0 if they are equal. */
export function compareNumbers(a: string, b: string): number {
  const [left, right] = [parseDecimal(a), parseDecimal(b)];
  if (left === undefined || right === undefined) throw new Error('only numbers can be compared');
  if (signOf(left) !== signOf(right)) return signOf(left) - signOf(right);
  const digits = Math.max(left.digits.length, right.digits.length);
  const order =
    left.exponent - right.exponent || compareText(left.digits.padEnd(digits, '0'), right.digits.padEnd(digits, '0'));
  return left.negative ? -order : order;
}

function signOf({ negative, digits }: Decimal): number {
  if (digits === '') return 0;
  return negative ? -1 : 1;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

const minus = 45;
const point = 46;
const zero = 48;
const nine = 57;
