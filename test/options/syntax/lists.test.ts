import { expect, test } from 'vitest';
import { columnTypes, keyNames, moreNames, names, renames } from '../../../src/options/syntax/lists.ts';

test('names are separated by commas, blanks around them do not count', () => {
  expect(names.parse('token, user_id,scope', '--columns')).toEqual(['token', 'user_id', 'scope']);
});

test.each(['', 'a,', ',a', 'a,,b'])('"%s" leaves a name out', (text) => {
  expect(() => names.parse(text, '--columns')).toThrow('--columns: expected names separated by commas, got ');
});

test('a name given twice is refused', () => {
  expect(() => names.parse('a,b,a', '--columns')).toThrow('--columns: "a" is named twice');
});

test('columns to omit add up over several flags', () => {
  expect(moreNames.parse('b,c', '--omit', ['a', 'b'])).toEqual(['a', 'b', 'c']);
});

test('a key has one attribute or two', () => {
  expect(keyNames.parse('id', '--key')).toEqual(['id']);
  expect(keyNames.parse('id,at', '--key')).toEqual(['id', 'at']);
  expect(() => keyNames.parse('a,b,c', '--key')).toThrow('expected a partition key, or a partition key and a sort key');
});

test('types are read in any case and add up over several flags', () => {
  const first = columnTypes.parse('expires_at=epoch', '--types');
  expect({ ...columnTypes.parse('user_id=N', '--types', first) }).toEqual({ expires_at: 'EPOCH', user_id: 'N' });
});

test('an unknown type is refused with those that there are', () => {
  expect(() => columnTypes.parse('a=INT', '--types')).toThrow(
    '--types: expected one of the types S, N, B, BOOL, JSON, EPOCH, HEX, BASE64, SS(|), NS(|), L(|), got "INT"',
  );
});

test.each([
  ['tags=ss(|)', 'SS(|)'],
  ['tags=NS(comma)', 'NS(comma)'],
  ['tags=l())', 'L())'],
  ['tags=L( )', 'L( )'],
  ['tags=SS(\t)', 'SS(\\t)'],
  ['tags=SS(\\t)', 'SS(\\t)'],
  ['tags=SS(·)', 'SS(·)'],
])('%s is text to split', (text, type) => {
  const types = columnTypes.parse(text, '--types');
  expect({ ...types }).toEqual({ tags: type });
  expect({ ...columnTypes.parse(columnTypes.format(types) as string, '--types') }).toEqual({ tags: type });
});

test.each([
  ['tags=SS', 'Pass one character to split at, or the word comma: SS(comma).'],
  ['tags=ns(::)', 'Pass one character to split at, or the word comma: NS(comma).'],
  ['tags=L()', 'Pass one character to split at, or the word comma: L(comma).'],
  ['id=S,tags=SS(,)', 'Write the word comma for a comma: tags=SS(comma).'],
])('%s is refused with how to write the separator', (text, hint) => {
  expect(() => columnTypes.parse(text, '--types')).toThrow(expect.objectContaining({ code: 'usage', hint }));
});

test('one column cannot have two types', () => {
  expect(() => columnTypes.parse('a=S,a=N', '--types')).toThrow('--types: column "a" is given two values');
});

test.each(['a', 'a=', '=b', 'a=b,'])('"%s" is no list of renames', (text) => {
  expect(() => renames.parse(text, '--rename')).toThrow(
    '--rename: expected column=attribute pairs separated by commas, got ',
  );
});

test('columns named like the members of an object are columns like any other', () => {
  const given = renames.parse('constructor=c,__proto__=p', '--rename');
  expect(Object.entries(given)).toEqual([
    ['constructor', 'c'],
    ['__proto__', 'p'],
  ]);
  expect(given['toString']).toBeUndefined();
});
