import { expect, test } from 'vitest';
import { seededRandom } from '../support/seeded-random.ts';
import { workDir } from '../support/work-dir.ts';
import {
  expectBalance,
  foulWeather,
  heldRows,
  importArgs,
  readSummary,
  startFaultyTable,
  tableArgs,
} from './faulty-table.ts';
import { columnTypes, csvOf, lastRows, lineOf, makeRows, withBreakage } from './source-rows.ts';

test('importing a repaired rejected.csv makes the table that a whole source would have made', async () => {
  const dir = workDir();
  const random = seededRandom(21);
  const rows = makeRows(random, 5_000);
  const whole = lastRows(rows);
  // Only last rows are broken, because a repaired row is imported after all others and would win.
  const { lines, broken } = withBreakage(random, rows, 0.02, ({ token, seq }) => whole[token]?.seq === seq);
  dir.write('tokens.csv', csvOf(lines));
  const faulty = await startFaultyTable(21, { ...foulWeather, hang: 0, applyLate: 0 });
  expect(await dir.run(importArgs(faulty, '--max-rejects', '5%'))).toMatchObject({ status: 5 });
  const first = readSummary(dir);
  expectBalance(first, 5_000);
  expect(first.rows.rejected).toBe(broken.size);
  expect(heldRows(faulty)).toEqual(lastRows(rows, broken));

  const ordinals = reasonsIn(dir.read('run/rejects.jsonl')).map(({ ordinal }) => ordinal);
  const [header, ...rejected] = dir.read('run/rejected.csv').trimEnd().split('\n');
  expect(rejected.map((line) => `${line}\n`)).toEqual(ordinals.map((ordinal) => lines[ordinal]));
  const repaired = ordinals.map((ordinal) => lineOf(rows[ordinal]!));
  dir.write('run/rejected.csv', [`${header}\n`, ...repaired].join(''));

  const args = ['run/rejected.csv', '--run-dir', 'run-2', '--types', columnTypes, ...tableArgs(faulty.proxy)];
  expect(await dir.run(args)).toMatchObject({ status: 0 });
  expectBalance(readSummary(dir, 'run-2'), broken.size);
  expect(heldRows(faulty)).toEqual(whole);
});

function reasonsIn(text: string): { readonly ordinal: number }[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}
