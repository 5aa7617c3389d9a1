import { expect, test } from 'vitest';
import { chooseTable } from '../../../src/input/sql/sql-head.ts';

const head = {
  hasEnd: true,
  tables: [{ name: 'tokens', database: 'app' }, { name: 'tokens', database: 'old' }, { name: 'users' }],
};

test('the only table of a dump is chosen', () => {
  expect(chooseTable({ ...head, tables: [{ name: 'tokens' }] }, 'dump.sql')).toEqual({ name: 'tokens' });
});

test.each([
  ['users', { name: 'users' }],
  ['app.users', { name: 'users' }],
  ['app.tokens', { name: 'tokens', database: 'app' }],
  ['later', { name: 'later' }],
  ['app.later', { name: 'later', database: 'app' }],
])('--source-table %s chooses one', (sourceTable, table) => {
  expect(chooseTable(head, 'dump.sql', sourceTable)).toEqual(table);
});

test.each([
  [undefined, 'dump.sql holds more than one table: app.tokens, old.tokens, users'],
  ['tokens', 'dump.sql holds more than one table: app.tokens, old.tokens'],
])('--source-table %s leaves a choice, which is refused with the tables', (sourceTable, message) => {
  expect(() => chooseTable(head, 'dump.sql', sourceTable)).toThrow(message);
});

test('a dump without a table is refused', () => {
  expect(() => chooseTable({ ...head, tables: [] }, 'dump.sql')).toThrow('without a table');
});
