import { expect, test } from 'vitest';
import { costOf, listPrices } from '../../src/domain/import-estimate.ts';

const table = { writeUnits: 10_000_000, neededUnitsPerSecond: 20_000, presentUnitsPerSecond: 0 };

test('ten million units cost 6.25 $ on demand, and 13 $ for the hour of 20,000 provisioned', () => {
  // 10 million × 0.625 $ = 6.25 $. 500 s begin one hour: 20,000 × 0.00065 $ = 13 $.
  const { onDemand, provisioned } = costOf([table], 500, 0, listPrices);
  expect(onDemand).toEqual({ parts: [{ usd: 6.25 }], totalUsd: 6.25 });
  expect(provisioned).toEqual({
    hours: 1,
    parts: [{ unitsPerSecond: 20_000, usd: 13 }],
    totalUsd: 13,
    extraUsd: 13,
  });
});

test('what is provisioned already is paid for anyway', () => {
  // 25,000 of 25,000: 16.25 $ for the hour, nothing on top. Of 20 units, raised to 20,004: 13.0026 $ less 0.013 $.
  const kept = costOf([{ ...table, neededUnitsPerSecond: 25_000, presentUnitsPerSecond: 25_000 }], 500, 0, listPrices);
  expect(kept.provisioned).toMatchObject({ totalUsd: 16.25, extraUsd: 0 });
  const raised = costOf([{ ...table, neededUnitsPerSecond: 20_004, presentUnitsPerSecond: 20 }], 500, 0, listPrices);
  expect(raised.provisioned).toMatchObject({ totalUsd: 13, extraUsd: 12.99 });
});

test('an index is paid for beside the table, and each region as much again', () => {
  // On demand: table 6.25 $, index 4,000,000 × 0.625 $ / 1,000,000 = 2.50 $; three regions: 18.75 $ + 7.50 $ = 26.25 $.
  // Provisioned: 13 $ and 8,000 × 0.00065 $ = 5.20 $ for the hour; three regions: 39 $ + 15.60 $ = 54.60 $.
  const index = { index: 'by-user', writeUnits: 4_000_000, neededUnitsPerSecond: 8_000, presentUnitsPerSecond: 0 };
  const cost = costOf([table, index], 500, 2, listPrices);
  expect(cost.regions).toBe(3);
  expect(cost.onDemand).toEqual({ parts: [{ usd: 18.75 }, { index: 'by-user', usd: 7.5 }], totalUsd: 26.25 });
  expect(cost.provisioned).toMatchObject({ totalUsd: 54.6, extraUsd: 54.6 });
});

test('a begun hour counts whole', () => {
  const hoursOf = (seconds: number) => costOf([table], seconds, 0, listPrices).provisioned?.hours;
  expect([0, 3_600, 3_601, 86_400].map(hoursOf)).toEqual([1, 1, 2, 24]);
});

test('without a rate only the price on demand is known', () => {
  const cost = costOf([table], undefined, 0, listPrices);
  expect([cost.onDemand.totalUsd, cost.provisioned]).toEqual([6.25, null]);
});

test('other prices give other costs', () => {
  // 10 × 0.7625 $ = 7.625 $, to the cent 7.63 $; 20,000 × 0.0007 $ = 14 $.
  const prices = { usdPerMillionUnits: 0.7625, usdPerUnitHour: 0.0007, source: '--prices' };
  const cost = costOf([table], 500, 0, prices);
  expect([cost.onDemand.totalUsd, cost.provisioned?.totalUsd]).toEqual([7.63, 14]);
});
