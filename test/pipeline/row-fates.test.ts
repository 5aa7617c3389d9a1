import { expect, test } from 'vitest';
import type { Amount } from '../../src/domain/amount.ts';
import { tooManyRejects } from '../../src/pipeline/row-fates.ts';

const units = (value: number): Amount => ({ kind: 'units', value });
const percent = (value: number): Amount => ({ kind: 'percent', value });

test.each([
  ['none, though none is allowed', units(0), 0, 10, false],
  ['one where none is allowed', units(0), 1, 10, true],
  ['as many as allowed', units(3), 3, 10, false],
  ['one more than allowed', units(3), 4, 10, true],
  ['all, without a limit', units(-1), 10, 10, false],
  ['none of the share of 0 %', percent(0), 0, 5_000, false],
  ['one of the share of 0 %', percent(0), 1, 5_000, true],
  ['all of the first 999 rows, by a share', percent(1), 999, 999, false],
  ['just the share', percent(1), 10, 1_000, false],
  ['more than the share', percent(1), 11, 1_000, true],
  ['a share of a share', percent(0.1), 2, 1_999, true],
])('%s: --max-rejects %j, %i of %i rows', (_, limit, rejected, read, isTooMany) => {
  expect(tooManyRejects(limit, rejected, read) !== undefined).toBe(isTooMany);
});

test('the message names the numbers, the flag and where the reasons are', () => {
  const byNumber = tooManyRejects(units(3), 4, 10)!;
  expect(byNumber.message).toBe('4 of 10 rows were rejected; --max-rejects allows 3');
  expect(byNumber.hint).toContain('rejects.jsonl');
  const byShare = tooManyRejects(percent(2), 40, 1_000)!;
  expect(byShare.message).toBe('40 of 1,000 rows were rejected; --max-rejects allows 2%');
});
