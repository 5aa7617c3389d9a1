/** `±0.d…d × 10^scale`, without zeros at either end; no digits for zero. Written independently of the importer's code on purpose. */
export type Decimal = { readonly sign: '' | '-'; readonly digits: string; readonly scale: number };

/** A number as the service reads it, or the message that refuses it. */
export function readDecimal(text: string): Decimal | string {
  const parts = /^([-+]?)([0-9]*)\.?([0-9]*)(?:[eE]([-+]?[0-9]+))?$/.exec(text);
  if (parts === null || !/[0-9]/.test(`${parts[2]}${parts[3]}`)) {
    return text === ''
      ? 'The parameter cannot be converted to a numeric value'
      : `The parameter cannot be converted to a numeric value: ${text}`;
  }
  const mantissa = `${parts[2]}${parts[3]}`;
  const digits = mantissa.replace(/^0+/, '').replace(/0+$/, '');
  if (digits === '') return { sign: '', digits, scale: 0 };
  const scale = parts[2]!.length - /^0*/.exec(mantissa)![0].length + Number(parts[4] ?? 0);
  if (digits.length > 38) return 'Attempting to store more than 38 significant digits in a Number';
  if (scale > 126) return 'Number overflow. Attempting to store a number with magnitude larger than supported range';
  if (scale < -129) return 'Number underflow. Attempting to store a number with magnitude smaller than supported range';
  return { sign: parts[1] === '-' ? '-' : '', digits, scale };
}

/** The text that the service answers with, one for each number: plain if that is short, otherwise with an exponent. */
export function plainText({ sign, digits, scale }: Decimal): string {
  if (digits === '') return '0';
  if (scale > 38 || scale < -37) return `${sign}${digits[0]}.${digits.slice(1) || '0'}E${scale - 1}`;
  if (scale <= 0) return `${sign}0.${'0'.repeat(-scale)}${digits}`;
  if (digits.length <= scale) return `${sign}${digits}${'0'.repeat(scale - digits.length)}`;
  return `${sign}${digits.slice(0, scale)}.${digits.slice(scale)}`;
}

/** Bytes that the service counts: one for two digits on either side of the point, one more, and one for the sign. */
export function decimalBytes({ sign, digits, scale }: Decimal): number {
  if (digits === '') return 1;
  const whole = Math.max(0, Math.min(digits.length, scale));
  return Math.ceil(whole / 2) + Math.ceil((digits.length - whole) / 2) + 1 + sign.length;
}
