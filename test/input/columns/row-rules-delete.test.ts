import { expect, test } from 'vitest';
import { deleteRule } from '../../../src/input/columns/row-rules.ts';
import { deleteWhere } from '../../../src/options/syntax/texts.ts';

test.each([
  { text: 'op=D', matches: ['D'], others: ['U', 'd', '', null] },
  { text: 'op!=D', matches: ['U', ''], others: ['D', null] },
  { text: 'op!=', matches: ['x'], others: ['', null] },
  { text: 'op is null', matches: [null], others: ['', 'D'] },
  { text: 'op is not null', matches: ['', 'D'], others: [null] },
  { text: 'op=1', matches: ['1', '\x01', new Uint8Array([1])], others: ['0', '\x00'] },
])('--delete-where "$text" is read, written and tested', ({ text, matches, others }) => {
  const where = deleteWhere.parse(text, '--delete-where');
  expect(deleteWhere.format(where)).toBe(text);
  const { fieldIndex, isDelete } = deleteRule(where, ['token', 'op'], ['token']);
  expect(fieldIndex).toBe(1);
  expect(matches.map(isDelete)).toEqual(matches.map(() => true));
  expect(others.map(isDelete)).toEqual(others.map(() => false));
});

test.each(['op', '=D', 'op==D', 'op=NULL', 'op!=null', 'is null'])('--delete-where %s is refused', (text) => {
  expect(() => deleteWhere.parse(text, '--delete-where')).toThrow('--delete-where: expected COL=VALUE');
});
