import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Column, type Field, ValueSet } from '../../../src/domain/column.ts';
import { canonicalNumber } from '../../../src/domain/number.ts';
import { columnMapper, FieldFault, type MappingOptions } from '../../../src/input/columns/column-mapper.ts';
import { itemBytes } from '../../support/plain-table/item-size.ts';

function mapper(
  type: Column['type'],
  separator: string | undefined,
  more: Partial<Column> = {},
  empty: MappingOptions['empty'] = 'keep',
) {
  const column = { sourceName: 'tags', fieldIndex: 0, name: 'tags', type, ...more };
  return columnMapper(separator === undefined ? column : { ...column, separator }, {
    empty,
    timeZone: 'UTC',
    zeroDates: 'reject',
  });
}

function faultOf(type: 'NS' | 'SS', field: Field) {
  const fault = mapper(type, '|').convert(field);
  if (!(fault instanceof FieldFault)) throw new Error('Expected a fault');
  return fault;
}

const separator = fc.constantFrom('|', ',', ' ', '\t', '.', '😀');
const part = fc.oneof(fc.constantFrom('a', 'b', '', 'ä', '漢字', '"'), fc.string({ maxLength: 5 }));
const number = fc.oneof(fc.integer().map(String), fc.constantFrom('007', '+5', '1e3', '-0', '0'));

test('text is split at each separator, and a set keeps each part once', () => {
  fc.assert(
    fc.property(separator, fc.array(part, { minLength: 1 }), (mark, parts) => {
      const text = parts.join(mark);
      // A part may hold the separator too.
      const expected: string[] = text === '' ? [] : [''];
      for (const character of text) {
        if (character === mark) expected.push('');
        else expected[expected.length - 1] += character;
      }
      const list = mapper('L', mark);
      const set = mapper('SS', mark);
      const [whole, once] = [list.convert(text), set.convert(text)];
      if (text === '') {
        expect([whole, once]).toEqual([undefined, undefined]);
        return;
      }
      expect(whole).toEqual(expected);
      const SS = (once as ValueSet).members;
      expect(new Set(SS)).toEqual(new Set(expected));
      expect(SS.length).toBe(new Set(expected).size);
      // The model counts the name of the attribute too.
      expect(set.sizeBytes(once as ValueSet) + 4).toBe(itemBytes({ tags: { SS: [...SS] } }));
      const L = expected.map((S) => ({ S }));
      expect(list.sizeBytes(whole as string[]) + 4).toBe(itemBytes({ tags: { L } }));
    }),
  );
});

test('the numbers of a set are canonical, and equal ones are kept once', () => {
  fc.assert(
    fc.property(fc.array(number, { minLength: 1 }), (numbers) => {
      const NS = mapper('NS', '|');
      const set = NS.convert(numbers.join('|')) as ValueSet;
      expect(set).toEqual(new ValueSet('NS', [...new Set(numbers.map(canonicalNumber))]));
      expect(NS.sizeBytes(set) + 4).toBe(itemBytes({ tags: { NS: [...set.members] } }));
    }),
  );
});

test.each([
  ['1|x', 'not-a-number', 'has a part that is not a number (it holds letters; --types tags=S keeps text)'],
  ['1| 2', 'not-a-number', 'has a part that is not a number (it has a space at its beginning or end)'],
  ['1|', 'not-a-number', 'has a part that is empty'],
  [`1|${'9'.repeat(39)}`, 'number-too-precise', 'has a part with more than 38 significant digits'],
  ['1e200', 'number-out-of-range', 'has a part outside the range of DynamoDB (1E-130 to 9.99E+125)'],
] as const)('%s is not a set of numbers', (text, code, predicate) => {
  expect(faultOf('NS', text)).toMatchObject({ code, message: `column "tags" ${predicate}` });
});

test('bytes are split as the text they are', () => {
  expect(mapper('L', '|').convert(Buffer.from('ä|b'))).toEqual(['ä', 'b']);
  expect(faultOf('SS', new Uint8Array([255]))).toMatchObject({ code: 'invalid-utf8' });
  expect(mapper('SS', '|').convert(null)).toBeUndefined();
});

test.each(['S', 'N', 'B', 'BOOL', 'JSON', 'EPOCH', 'HEX', 'BASE64', 'SS', 'NS', 'L'] as const)(
  'empty text of type %s becomes NULL where it is to, which takes a byte; NULL is left out',
  (type) => {
    const column = mapper(type, '|', { emptyIsNull: true }, 'null');
    expect([column.convert(''), column.convert(new Uint8Array(0)), column.convert(null)]).toEqual([
      null,
      null,
      undefined,
    ]);
    expect([column.sizeBytes(null), column.sizeBytes(undefined)]).toEqual([1, 0]);
  },
);

test('an empty key is rejected with --empty null, also of an index', () => {
  for (const required of [true, false]) {
    const key = { type: 'S', maxBytes: 9, required, label: 'the key' } as const;
    expect(mapper('S', undefined, { key }, 'null').convert('')).toMatchObject({ code: 'key-empty' });
  }
});
