import { expect, test } from 'vitest';
import { tooManyDeletes } from '../../src/pipeline/row-fates.ts';

test('a share of deletes counts from row 1,000 on, a number at once, and -1 never', () => {
  const share = { kind: 'percent', value: 10 } as const;
  expect(tooManyDeletes(share, 999, 999)).toBeUndefined();
  expect(tooManyDeletes(share, 100, 1_000)).toBeUndefined();
  expect(tooManyDeletes(share, 101, 1_000)).toMatchObject({ code: 'too-many-deletes' });
  expect(tooManyDeletes({ kind: 'units', value: 2 }, 2, 2)).toBeUndefined();
  expect(tooManyDeletes({ kind: 'units', value: 2 }, 3, 3)).toMatchObject({ code: 'too-many-deletes' });
  expect(tooManyDeletes({ kind: 'units', value: -1 }, 5_000, 5_000)).toBeUndefined();
});
