import { expect, test } from 'vitest';
import {
  parseKey,
  parseMoreNames,
  parseNames,
  parseRenames,
  parseTypes,
} from '../../../src/options/parse/parse-list.ts';

test('names are set apart by commas, blanks around them do not count', () => {
  expect(parseNames('token, user_id,scope', '--columns', undefined)).toEqual(['token', 'user_id', 'scope']);
});

test.each(['', 'a,', ',a', 'a,,b'])('"%s" leaves a name out', (text) => {
  expect(() => parseNames(text, '--columns', undefined)).toThrow('--columns: expected names set apart by commas, got ');
});

test('a name given twice is refused', () => {
  expect(() => parseNames('a,b,a', '--columns', undefined)).toThrow('--columns: "a" is named twice');
});

test('columns to omit add up over several flags', () => {
  expect(parseMoreNames('b,c', '--omit', ['a', 'b'])).toEqual(['a', 'b', 'c']);
});

test('a key has one attribute or two', () => {
  expect(parseKey('id', '--key', undefined)).toEqual(['id']);
  expect(parseKey('id,at', '--key', undefined)).toEqual(['id', 'at']);
  expect(() => parseKey('a,b,c', '--key', undefined)).toThrow(
    'expected a partition key, or a partition and a sort key',
  );
});

test('types are read in any case and add up over several flags', () => {
  const first = parseTypes('expires_at=epoch', '--types', undefined);
  expect({ ...parseTypes('user_id=N', '--types', first) }).toEqual({ expires_at: 'EPOCH', user_id: 'N' });
});

test('an unknown type is refused with those that there are', () => {
  expect(() => parseTypes('a=INT', '--types', undefined)).toThrow(
    '--types: expected one of the types S, N, B, BOOL, JSON, EPOCH, HEX, BASE64, got "INT"',
  );
});

test('one column cannot have two types', () => {
  expect(() => parseTypes('a=S,a=N', '--types', undefined)).toThrow('--types: column "a" is given two values');
});

test.each(['a', 'a=', '=b', 'a=b,'])('"%s" is no list of renames', (text) => {
  expect(() => parseRenames(text, '--rename', undefined)).toThrow(
    '--rename: expected column=attribute pairs set apart by commas, got ',
  );
});

test('columns named like the members of an object are columns like any other', () => {
  const renames = parseRenames('constructor=c,__proto__=p', '--rename', undefined);
  expect(Object.entries(renames)).toEqual([
    ['constructor', 'c'],
    ['__proto__', 'p'],
  ]);
  expect(renames['toString']).toBeUndefined();
});
