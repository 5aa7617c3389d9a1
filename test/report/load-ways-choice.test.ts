import { expect, test } from 'vitest';
import { chooseWay, type LoadFacts } from '../../src/report/load-ways.ts';
import { preflightFacts } from './facts.ts';

const table = preflightFacts.tableInfo!;
const globalTable = { ...table, replicaRegions: ['eu-west-2'] };

/** Ten million rows of one unit into a table in use; `pace`: write units a second, and those that are asked for. */
function way(pace: number, { asked = pace, ...more }: Partial<LoadFacts> & { asked?: number } = {}) {
  const { rows = 10_000_000, writeUnits = rows } = more;
  const at = (unitsPerSecond: number) => ({ unitsPerSecond, seconds: writeUnits / unitsPerSecond });
  const times = [{ percent: 100, seconds: writeUnits / pace }];
  const estimate = { times, ...(asked > pace && { faster: at(asked) }) };
  return chooseWay({ table, tableIsMissing: false, quota: undefined, ...more, rows, writeUnits, estimate });
}

test('a table in use is imported into by this importer, also if its capacity has to be raised', () => {
  expect(way(20_000)).toEqual({
    way: 'importer',
    text: 'this importer',
    because: 'one process sustains 20,000 rows a second',
  });
  expect(way(500, { asked: 40_000 }).way).toBe('importer');
});

test('fewer than a million rows are imported, even into a new table', () => {
  for (const facts of [{ table: undefined, tableIsMissing: true }, { asked: 500_000 }]) {
    expect(way(20_000, { rows: 999_999, ...facts })).toMatchObject({
      way: 'importer',
      because: '999,999 rows can be written before files for AWS are in a bucket',
    });
  }
  expect(way(20_000, { rows: 1_000_000, table: undefined, tableIsMissing: true }).way).toBe('import-table');
});

test('a table that is missing or empty is best made by ImportTable', () => {
  expect(way(20_000, { table: undefined, tableIsMissing: true })).toEqual({
    way: 'import-table',
    text: 'ImportTable of AWS, which makes a new table from the files of import-tokens convert',
    because: 'the table does not exist, and an import from S3 needs no write capacity and is priced by the GB',
  });
  expect(way(20_000, { table: { ...table, itemCount: 0 } }).because).toMatch(
    /^the table is empty, as far as AWS has counted/,
  );
});

test('a rate above the quota of a table needs StartBulkPutItems', () => {
  expect(way(20_000, { asked: 40_001 })).toMatchObject({
    way: 'bulk-put',
    because: '40,001 write units a second are above the quota of a table, 40,000',
  });
  expect(way(20_000, { asked: 40_001, quota: 80_000 }).way).toBe('importer');
});

test('an import of more than a day is left to StartBulkPutItems, above its least pace', () => {
  expect(way(1_024, { rows: 1_024 * 86_401 })).toMatchObject({
    way: 'bulk-put',
    because: 'the import would take 1 d',
  });
  expect(way(1_024, { rows: 1_024 * 86_400 }).way).toBe('importer');
  expect(way(1_023, { rows: 1_024 * 86_401 }).way).toBe('importer');
  // The rate that was asked for is quick enough.
  expect(way(1_024, { rows: 1_024 * 86_401, asked: 20_000 }).way).toBe('importer');
});

test('more rows a second than a process sustains need shards', () => {
  expect(way(250_000, { quota: 300_000 })).toEqual({
    way: 'shards',
    text: 'this importer in 3 shards: --shard 1/3, and so on, each with its share of --wps',
    because: 'one process sustains about 100,000 rows a second, and 250,000 are asked for',
  });
  // Large rows take more units.
  expect(way(250_000, { quota: 300_000, writeUnits: 30_000_000 }).way).toBe('importer');
});

test('a global table is never left to AWS, and its quota bounds the shards', () => {
  expect(way(20_000, { table: globalTable, asked: 60_000 })).toMatchObject({
    way: 'importer',
    because: 'one process sustains 40,000 rows a second, and AWS does not load files into a global table',
  });
  expect(way(20_000, { table: globalTable, asked: 500_000, quota: 200_000 }).text).toContain('in 2 shards');
});

test('without a rate it is this importer, which finds one', () => {
  const estimate = { times: [] };
  const facts = { rows: 10_000_000, writeUnits: 10_000_000, table, tableIsMissing: false, quota: undefined };
  expect(chooseWay({ ...facts, estimate })).toMatchObject({
    way: 'importer',
    because: expect.stringMatching(/^no rate/),
  });
});
