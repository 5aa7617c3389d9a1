import { expect, test } from 'vitest';
import { Row } from '../../../src/domain/row.ts';
import type { Token } from '../../../src/domain/token.ts';
import { Differences } from '../../../src/pipeline/verify/held-rows.ts';
import type { Comparison } from '../../../src/ports/token-repository.ts';
import { tokenOf } from '../tokens.ts';

const mostDifferences = 250_000;
const equal: Comparison = { kind: 'equal' };
const missing: Comparison = { kind: 'missing' };
const differentIn = (...names: string[]): Comparison => ({
  kind: 'different',
  attributes: names.map((name) => ({ name })),
});

function countsOf(differences: Differences) {
  const { equal, superseded } = differences;
  return { equal, superseded, missing: differences.count('missing'), different: differences.count('different') };
}

const ordinalsOf = (differences: Differences, kind: 'missing' | 'different') =>
  differences.all(kind).map(({ row }) => row.ordinal);

test('rows that differ are listed in source order, by what is wrong with them', () => {
  const differences = new Differences();
  differences.recordComparison(tokenOf(7), missing);
  differences.recordComparison(tokenOf(2), differentIn('user'));
  differences.recordComparison(tokenOf(3), equal);
  differences.recordComparison(tokenOf(1), missing);
  expect(countsOf(differences)).toEqual({ equal: 1, superseded: 0, missing: 2, different: 1 });
  expect([ordinalsOf(differences, 'missing'), ordinalsOf(differences, 'different')]).toEqual([[1, 7], [2]]);
});

test('a later row takes the place of the one with its key that differed', () => {
  const differences = new Differences();
  differences.recordComparison(tokenOf(0, 'k'), missing);
  differences.recordComparison(tokenOf(1, 'k'), differentIn('user'));
  expect(countsOf(differences)).toEqual({ equal: 0, superseded: 1, missing: 0, different: 1 });
  differences.recordComparison(tokenOf(2, 'k'), missing);
  expect(countsOf(differences)).toEqual({ equal: 0, superseded: 2, missing: 1, different: 0 });
  expect(ordinalsOf(differences, 'missing')).toEqual([2]);
});

test('a later row that the table holds as it is clears the difference away', () => {
  const differences = new Differences();
  differences.recordComparison(tokenOf(0, 'k'), differentIn('user'));
  differences.recordComparison(tokenOf(1, 'k'), equal);
  expect(countsOf(differences)).toEqual({ equal: 1, superseded: 1, missing: 0, different: 0 });
  expect(differences.byAttribute()).toEqual({});
});

test('differences are counted by attribute, the most frequent first, each key once', () => {
  const differences = new Differences();
  differences.recordComparison(tokenOf(0), differentIn('user', 'quota'));
  differences.recordComparison(tokenOf(1), differentIn('quota'));
  differences.recordComparison(tokenOf(2, 'k'), differentIn('scope'));
  differences.recordComparison(tokenOf(3, 'k'), differentIn('quota'));
  differences.recordComparison(tokenOf(4), missing);
  expect(Object.entries(differences.byAttribute())).toEqual([
    ['quota', 3],
    ['user', 1],
  ]);
});

test('what changed is told once, and restores the same state in another process', () => {
  const differences = new Differences();
  const told = [];
  differences.recordComparison(tokenOf(0, 'a'), missing);
  differences.recordComparison(tokenOf(1, 'b'), differentIn('user'));
  told.push(...differences.takeChanges());
  differences.recordComparison(tokenOf(2, 'a'), equal);
  differences.recordComparison(tokenOf(3, 'c'), equal);
  differences.recordComparison(tokenOf(4, 'b'), missing);
  told.push(...differences.takeChanges());
  expect(told.map(({ key, difference }) => [key, difference?.kind])).toEqual([
    ['a', 'missing'],
    ['b', 'different'],
    ['a', undefined],
    ['b', 'missing'],
  ]);
  expect(differences.takeChanges()).toEqual([]);

  const restored = new Differences();
  const { equal: equalRows, superseded } = differences;
  restored.restore(told, { equal: equalRows, superseded });
  expect(countsOf(restored)).toEqual(countsOf(differences));
  expect(restored.all('missing')).toEqual(differences.all('missing'));
  expect(restored.takeChanges()).toEqual([]);
});

test('rows are held without the chunks that they were read in, and share memory', () => {
  const differences = new Differences();
  const text = (i: number) => `token,${i}\n`;
  const rows = 20_000;
  for (let i = 0; i < rows; i++) {
    const chunk = Buffer.from(`${text(i)}${'x'.repeat(100)}`);
    const row = new Row(chunk, 0, text(i).length, 0, i, 2, 1, 0);
    differences.recordComparison({ ...tokenOf(i), row }, missing);
    chunk.fill('x');
  }
  const held = differences.all('missing').map(({ row }) => row.bytes);
  expect(held.map((bytes) => Buffer.from(bytes).toString())).toEqual(Array.from({ length: rows }, (_, i) => text(i)));
  const buffers = new Set(held.map(({ buffer }) => buffer));
  const heldBytes = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(heldBytes).toBeLessThan(held.reduce((sum, { length }) => sum + length, 0) + 128 * 1024);
});

test('rows of long texts are bounded by the memory that they hold', () => {
  const differences = new Differences();
  const bytes = new Uint8Array(1024 * 1024);
  const judge = (i: number) => {
    const row = new Row(bytes, 0, bytes.length, 0, i, i, 1, i);
    differences.recordComparison({ key: `k${i}`, row } as Token, missing);
  };
  for (let i = 0; i < 255; i++) judge(i);
  // A row of the same key gives back what the earlier one held.
  for (let i = 0; i < 10; i++) judge(0);
  expect(() => judge(255)).toThrow(expect.objectContaining({ code: 'too-many-differences' }));
});

test('more differences than can be held end the run with what to do', () => {
  const differences = new Differences();
  const judge = (i: number) => {
    const row = new Row(new Uint8Array(2), 0, 2, 0, i, i, 1, i);
    differences.recordComparison({ key: `k${i}`, row } as Token, missing);
  };
  for (let i = 0; i < mostDifferences; i++) judge(i);
  // The same keys again hold no more.
  judge(0);
  expect(() => judge(mostDifferences)).toThrow(
    expect.objectContaining({
      code: 'too-many-differences',
      message: expect.stringContaining('250,000 rows differ'),
      hint: expect.stringContaining('--types'),
    }),
  );
});
