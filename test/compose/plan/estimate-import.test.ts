import { expect, test } from 'vitest';
import { estimateImport } from '../../../src/compose/plan/estimate-import.ts';
import { type TableAttachments, type TableInfo, uncheckedAttachments } from '../../../src/domain/table.ts';
import { chooseRate } from '../../../src/limit/choose-rate.ts';
import { defaults, type ImportOptions } from '../../../src/options/import-options.ts';
import { preflightFacts } from '../../report/facts.ts';

const options: ImportOptions = { ...defaults, sources: [], settings: [], given: [], settleMs: 10_000 };
const units = (value: number) => ({ kind: 'units', value }) as const;
/** The sample of 10,000,000 rows: each an item of 157 bytes, and so of one unit, and 254 bytes in a request body. */
const sample = { rows: 10_000_000, writeUnits: 10_000_000, bodyBytes: 2_540_000_000, indexUnits: [] as number[] };
const described: TableInfo = { ...preflightFacts.tableInfo!, globalIndexes: [], provisionedReadUnits: 5 };
const { provisionedWriteUnits: _none, ...bare } = described;
const onDemand: TableInfo = { ...bare, billing: 'on-demand' };

type More = Partial<ImportOptions> & { readonly attachments?: TableAttachments };

function estimate(
  table: TableInfo,
  { attachments = uncheckedAttachments('needs a test'), ...more }: More = {},
  load = sample,
) {
  const all = { ...options, ...more };
  const rate = chooseRate(all.wps, all.reserve, table);
  return estimateImport(load, { table, present: table, rate, attachments, region: table.region }, all);
}

test('the sample at 20,000 a second takes 8 min 20 s, 45 Mb/s and 6.25 $ on demand', () => {
  // 10,000,000 units / 20,000 = 500 s; at half the rate 1,000 s, at a quarter 2,000 s.
  // 400,000 requests of 25 rows, 800 a second. Bytes: 2,540,000,000 of rows, 9,600,000 commas between them, and around
  // each batch 600 of head + 59 of wrapper + 6 of `tokens`: 400,000 × 665 = 266,000,000. In all 2,815,600,000;
  // × 8 / 500 s = 45.0496 Mb/s. 64 batches in flight hold 800 a second up to 80 ms.
  // 10 × 0.625 $ = 6.25 $. Provisioned: 20,000 and the reserve of 20 % are 25,000 for one hour, × 0.00065 $ = 16.25 $,
  // and these are provisioned already.
  const { times, traffic, latencyToHoldMs, cost, faster, heldBackBy } = estimate(described, { wps: units(20_000) });
  expect(times).toEqual([
    { percent: 100, seconds: 500 },
    { percent: 50, seconds: 1_000 },
    { percent: 25, seconds: 2_000 },
  ]);
  expect(traffic).toEqual({
    ...{ requests: 400_000, requestsPerSecond: 800 },
    ...{ bytes: 2_815_600_000, megabitsPerSecond: 45.0496 },
  });
  expect([latencyToHoldMs, heldBackBy, faster]).toEqual([80, 'the table', undefined]);
  expect(cost.onDemand.totalUsd).toBe(6.25);
  expect(cost.provisioned).toMatchObject({ hours: 1, totalUsd: 16.25, extraUsd: 0 });
});

test('a cold table on demand is estimated with its ramp; a warm one has none', () => {
  expect(estimate(onDemand, { wps: units(20_000) })).toMatchObject({
    times: [{ seconds: 500 }, {}, {}],
    ramp: { seconds: 2_150, startUnitsPerSecond: 4_000 },
  });
  // An index that was added later is cold, also where the table is not.
  const index = { name: 'by-user', status: 'ACTIVE', key: [] };
  const warm = { ...onDemand, warmWriteUnits: 30_000 };
  const load = { ...sample, indexUnits: [10_000_000] };
  expect(estimate({ ...warm, globalIndexes: [index] }, { wps: units(20_000) }, load).ramp).toEqual({
    seconds: 2_150,
    startUnitsPerSecond: 4_000,
  });
  expect(estimate(warm, { wps: units(20_000) }).ramp).toBeUndefined();
  expect(estimate(onDemand, { wps: units(4_000) }).ramp).toBeUndefined();
  expect(estimate(described, { wps: units(20_000) }).ramp).toBeUndefined();
});

test('a table of 20 units would take a week, and the commands that change that are given', () => {
  // 20 less 20 % are 16 a second: 625,000 s, 7 d 5 h. For 20,000 beside a reserve of 20 %: 25,000; raised for the run,
  // with the 20 of before left to production: 20,020.
  const { times, faster, limits } = estimate({ ...described, provisionedWriteUnits: 20 }, { wps: units(20_000) });
  const command =
    'aws dynamodb update-table --table-name tokens --provisioned-throughput ReadCapacityUnits=5,WriteCapacityUnits=25000 --region eu-west-1';
  expect(times[0]).toEqual({ percent: 100, seconds: 625_000 });
  expect(faster).toEqual({ unitsPerSecond: 20_000, seconds: 500, flag: '--raise-wcu 20020', command });
  expect(limits[0]).toEqual({ of: 'the table', kind: 'provisioned', unitsPerSecond: 20, holdsBack: true, command });
});

