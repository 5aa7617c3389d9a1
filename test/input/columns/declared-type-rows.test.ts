import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Field, ToldType } from '../../../src/domain/column.ts';
import { rowCheck } from '../../../src/input/columns/declared-type.ts';
import { parseTableDefinitions } from '../../../src/input/mysql/definition/table-definition.ts';

const { columns } = parseTableDefinitions(`CREATE TABLE t (
  id varchar(4) NOT NULL, n int DEFAULT NULL, e enum('a') NOT NULL, u binary(2) DEFAULT NULL, b bit(3) NOT NULL
)`)[0]!;
const good: readonly Field[] = ['ab', '1', 'a', Buffer.from('xy'), null];

function check(fields: readonly Field[], told: Readonly<Record<string, ToldType>> = {}, omit: readonly string[] = []) {
  return rowCheck(columns, 'mysql', told, omit)(fields);
}

it('finds nothing wrong with a row that fits its declared types', () => {
  expect(check(good)).toBeUndefined();
});

it('counts the fields before it looks at them', () => {
  const fault = { code: 'ragged-row', message: 'the row has 4 fields where 5 are expected' };
  expect(check(['too long', 'x', 'x', 'x'])).toEqual(fault);
  expect(check([...good, ''])).toMatchObject({ code: 'ragged-row' });
  expect(check(['a'])?.message).toBe('the row has 1 field where 5 are expected');
});

it('tells the first column that does not fit', () => {
  const wrong: readonly Field[] = ['ab', 'x', 'b', null, null];
  expect(check(wrong)).toMatchObject({ code: 'not-as-declared', column: 'n' });
  expect(check(wrong)?.message).toMatch(/^column "n" is not an int /);
  expect(check([null, ...wrong.slice(1)])).toMatchObject({ column: 'id' });
});

it('passes over columns that are omitted, told another type or unknown', () => {
  const wrong: readonly Field[] = [null, 'x', 'b', Buffer.from('xyz'), 'x'];
  expect(check(wrong, { id: 'S', n: 'S' }, ['e', 'u'])).toBeUndefined();
  const unknown = rowCheck(
    columns.map(() => undefined),
    'mysql',
    {},
    [],
  );
  expect(unknown(wrong)).toBeUndefined();
  expect(unknown(wrong.slice(1))).toMatchObject({ code: 'ragged-row' });
});

it('checks numbers, lengths and members of CSV, where bytes may be text and empty fields NULL', () => {
  const csv = rowCheck(columns, 'csv', {}, []);
  expect(csv(['ab', '1.0', 'a', 'any text', '1'])).toBeUndefined();
  expect(csv(['', '', '', '', ''])).toBeUndefined();
  expect(csv(['abcde', '1', 'a', '', ''])).toMatchObject({ column: 'id' });
  expect(csv(['ab', '1.5', 'a', '', ''])).toMatchObject({ column: 'n' });
  expect(csv(['ab', '1', 'b', '', ''])).toMatchObject({ column: 'e' });
});

it('takes any fields, and shows none of them', () => {
  const field = fc.oneof(fc.constant(null), fc.string({ unit: 'binary' }), fc.uint8Array(), fc.constant('s3cr3t'));
  fc.assert(
    fc.property(fc.array(field, { maxLength: 6 }), (fields) => {
      const fault = check(fields);
      if (fault === undefined) expect(fields).toHaveLength(5);
      else expect(fault.message).not.toContain('s3cr3t');
    }),
  );
});
