import { expect, test } from 'vitest';
import { columnLines, type PlannedColumn } from '../../../src/report/plan/plan-text.ts';

const column = (sourceName: string, more: Partial<PlannedColumn> = {}): PlannedColumn => ({
  ...{ sourceName, attribute: { name: sourceName, type: 'S' }, nulls: 0, empty: 0, rejectsByCode: {} },
  ...more,
});

test('columns stand in a table, without the headings that no column has anything for', () => {
  expect(columnLines([column('id', { bytes: { shortest: 1, longest: 1 } }), column('note', { nulls: 1_234 })])).toEqual(
    [
      '  column  becomes  NULL   empty  bytes',
      '  id      S        0      0      1',
      '  note    S        1,234  0      no values',
    ],
  );
});

test('type in the dump, attribute, dates and rejects are shown where there are any', () => {
  const { attribute: _left, ...leftOut } = column('secret');
  const lines = columnLines([
    column('expires', {
      sourceType: 'datetime',
      attribute: { name: 'ttl', type: 'EPOCH' },
      dates: { firstSeconds: 0, lastSeconds: 86_400 },
      rejectsByCode: { 'not-a-date': 2, 'zero-date': 1_000 },
    }),
    leftOut,
  ]);
  expect(lines.slice(1)).toEqual([
    '  expires  datetime  ttl EPOCH  0     0      no values  1970-01-01 to 1970-01-02  2 not-a-date, 1,000 zero-date',
    '  secret             left out   0     0      no values',
  ]);
});

test('values stand below their column, and one that is shortest and longest only once', () => {
  const values = { shortest: 'a\u001b[2J', longest: 'abc' };
  const lines = columnLines([
    column('x', { bytes: { shortest: 5, longest: 9 }, values }),
    column('y', { bytes: { shortest: 3, longest: 3 }, values: { shortest: 'abc', longest: 'abc' } }),
  ]);
  expect(lines.slice(2, 4)).toEqual(['    shortest  a\\u001b[2J', '    longest   abc']);
  expect(lines.slice(5)).toEqual(['    shortest  abc']);
});