test('an index with less than its share holds the import back, and one command raises it alone', () => {
  // Half of the items are in the index: 5,000,000 at 1,000 less 20 % are 6,250 s. At 20,000 it is asked for 10,000.
  const byUser = {
    ...preflightFacts.tableInfo!.globalIndexes[0]!,
    provisionedWriteUnits: 1_000,
    provisionedReadUnits: 2,
  };
  const table = { ...described, globalIndexes: [byUser] };
  const found = estimate(table, { wps: units(20_000) }, { ...sample, indexUnits: [5_000_000] });
  expect(found.times[0]?.seconds).toBe(6_250);
  expect(found.heldBackBy).toBe('index by-user');
  expect(found.faster?.flag).toBe('--raise-wcu 11000');
  expect(found.faster?.command).toContain(
    "--global-secondary-index-updates 'Update={IndexName=by-user,ProvisionedThroughput={ReadCapacityUnits=2,WriteCapacityUnits=12500}}'",
  );
  expect(found.faster?.command).not.toContain('--provisioned-throughput');
  expect(found.limits.map(({ of, holdsBack }) => [of, holdsBack])).toEqual([
    ['the table', false],
    ['index by-user', true],
    ['each partition key', false],
  ]);
  // 11,000 in place of 1,000 of the index, for the run: 10,000 × 0.00065 $ = 6.50 $ more.
  expect(found.cost.provisioned?.extraUsd).toBe(6.5);
});

test('on demand the maximum, warm throughput or what a cold table takes are the limits', () => {
  const of = (table: TableInfo, wps = 20_000) =>
    estimate(table, { wps: units(wps) }).limits.map(({ kind, unitsPerSecond, holdsBack }) => [
      kind,
      unitsPerSecond,
      holdsBack,
    ]);
  expect(of(onDemand)).toEqual([
    ['cold', 4_000, true],
    ['partition', 1_000, false],
  ]);
  expect(of({ ...onDemand, warmWriteUnits: 30_000 })).toEqual([
    ['warm', 30_000, false],
    ['partition', 1_000, false],
  ]);
  const capped = estimate({ ...onDemand, maxWriteUnits: 5_000, warmWriteUnits: 8_000 }, { wps: units(20_000) });
  expect(capped.times[0]?.seconds).toBe(2_000);
  expect(capped.faster?.command).toBe(
    'aws dynamodb update-table --table-name tokens --on-demand-throughput MaxWriteRequestUnits=20000 --region eu-west-1',
  );
  expect(capped.limits.slice(0, 2).map(({ command }) => command?.split('--').at(-2))).toEqual([
    'on-demand-throughput MaxWriteRequestUnits=20000 ',
    'warm-throughput WriteUnitsPerSecond=20000 ',
  ]);
});

test('quotas that are too low are named with the request that raises them', () => {
  const attachments: TableAttachments = {
    ...uncheckedAttachments('needs a test'),
    quotas: { kind: 'known', value: { tableWriteUnits: 40_000, accountWriteUnits: 80_000 } },
  };
  const { limits } = estimate({ ...described, provisionedWriteUnits: 20 }, { wps: units(40_000), attachments });
  // 40,000 beside a reserve of 20 % are 50,000.
  expect(limits.find(({ kind }) => kind === 'table-quota')).toEqual({
    ...{ of: 'any table or index', kind: 'table-quota', unitsPerSecond: 40_000, holdsBack: true },
    command:
      'aws service-quotas request-service-quota-increase --service-code dynamodb --quota-code L-AB614373 --desired-value 50000 --region eu-west-1',
  });
  expect(limits.find(({ kind }) => kind === 'account-quota')).toMatchObject({ holdsBack: false });
});

test('a raise is paid for on table and indexes alike, less what is there', () => {
  // Of 20 units to 20,020: 20,020 × 0.00065 $ = 13.01 $, less 0.01 $.
  const present = { ...described, provisionedWriteUnits: 20 };
  const all = { ...options, wps: units(20_000), raiseWcu: 20_020 };
  const table = { ...present, provisionedWriteUnits: 20_020 };
  const rate = chooseRate(all.wps, all.reserve, table, { writeUnits: 20, indexes: {} });
  const attachments = uncheckedAttachments('needs a test');
  const found = estimateImport(sample, { table, present, rate, attachments, region: undefined }, all);
  expect(found.times[0]?.seconds).toBe(500);
  expect(found.cost.provisioned).toMatchObject({ totalUsd: 13.01, extraUsd: 13 });
  expect(found.limits[0]).toMatchObject({ unitsPerSecond: 20_020, holdsBack: false });
});

test('without a rate there is neither time nor traffic', () => {
  const rate = { writeUnitsPerSecond: undefined, chosen: 'not known', indexes: [] };
  const attachments = uncheckedAttachments('needs a test');
  const unknown = { table: undefined, present: undefined, rate, attachments, region: undefined };
  const found = estimateImport(sample, unknown, options);
  expect(found).toMatchObject({ times: [], heldBackBy: null, traffic: null, latencyToHoldMs: null });
  expect(found.cost).toMatchObject({ onDemand: { totalUsd: 6.25 }, provisioned: null });
});
