import { expect, test } from 'vitest';
import { warnAboutOrder } from '../../../../src/adapters/file/source/file-source.ts';

test('names as a shell sorts them are warned about, naming the first two in question', () => {
  const warning = warnAboutOrder(['d/tokens-1.csv', 'd/tokens-10.csv', 'd/tokens-2.csv']);
  expect(warning).toContain('d/tokens-10.csv comes before d/tokens-2.csv');
});

test.each([
  ['numbers that go up', ['tokens-2.csv', 'tokens-10.csv']],
  ['numbers padded with zeros', ['tokens-002.csv', 'tokens-010.csv', 'tokens-10.csv']],
  ['dates that go up', ['2025-12-31.csv', '2026-01-01.csv']],
  ['names that differ in more than a number', ['users-10.csv', 'tokens-2.csv']],
  ['one name', ['tokens-10.csv']],
  ['the same name twice', ['tokens-10.csv', 'tokens-10.csv']],
  ['a name that goes on where the other ends', ['tokens', 'tokens-1']],
  ['standard input', ['tokens-10.csv', '-']],
])('%s are taken as meant', (_what, paths) => {
  expect(warnAboutOrder(paths)).toBeUndefined();
});

test('dates that go down are warned about', () => {
  expect(warnAboutOrder(['2026-01-01.csv', '2025-12-31.csv'])).toContain('comes before');
});
