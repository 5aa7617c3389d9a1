import { expect, test } from 'vitest';
import { listPrices } from '../../../src/domain/import-estimate.ts';
import { prices } from '../../../src/options/syntax/lists.ts';

test('prices that are named replace those of the list', () => {
  expect(prices.parse('on-demand=0.78, provisioned=0.00081', '--prices')).toEqual({
    ...{ usdPerMillionUnits: 0.78, usdPerUnitHour: 0.00081, source: '--prices' },
  });
  expect(prices.parse('provisioned=0', '--prices')).toEqual({
    ...{ usdPerMillionUnits: 0.625, usdPerUnitHour: 0, source: `--prices and ${listPrices.source}` },
  });
});

test.each(['', '0.78', 'on-demand', 'on-demand=', 'on-demand=cheap', 'wcu=1', 'provisioned=-1', 'on-demand=1,'])(
  '"%s" is refused',
  (text) => {
    expect(() => prices.parse(text, '--prices')).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining('--prices: expected on-demand=USD') }),
    );
  },
);
