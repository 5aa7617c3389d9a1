import { expect, test } from 'vitest';
import type { Column } from '../../src/domain/column.ts';
import { type DeleteRule, deleteRule } from '../../src/input/columns/row-rules.ts';
import { csvDialect } from '../../src/input/csv/csv.ts';
import { RowMapper } from '../../src/pipeline/map-row.ts';
import { plainCsv } from '../input/csv/csv-files.ts';
import { planted } from '../support/planted.ts';
import { rowOf } from './tokens.ts';

const names = ['token', 'op', 'n', 'text'];
const keyRole = { type: 'S', maxBytes: 2048, required: true, label: "the table's partition key" } as const;
const plain: readonly Column[] = [
  { sourceName: 'token', fieldIndex: 0, name: 'token', type: 'S', key: keyRole },
  { sourceName: 'n', fieldIndex: 2, name: 'n', type: 'N' },
  { sourceName: 'text', fieldIndex: 3, name: 'text', type: 'S' },
];
const made: readonly Column[] = [
  ...plain.slice(1),
  {
    ...{ sourceName: 'pk', fieldIndex: -1, name: 'pk', type: 'S', key: keyRole },
    template: ['TOKEN#', { sourceName: 'token', fieldIndex: 0 }],
  },
];
const opIsD = (attributes: readonly string[]) =>
  deleteRule({ column: 'op', test: 'equals', value: 'D' }, names, attributes);

/** What becomes of each of these lines: the key and payload of a token, the code of a fault, or `expired`. */
function mapAll(
  lines: readonly string[],
  { columns = plain, deletes = opIsD(['token']), copiesFields = false, skipsExpired = false } = {},
) {
  const dialect = csvDialect({ ...plainCsv, nullText: 'NULL' });
  const mapper = new RowMapper({
    ...{ dialect, columns, deletes, fieldCount: 4, binary: names.map(() => false) },
    keyNames: [columns === made ? 'pk' : 'token'],
    options: { empty: 'keep', timeZone: 'UTC', zeroDates: 'reject' },
    ...(skipsExpired && { expiry: { place: 1, sourceName: 'n', isMade: false, fromSeconds: 100, untilSeconds: 200 } }),
    encoder: {
      encode: (values) => ({ put: [...values] }),
      encodeDelete: (values) => ({ delete: values.filter((value) => value !== undefined) }),
      bodyBytes: () => 10,
      copiesFields,
    },
  });
  const rows = dialect.framer('rows.csv', 1).push(Buffer.from(lines.map((line) => `${line}\n`).join('')));
  expect(rows.count).toBe(lines.length);
  return lines.map((_, index) => {
    const token = mapper.map(rows, index, rowOf(index));
    if (token === undefined) return mapper.hasExpired ? 'expired' : mapper.fault;
    const { deletes: isDelete, writeUnits, payload } = token;
    return { isDelete, writeUnits, payload, isNeverDeleted: mapper.isNeverDeleted };
  });
}

const deleteOf = (...values: readonly string[]) => ({
  ...{ isDelete: true, writeUnits: 1, payload: { delete: values }, isNeverDeleted: false },
});

test.each([false, true])('no column of a delete but its key is checked (fields copied: %s)', (copiesFields) => {
  const large = 'v'.repeat(500_000);
  const lines = ['a,D,no number,x', 'b,D,NULL,NULL', `c,D,1,${large}`, 'd,D,,'];
  expect(mapAll(lines, { copiesFields })).toEqual(['a', 'b', 'c', 'd'].map((key) => deleteOf(key)));
  const puts = lines.map((line) => line.replace(',D,', ',U,'));
  expect(mapAll(puts, { copiesFields })).toMatchObject([
    { code: 'not-a-number' },
    { isDelete: false },
    { code: 'item-too-large' },
    { code: 'not-a-number' },
  ]);
});

test('a delete with a wrong key is rejected, and one with a wrong number of fields', () => {
  const lines = [',D,1,x', 'NULL,D,1,x', `${'k'.repeat(2049)},D,1,x`, 'a,D,1', 'a,D', '"a"b,D,1,x'];
  expect(mapAll(lines)).toMatchObject([
    { code: 'key-empty', column: 'token' },
    { code: 'key-missing', column: 'token' },
    { code: 'key-too-long', column: 'token' },
    { code: 'ragged-row' },
    { code: 'ragged-row' },
    { code: 'misplaced-quote' },
  ]);
});

test.each([false, true])('the key of a delete may be made by a template (fields copied: %s)', (copiesFields) => {
  const options = { columns: made, deletes: opIsD(['pk']), copiesFields };
  const long = `${planted}${'k'.repeat(2043)}`;
  const found = mapAll(['a,D,no number,x', 'b,U,1,x', 'NULL,D,1,x', `${long},D,1,x`, 'c,D,1,x'], options);
  expect(found).toMatchObject([
    deleteOf('TOKEN#a'),
    { isDelete: false },
    { code: 'template-null', column: 'token' },
    { code: 'key-too-long' },
    deleteOf('TOKEN#c'),
  ]);
  expect(JSON.stringify(found)).not.toContain(planted);
});

test('what a condition compares is read of a delete too, and nothing else', () => {
  const deletes: DeleteRule = opIsD(['token', 'n']);
  expect(mapAll(['a,D,7,x', 'b,D,no number,x'], { deletes })).toMatchObject([
    deleteOf('a', '7'),
    { code: 'not-a-number', column: 'n' },
  ]);
});

test('a row that deletes never expires, whatever the row before it did', () => {
  const lines = ['a,U,150,x', 'b,D,150,x', 'c,U,50,x', 'd,D,50,x', 'e,D,1.5,x', 'f,U,1.5,x', 'g,D,300,x', 'h,U,300,x'];
  expect(mapAll(lines, { skipsExpired: true })).toMatchObject([
    'expired',
    deleteOf('b'),
    { isDelete: false, isNeverDeleted: true },
    deleteOf('d'),
    deleteOf('e'),
    { code: 'ttl-not-seconds' },
    deleteOf('g'),
    { isDelete: false, isNeverDeleted: false },
  ]);
  // The fault of a delete after a row that has expired is no expiry.
  expect(mapAll(['a,U,150,x', ',D,150,x'], { skipsExpired: true })).toMatchObject(['expired', { code: 'key-empty' }]);
});
