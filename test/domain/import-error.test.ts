import { expect, test } from 'vitest';
import { exitCodeOf, exitCodes, stopSignals } from '../../src/domain/import-error.ts';

test('each fault of a run has an exit code of the table', () => {
  expect(exitCodeOf('usage')).toBe(2);
  expect(exitCodeOf('wrong-account')).toBe(2);
  expect(exitCodeOf('too-many-rejects')).toBe(3);
  expect(exitCodeOf('stalled')).toBe(4);
  expect(exitCodeOf('capacity-not-restored')).toBe(6);
});

test('no two endings share an exit code, and signals have those of the shell', () => {
  expect(new Set(Object.values(exitCodes)).size).toBe(Object.keys(exitCodes).length);
  expect(stopSignals.map((signal) => exitCodes[signal])).toEqual([129, 130, 143]);
});
