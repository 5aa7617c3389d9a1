/** Most significant digits of a DynamoDB number. */
const maxDigits = 38;
/** A non-zero magnitude lies in [1e-130, 1e126). */
const minExponent = -130;
const maxExponent = 125;

const syntax = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;

/** A number taken apart: `±d.ddd × 10^exponent`, `digits` without zeros at either end; `digits` is empty for zero. */
export type Decimal = { readonly negative: boolean; readonly digits: string; readonly exponent: number };

/** Takes number text apart without going through a float; undefined where it is no number. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = syntax.exec(text);
  if (match === null) return undefined;
  const whole = match[2] ?? '';
  const fraction = match[3] ?? '';
  const all = whole + fraction;
  if (all.length === 0) return undefined;
  let first = 0;
  while (first < all.length && all.charCodeAt(first) === 48) first++;
  if (first === all.length) return { negative: false, digits: '', exponent: 0 };
  let last = all.length;
  while (all.charCodeAt(last - 1) === 48) last--;
  return {
    negative: match[1] === '-',
    digits: all.slice(first, last),
    exponent: whole.length - 1 - first + Number(match[4] ?? 0),
  };
}

/** `not-a-number`, `number-too-precise`, `number-out-of-range`, or undefined for what DynamoDB takes. */
export function numberFault(
  decimal: Decimal | undefined,
): 'not-a-number' | 'number-too-precise' | 'number-out-of-range' | undefined {
  if (decimal === undefined) return 'not-a-number';
  if (decimal.digits === '') return undefined;
  if (decimal.digits.length > maxDigits) return 'number-too-precise';
  if (decimal.exponent < minExponent || decimal.exponent > maxExponent) return 'number-out-of-range';
  return undefined;
}

/** One text for each number: `1`, `1.0` and `1e0` are all `1e0`. */
export function formatDecimal(decimal: Decimal): string {
  if (decimal.digits === '') return '0';
  const fraction = decimal.digits.length > 1 ? `.${decimal.digits.slice(1)}` : '';
  return `${decimal.negative ? '-' : ''}${decimal.digits[0]}${fraction}e${decimal.exponent}`;
}

/** The canonical text of number text that is already known to be a number. */
export function canonicalNumber(text: string): string {
  const decimal = parseDecimal(text);
  return decimal === undefined ? text : formatDecimal(decimal);
}
