import { expect, test } from 'vitest';
import type { CapacityEnding } from '../../src/domain/run-summary.ts';
import { withCapacity, withCapacitySettled } from '../../src/report/build-summary.ts';
import { summaryText } from '../../src/report/summary-text.ts';
import { completed } from './facts.ts';

const restored: CapacityEnding = {
  state: 'restored',
  raised: [
    { before: 20, raised: 20_000 },
    { index: 'by-user', before: 30, raised: 20_000 },
  ],
  leftAlone: [],
};
const owed: CapacityEnding = {
  ...restored,
  state: 'owed',
  because: 'AWS refuses to lower the table for now',
  allowedAt: '2026-01-31T21:48:14Z',
  restoreCommand: 'import-tokens capacity restore runs/1',
  awsCommand: 'aws dynamodb update-table --table-name tokens',
};

test.each([
  [0, 'completed'],
  [3, 'too-many-rejects'],
  [4, 'failed'],
  [5, 'completed-with-rejects'],
  [130, 'interrupted'],
] as const)('capacity that is owed makes exit code 6 of %d, and leaves the outcome', (exitCode, outcome) => {
  const summary = { ...completed, exitCode, outcome };
  expect(withCapacity(summary, owed)).toMatchObject({ exitCode: 6, outcome });
  expect(withCapacity(summary, { ...owed, state: 'kept' }).exitCode).toBe(exitCode);
  expect(withCapacity(summary, restored).exitCode).toBe(exitCode);
  expect(withCapacity(summary, undefined)).toBe(summary);
});

test('a bug goes before what is owed', () => {
  expect(withCapacity({ ...completed, exitCode: 1 }, owed).exitCode).toBe(1);
});

test('once it is paid, the run has the exit code of its outcome again', () => {
  const paid = (outcome: 'completed' | 'completed-with-rejects') =>
    withCapacitySettled(withCapacity({ ...completed, outcome }, owed), restored).exitCode;
  expect([paid('completed'), paid('completed-with-rejects')]).toEqual([0, 5]);
  expect(withCapacitySettled(withCapacity(completed, owed), owed).exitCode).toBe(6);
});

test('the page tells what was put back', () => {
  expect(summaryText(withCapacity(completed, restored))).toContain(
    '\n  capacity     put back: table 20; index by-user 30\n',
  );
});

test('the page tells what is owed, why, from when on it can be paid, and how', () => {
  expect(summaryText(withCapacity(completed, owed))).toContain(`
  capacity     STILL RAISED: table 20,000, before 20; index by-user 20,000, before 30
               AWS refuses to lower the table for now
               it can be put back from 2026-01-31T21:48:14Z on
To put the capacity back:
  import-tokens capacity restore runs/1
or, from any machine:
  aws dynamodb update-table --table-name tokens
`);
});

test("the page tells what is someone else's doing", () => {
  const text = summaryText(
    withCapacity(completed, {
      state: 'restored',
      raised: [],
      leftAlone: [{ found: 500 }, { index: 'gone', found: null }],
    }),
  );
  expect(text).toContain(`
  capacity     table is at 500, which is someone else's doing: left alone
               index gone is without provisioned units, which is someone else's doing: left alone
`);
});
