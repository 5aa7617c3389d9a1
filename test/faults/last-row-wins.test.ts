import { expect, test } from 'vitest';
import { validationError } from '../support/plain-table/answers.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { workDir } from '../support/work-dir.ts';
import {
  expectBalance,
  foulWeather,
  heldRows,
  importArgs,
  readSummary,
  startFaultyTable,
  thorough,
} from './faulty-table.ts';
import { csvOf, lastRows, lineOf, makeRows, type SourceRow } from './source-rows.ts';

const rowCount = thorough ? 200_000 : 20_000;
const seeds = Array.from({ length: thorough ? 10 : 1 }, (_, index) => index + 1);

test.each(seeds)(
  'through all faults the table ends with the last row of each key (seed %i)',
  { timeout: 120_000 },
  async (seed) => {
    const dir = workDir();
    const rows = makeRows(seededRandom(seed), rowCount);
    dir.write('tokens.csv', csvOf(rows.map(lineOf)));
    const faulty = await startFaultyTable(seed, foulWeather);
    const result = await dir.run(importArgs(faulty));
    expect(result).toMatchObject({ status: 0 });
    expectBalance(readSummary(dir), rowCount);
    await faulty.proxy.settled();
    expect(heldRows(faulty)).toEqual(lastRows(rows));
    // A run without faults would prove nothing.
    const { requests, itemsAppliedLate } = faulty.proxy.traffic;
    for (const fault of ['throttled', 'partlyAccepted', 'serverError', 'reset'] as const) {
      expect(requests[fault]).toBeGreaterThan(0);
    }
    if (thorough) expect(itemsAppliedLate).toBeGreaterThan(0);
  },
);

test('late writes of hung requests do not overwrite a newer row', { timeout: 60_000 }, async () => {
  const dir = workDir();
  const random = seededRandom(3);
  const rows = makeRows(random, 4_000).map((row, seq) => ({
    ...row,
    token: seq % 4 === 0 ? `hot ${seq % 40}` : row.token,
  }));
  dir.write('tokens.csv', csvOf(rows.map(lineOf)));
  const faulty = await startFaultyTable(3, { ...foulWeather, applyLate: 0.1 });
  expect(await dir.run(importArgs(faulty))).toMatchObject({ status: 0 });
  await faulty.proxy.settled();
  expect(heldRows(faulty)).toEqual(lastRows(rows));
  expect(faulty.proxy.traffic.itemsAppliedLate).toBeGreaterThan(0);
});

test('a source of one hot key ends with its last row, the others written or superseded', async () => {
  const dir = workDir();
  const rows = makeRows(seededRandom(4), 5_000).map((row) => ({ ...row, token: 'hot' }));
  dir.write('tokens.csv', csvOf(rows.map(lineOf)));
  const faulty = await startFaultyTable(4, { ...foulWeather, hang: 0, applyLate: 0 });
  expect(await dir.run(importArgs(faulty))).toMatchObject({ status: 0 });
  const summary = readSummary(dir);
  expectBalance(summary, 5_000);
  expect(summary.rows.superseded).toBeGreaterThan(0);
  expect(heldRows(faulty)).toEqual(lastRows(rows));
});

test('a row that the table refuses is rejected alone, and the row it superseded is written', async () => {
  const dir = workDir();
  const rows: SourceRow[] = makeRows(seededRandom(5), 500);
  // Three consecutive rows of one key: the first is sent, the second waits, the third replaces it.
  for (const seq of [250, 251, 252]) rows[seq] = { ...rows[seq]!, token: 'thrice' };
  rows[252] = { ...rows[252]!, quota: '666' };
  dir.write('tokens.csv', csvOf(rows.map(lineOf)));
  const faulty = await startFaultyTable(5);
  faulty.proxy.setOwnAnswer((_operation, body) =>
    JSON.stringify(body).includes('{"N":"666"}')
      ? validationError('One or more parameter values were invalid')
      : undefined,
  );
  expect(await dir.run(importArgs(faulty))).toMatchObject({ status: 5 });
  const summary = readSummary(dir);
  expectBalance(summary, 500);
  expect(summary).toMatchObject({ rows: { rejected: 1 }, rejectsByCode: { 'refused-by-table': 1 } });
  expect(dir.read('run/rejected.csv')).toBe(csvOf([lineOf(rows[252]!)]));
  expect(heldRows(faulty)).toEqual(lastRows(rows, new Set([252])));
  expect(heldRows(faulty)['thrice']).toMatchObject({ seq: 251 });
});
