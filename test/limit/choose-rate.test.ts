import { describe, expect, test } from 'vitest';
import type { Amount } from '../../src/domain/amount.ts';
import type { TableInfo } from '../../src/domain/table.ts';
import { chooseRate, rehearsalRate } from '../../src/limit/choose-rate.ts';

const units = (value: number): Amount => ({ kind: 'units', value });
const percent = (value: number): Amount => ({ kind: 'percent', value });
const fifth = percent(20);

function tableWith(more: Partial<TableInfo>): TableInfo {
  return {
    ...{ name: 'tokens', arn: 'arn', account: '000000000000', region: 'us-east-1', status: 'ACTIVE' },
    ...{ itemCount: 0, sizeBytes: 0, key: [{ name: 'token', type: 'S' as const }] },
    ...{ billing: 'provisioned' as const, globalIndexes: [], localIndexes: [] },
    ...more,
  };
}

const indexWith = (more: object) => ({ name: 'by_user', key: [], status: 'ACTIVE', ...more });
const provisioned = tableWith({ provisionedWriteUnits: 1_000 });
const onDemand = tableWith({ billing: 'on-demand' });

describe('a provisioned table', () => {
  test.each([
    [undefined, fifth, 800, 'the table has 1,000 write units provisioned, less 20% of --reserve'],
    [undefined, units(300), 700, 'the table has 1,000 write units provisioned, less 300 of --reserve'],
    [units(500), fifth, 500, '--wps 500'],
    [units(800), fifth, 800, '--wps 800'],
    [units(801), fifth, 800, 'below --wps 801, because the table has 1,000 write units provisioned'],
    [percent(50), fifth, 500, '--wps 50%'],
    [percent(90), fifth, 800, 'below --wps 90%, because the table has 1,000 write units'],
  ])('with --wps %j and --reserve %j gives %i', (wps, reserve, rate, chosen) => {
    const { writeUnitsPerSecond, chosen: how } = chooseRate(wps, reserve, provisioned);
    expect(writeUnitsPerSecond).toBe(rate);
    expect(how).toContain(chosen);
  });

  test.each([
    [percent(100), 1_000],
    [units(1_000), 1_000],
    [units(20), 20],
    [fifth, 0],
  ])('with a reserve of %j of %i units leaves nothing, which is refused', (reserve, provisionedWriteUnits) => {
    const table = tableWith({ provisionedWriteUnits });
    expect(() => chooseRate(units(1), reserve, table)).toThrow(/nothing is left to import with: the table has \d+/);
  });

  test('limits each index to its own units less the reserve, by a share but not a number in --wps', () => {
    const table = tableWith({
      provisionedWriteUnits: 1_000,
      globalIndexes: [indexWith({ provisionedWriteUnits: 200 })],
    });
    expect(chooseRate(undefined, fifth, table).indexes).toMatchObject([{ name: 'by_user', writeUnitsPerSecond: 160 }]);
    expect(chooseRate(units(50), fifth, table).indexes).toMatchObject([{ writeUnitsPerSecond: 160 }]);
    expect(chooseRate(percent(50), fifth, table).indexes).toMatchObject([{ writeUnitsPerSecond: 100 }]);
    const bare = tableWith({ provisionedWriteUnits: 1_000, globalIndexes: [indexWith({ provisionedWriteUnits: 0 })] });
    expect(() => chooseRate(undefined, fifth, bare)).toThrow('index "by_user" has 0 write units');
  });

  test('that was raised leaves other users what it had before, or the reserve if that is more', () => {
    const baseline = { writeUnits: 100, indexes: {} };
    const raised = chooseRate(undefined, fifth, provisioned, baseline);
    expect(raised.writeUnitsPerSecond).toBe(900);
    expect(raised.chosen).toContain('less the 100 that it had before the raise');
    expect(chooseRate(undefined, units(300), provisioned, baseline).writeUnitsPerSecond).toBe(700);
    expect(chooseRate(undefined, fifth, provisioned, { writeUnits: 1_000, indexes: {} }).writeUnitsPerSecond).toBe(800);
  });
});

describe('an on-demand table', () => {
  test.each([
    [undefined, {}, 1_000, 'a cautious default'],
    [undefined, { warmWriteUnits: 4_000 }, 4_000, "the table's warm throughput"],
    [undefined, { warmWriteUnits: 4_000, maxWriteUnits: 500 }, 500, "the table's maximum throughput"],
    [units(9_000), { warmWriteUnits: 4_000 }, 9_000, '--wps'],
    [units(500), { maxWriteUnits: 500 }, 500, '--wps'],
    [units(501), { maxWriteUnits: 500 }, 500, "below --wps 501, because the table's maximum throughput is 500"],
    [percent(25), { warmWriteUnits: 4_000 }, 1_000, "25% of the table's warm throughput"],
  ])('with --wps %j and %j gives %i', (wps, figures, rate, chosen) => {
    const { writeUnitsPerSecond, chosen: how } = chooseRate(wps, fifth, { ...onDemand, ...figures });
    expect(writeUnitsPerSecond).toBe(rate);
    expect(how).toContain(chosen);
  });

  test('that names no figure has no share', () => {
    expect(() => chooseRate(percent(50), fifth, onDemand)).toThrow('50% is a share');
  });

  test.each([
    [undefined, {}, undefined],
    [undefined, { maxWriteUnits: 70 }, 70],
    [units(10), { maxWriteUnits: 70, warmWriteUnits: 90 }, 70],
    [undefined, { warmWriteUnits: 70 }, undefined],
  ])('with --wps %j and an index of %j holds the index to %s', (wps, figures, rate) => {
    const table = { ...onDemand, globalIndexes: [indexWith(figures)] };
    expect(chooseRate(wps, fifth, table).indexes[0]?.writeUnitsPerSecond).toBe(rate);
  });

  test('shares out its indexes as itself', () => {
    const table = { ...onDemand, warmWriteUnits: 4_000, globalIndexes: [indexWith({ warmWriteUnits: 100 })] };
    expect(chooseRate(percent(50), fifth, table)).toMatchObject({
      writeUnitsPerSecond: 2_000,
      indexes: [{ writeUnitsPerSecond: 50 }],
    });
  });
});

test('a table that may not be described takes what --wps says, which must be a number', () => {
  expect(chooseRate(units(70), fifth, undefined)).toMatchObject({ writeUnitsPerSecond: 70, indexes: [] });
  for (const wps of [undefined, percent(50)]) {
    expect(() => chooseRate(wps, fifth, undefined)).toThrow('may not be described');
  }
});

test.each([
  [units(70), undefined, 70, '--wps'],
  [percent(50), 300, 150, '--wps 50% of --memory-wcu'],
  [percent(50), undefined, undefined, 'no limit'],
  [undefined, 300, undefined, 'no limit'],
])('a rehearsal with --wps %j and --memory-wcu %s has the rate %s', (wps, memoryWcu, rate, chosen) => {
  const { writeUnitsPerSecond, chosen: how } = rehearsalRate(wps, memoryWcu);
  expect(writeUnitsPerSecond).toBe(rate);
  expect(how).toContain(chosen);
});
