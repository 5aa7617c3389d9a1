import { expect, test } from 'vitest';
import type { CapacityEnding } from '../../src/domain/run-summary.ts';
import { withCapacity, withCapacityRestored } from '../../src/report/build-summary.ts';
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
const stillRaised: CapacityEnding = {
  ...restored,
  state: 'still-raised',
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
] as const)('capacity that is still raised makes exit code 6 of %d, and leaves the outcome', (exitCode, outcome) => {
  const summary = { ...completed, exitCode, outcome };
  expect(withCapacity(summary, stillRaised)).toMatchObject({ exitCode: 6, outcome });
  expect(withCapacity(summary, { ...stillRaised, state: 'kept' }).exitCode).toBe(exitCode);
  expect(withCapacity(summary, restored).exitCode).toBe(exitCode);
  expect(withCapacity(summary, undefined)).toBe(summary);
});

test('a bug goes before capacity that is still raised', () => {
  expect(withCapacity({ ...completed, exitCode: 1 }, stillRaised).exitCode).toBe(1);
});

test('once capacity is restored, the run has the exit code of its outcome again', () => {
  const later = (outcome: 'completed' | 'completed-with-rejects') =>
    withCapacityRestored(withCapacity({ ...completed, outcome }, stillRaised), restored).exitCode;
  expect([later('completed'), later('completed-with-rejects')]).toEqual([0, 5]);
  expect(withCapacityRestored(withCapacity(completed, stillRaised), stillRaised).exitCode).toBe(6);
});

test('the page tells what was restored', () => {
  expect(summaryText(withCapacity(completed, restored))).toContain(
    '\n  capacity     restored: table 20; index by-user 30\n',
  );
});

test('the page tells what is still raised, why, when it can be restored, and how', () => {
  const text = summaryText(withCapacity(completed, stillRaised));
  expect(text.slice(0, text.indexOf('Completed'))).toBe(`\
  capacity     STILL RAISED: table 20,000, before 20; index by-user 20,000, before 30
               AWS refuses to lower the table for now
               it can be restored after 2026-01-31T21:48:14Z
To restore the capacity:
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
