import { expect, test } from 'vitest';
import { FieldFault } from '../../../src/input/columns/column-fault.ts';
import { expiryOf, fiveYearsSeconds } from '../../../src/input/columns/row-rules.ts';

const nowSeconds = 1_800_000_000;
const rule = {
  place: 0,
  sourceName: 'expires_at',
  isMade: false,
  fromSeconds: nowSeconds - fiveYearsSeconds,
  untilSeconds: nowSeconds - 60,
};

test.each([
  ['no value', undefined, 'live'],
  ['NULL', null, 'live'],
  ['the present', String(nowSeconds), 'live'],
  ['a minute ago, which the grace covers', String(nowSeconds - 60), 'live'],
  ['a second before the grace', String(nowSeconds - 61), 'expired'],
  ['five years ago', String(nowSeconds - fiveYearsSeconds), 'expired'],
  ['a second more than five years ago', String(nowSeconds - fiveYearsSeconds - 1), 'never-deleted'],
  ['zero, which stands for never in many tables', '0', 'never-deleted'],
  ['a time before 1970', '-86400', 'never-deleted'],
  ['a whole number with a fraction of zero', `${nowSeconds - 61}.0`, 'expired'],
  ['the last second that cannot be milliseconds', '99999999999', 'live'],
])('%s', (_what, value, expiry) => {
  expect(expiryOf(value, rule)).toBe(expiry);
});

test.each([
  ['1700000000000', 'can only be in milliseconds'],
  ['1e40', 'can only be in milliseconds'],
  ['1700000000.5', 'is not a whole number of seconds'],
])('%s is not a time in seconds, and the fault does not show it', (value, what) => {
  const fault = expiryOf(value, rule) as FieldFault;
  expect(fault).toBeInstanceOf(FieldFault);
  expect(fault).toEqual({
    code: 'ttl-not-seconds',
    message: `column "expires_at" ${what}, but --skip-expired needs a time in seconds since 1970`,
  });
});
