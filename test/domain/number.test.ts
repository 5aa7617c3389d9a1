import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalNumber,
  compareNumbers,
  formatDecimal,
  isPlainNumber,
  numberFault,
  parseDecimal,
} from '../../src/domain/number.ts';

/** Number text in every spelling, with the value it stands for as `units × 10^scale`. */
const spelled = fc
  .record({
    sign: fc.constantFrom('', '+', '-'),
    whole: fc.stringMatching(/^\d{0,45}$/),
    fraction: fc.option(fc.stringMatching(/^\d{0,45}$/), { nil: undefined }),
    exponent: fc.option(fc.integer({ min: -200, max: 200 }), { nil: undefined }),
    letter: fc.constantFrom('e', 'E'),
    plus: fc.boolean(),
  })
  .filter(({ whole, fraction }) => whole.length + (fraction?.length ?? 0) > 0)
  .map(({ sign, whole, fraction, exponent, letter, plus }) => {
    const power = exponent === undefined ? '' : `${letter}${plus && exponent >= 0 ? '+' : ''}${exponent}`;
    return {
      text: `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}${power}`,
      units: BigInt(`${whole}${fraction ?? ''}`) * (sign === '-' ? -1n : 1n),
      scale: (exponent ?? 0) - (fraction?.length ?? 0),
    };
  });

/** The value of number text as a whole number of 10^-400, by BigInt alone. */
function scaled(units: bigint, scale: number): bigint {
  return units * 10n ** BigInt(scale + 400);
}

function exactValue(text: string): bigint {
  const [mantissa = '', power = '0'] = text.split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return scaled(BigInt(`${whole}${fraction}`), Number(power) - fraction.length);
}

/** What DynamoDB says of `units × 10^scale`, by its documentation. */
function documentedFault(units: bigint, scale: number): string | undefined {
  if (units === 0n) return undefined;
  let magnitude = units < 0n ? -units : units;
  let zeros = 0;
  while (magnitude % 10n === 0n) {
    magnitude /= 10n;
    zeros++;
  }
  if (magnitude.toString().length > 38) return 'number-too-precise';
  const value = scaled(magnitude, scale + zeros);
  return value >= scaled(1n, -130) && value < scaled(1n, 126) ? undefined : 'number-out-of-range';
}

describe('number text', () => {
  it('is judged as DynamoDB documents it', () => {
    fc.assert(
      fc.property(spelled, ({ text, units, scale }) => {
        expect(numberFault(parseDecimal(text))).toBe(documentedFault(units, scale));
      }),
    );
  });

  it('keeps its exact value in canonical form', () => {
    fc.assert(
      fc.property(spelled, ({ text, units, scale }) => {
        expect(exactValue(canonicalNumber(text))).toBe(scaled(units, scale));
      }),
    );
  });

  it('has one canonical form for equal values and different ones for different values', () => {
    const small = fc.record({ units: fc.integer({ min: -120, max: 120 }), scale: fc.integer({ min: -3, max: 3 }) });
    fc.assert(
      fc.property(small, small, fc.nat(3), (a, b, zeros) => {
        const one = canonicalNumber(`${a.units}${'0'.repeat(zeros)}e${a.scale - zeros}`);
        const other = canonicalNumber(`${b.units}e${b.scale}`);
        expect(one === other).toBe(scaled(BigInt(a.units), a.scale) === scaled(BigInt(b.units), b.scale));
      }),
    );
  });

  it('that is plain is valid in DynamoDB, and its canonical form is plain or scientific', () => {
    fc.assert(
      fc.property(spelled, ({ text }) => {
        if (isPlainNumber(text)) expect(numberFault(parseDecimal(text))).toBeUndefined();
        const canonical = canonicalNumber(text);
        expect(canonicalNumber(canonical)).toBe(canonical);
        expect(canonical).toMatch(/^-?(0|[1-9]\d*)(\.\d+)?(e-?\d+)?$/);
      }),
    );
  });

  it.each(['0', '7', '-7', '10', '0.5', '-1.5', '12345678901234567890.0123456789', '1.50', '9'.repeat(38)])(
    '%s is plain',
    (text) => expect(isPlainNumber(text)).toBe(true),
  );

  it.each(['', '-', '+1', '01', '-01', '-0', '-0.5', '00', '.5', '5.', '-.5', '1.2.3', '1e3', ' 1', '1 ', '1,5', '١'])(
    '"%s" is not plain',
    (text) => expect(isPlainNumber(text)).toBe(false),
  );

  it.each(['', '.', '-', '+', 'e5', '1e', '1e+', '--1', '1 2', ' 1', '1\n', '0x10', 'NaN', 'Infinity', '1_000', '١'])(
    '"%s" is no number',
    (text) => expect(numberFault(parseDecimal(text))).toBe('not-a-number'),
  );

  it.each([
    ['1E-130', undefined],
    ['9.9999999999999999999999999999999999999E+125', undefined],
    ['9.9E-131', 'number-out-of-range'],
    ['1E126', 'number-out-of-range'],
    ['-1E126', 'number-out-of-range'],
    [`1e${'9'.repeat(400)}`, 'number-out-of-range'],
    [`1e-${'9'.repeat(400)}`, 'number-out-of-range'],
    ['0e999999999', undefined],
    [`1${'0'.repeat(125)}`, undefined],
    [`1${'0'.repeat(126)}`, 'number-out-of-range'],
    ['1'.repeat(39), 'number-too-precise'],
  ])('%s: %s', (text, fault) => expect(numberFault(parseDecimal(text))).toBe(fault));

  it.each([
    ['+1', '1'],
    ['007', '7'],
    ['1.0', '1'],
    ['1e0', '1'],
    ['1.50', '1.5'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['-0', '0'],
    ['-0.00', '0'],
    ['1e3', '1000'],
    ['12e-4', '0.0012'],
    [`1${'0'.repeat(37)}`, `1${'0'.repeat(37)}`],
    [`1${'0'.repeat(38)}`, '1e38'],
    ['15e100', '1.5e101'],
    ['-1.25e-100', '-1.25e-100'],
  ])('%s has the canonical form %s', (text, canonical) => expect(canonicalNumber(text)).toBe(canonical));

  it('of millions of digits is judged like any other', () => {
    const long = `${'0'.repeat(1_000_000)}1${'0'.repeat(1_000_000)}`;
    expect(numberFault(parseDecimal(long))).toBe('number-out-of-range');
    expect(numberFault(parseDecimal(`${long}x`))).toBe('not-a-number');
    expect(formatDecimal({ negative: true, digits: '', exponent: 0 })).toBe('0');
  });
});

it('orders numbers by their value, however they are spelled', () => {
  fc.assert(
    fc.property(spelled, spelled, (a, b) => {
      const [left, right] = [scaled(a.units, a.scale), scaled(b.units, b.scale)];
      expect(Math.sign(compareNumbers(a.text, b.text))).toBe(left < right ? -1 : Number(left > right));
    }),
  );
  expect(compareNumbers('-0', '0.0')).toBe(0);
});
