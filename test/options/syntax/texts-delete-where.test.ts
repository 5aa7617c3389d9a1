import { expect, test } from 'vitest';
import { deleteWhere } from '../../../src/options/syntax/texts.ts';

const flag = '--delete-where';

test.each([
  ['op=D', { column: 'op', test: 'equals', value: 'D' }, 'op=D'],
  [' op = D ', { column: 'op', test: 'equals', value: 'D' }, 'op=D'],
  ['op!=D', { column: 'op', test: 'differs', value: 'D' }, 'op!=D'],
  ['op=', { column: 'op', test: 'equals', value: '' }, 'op='],
  ['op=a=b', { column: 'op', test: 'equals', value: 'a=b' }, 'op=a=b'],
  ['deleted at is null', { column: 'deleted at', test: 'null', value: '' }, 'deleted at is null'],
  ['deleted_at IS NOT NULL', { column: 'deleted_at', test: 'not-null', value: '' }, 'deleted_at is not null'],
])('%s is a condition, and is written as one', (text, condition, written) => {
  expect(deleteWhere.parse(text, flag)).toEqual(condition);
  expect(deleteWhere.format(condition as never)).toBe(written);
  expect(deleteWhere.parse(written, flag)).toEqual(condition);
});

test.each(['op', '', '=D', '!=D', 'is null', 'op==D', 'op is D'])('"%s" is no condition', (text) => {
  expect(() => deleteWhere.parse(text, flag)).toThrow('--delete-where: expected COL=VALUE, COL!=VALUE');
});

test('a comparison with NULL is refused with what was meant, and a second condition as such', () => {
  const hintOf = (text: string) => {
    try {
      return deleteWhere.parse(text, flag);
    } catch (error) {
      return (error as { hint?: string }).hint;
    }
  };
  expect(hintOf('at=NULL')).toBe("Did you mean --delete-where 'at is null'?");
  expect(hintOf('at!=null')).toBe("Did you mean --delete-where 'at is not null'?");
  const first = deleteWhere.parse('op=D', flag);
  expect(() => deleteWhere.parse('op=X', flag, first)).toThrow(
    '--delete-where is given twice, but takes one condition',
  );
});
