import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Column, DeclaredColumn } from '../../src/domain/column.ts';
import { hashOfText, type Token } from '../../src/domain/token.ts';
import { csvDialect } from '../../src/input/csv/csv.ts';
import { mysqlDialect } from '../../src/input/mysql/mysql.ts';
import { RowMapper } from '../../src/pipeline/map-row.ts';
import { BlockRows } from '../../src/pipeline/take-rows.ts';
import { plainCsv } from '../input/csv/csv-files.ts';
import { rowOf } from './tokens.ts';

const keyAs = (label: string) => ({ type: 'S', maxBytes: 2048, required: true, label }) as const;
const columns: Column[] = [
  { sourceName: 'a', fieldIndex: 0, name: 'a', type: 'S', key: keyAs('the partition key') },
  { sourceName: 'b', fieldIndex: 1, name: 'b', type: 'S', key: keyAs('the sort key') },
  { sourceName: 'c', fieldIndex: 2, name: 'c', type: 'S' },
];

/** What becomes of a line of three columns, in a table with these keys. */
function map(line: string, keyNames: readonly string[] = ['a']): { token: Token | undefined; mapper: RowMapper } {
  const dialect = csvDialect(plainCsv);
  const mapper = new RowMapper({
    ...{ dialect, columns, keyNames, fieldCount: 3, binary: [false, false, false] },
    options: { empty: 'keep', timeZone: 'UTC', zeroDates: 'reject' },
    encoder: {
      encode: (values) => values.join('|'),
      bodyBytes: (payload) => String(payload).length,
      copy: (payload) => `copy of ${payload}`,
    },
  });
  const framed = dialect.framer('tokens.csv', 1).push(Buffer.from(`${line}\n`));
  expect(framed.count).toBe(1);
  const row = new BlockRows({ rows: framed, fileIndex: 0, line: 1, byteOffset: 0 });
  row.advance();
  return { token: mapper.map(framed, 0, row.row(0)), mapper };
}

const keyOf = (line: string, keyNames: readonly string[]) => map(line, keyNames).token?.key;

test('a key is that of partition and sort key where the table has both, else of the partition key alone', () => {
  expect(keyOf('x,y,1', ['a'])).toBe(keyOf('x,z,2', ['a']));
  expect(keyOf('x,y,1', ['a', 'b'])).not.toBe(keyOf('x,z,1', ['a', 'b']));
  expect(keyOf('x,y,1', ['a', 'b'])).toBe(keyOf('x,y,2', ['a', 'b']));
  expect(keyOf('x,y,1', ['b', 'a'])).toBe(keyOf('y,x,1', ['a', 'b']));
  expect(keyOf('xy,z,1', ['a', 'b'])).not.toBe(keyOf('x,yz,1', ['a', 'b']));
});

test('a token carries the hash of its key where the row holds the key as it is', () => {
  for (const line of ['x,y,1', '"x",y,1', 'xé,y,1', 'x,yé,1', 'a\\b,y,1', 'token-1,y,1']) {
    for (const keyNames of [['a'], ['b'], ['a', 'b']]) {
      const { key, keyHash } = map(line, keyNames).token!;
      expect(keyHash ?? hashOfText(key)).toBe(hashOfText(key));
    }
  }
  expect([map('x,y,1').token?.keyHash, map('"x",y,1').token?.keyHash]).toEqual([hashOfText('x'), undefined]);
});

test('a token carries what the encoder made of the row, its bytes and its write units', () => {
  expect(map('x,y,1').token).toMatchObject({ payload: 'x|y|1', bodyBytes: 5, writeUnits: 1 });
  // Names and values of an item count: three names of one byte each, and what is left for 1 KB.
  expect(map(`x,y,${'v'.repeat(1024 - 5)}`).token).toMatchObject({ writeUnits: 1 });
  expect(map(`x,y,${'v'.repeat(1024 - 4)}`).token).toMatchObject({ writeUnits: 2 });
});

test('a token that is held for long holds a copy of what the encoder made', () => {
  const { token, mapper } = map('x,y,1');
  mapper.detach(token!);
  expect(token).toMatchObject({ key: 'x', payload: 'copy of x|y|1' });
});

test('an item of 400 KB is the largest: one byte more is rejected with its size', () => {
  expect(map(`x,y,${'v'.repeat(409_600 - 5)}`).token).toMatchObject({ writeUnits: 400 });
  const { token, mapper } = map(`x,y,${'v'.repeat(409_600 - 4)}`);
  expect(token).toBeUndefined();
  expect(mapper.fault).toEqual({
    code: 'item-too-large',
    message: 'the row makes an item of 409,601 bytes; the table takes 409,600',
  });
});

test.each([
  ['x,y', 'ragged-row', 'the row has 2 fields where 3 are expected'],
  ['x,y,1,2', 'ragged-row', 'the row has 4 fields where 3 are expected'],
  ['x,"y"z,1', 'misplaced-quote', 'quote'],
  [',y,1', 'key-empty', 'partition key'],
])('%s is rejected as %s', (line, code, message) => {
  const { token, mapper } = map(line);
  expect(token).toBeUndefined();
  expect(mapper.fault).toMatchObject({ code, message: expect.stringContaining(message) });
});

test('rows with one fault share it, so that a thousand of them hold its text once', () => {
  const dialect = csvDialect(plainCsv);
  const { mapper } = map('x,y,1');
  const rows = dialect.framer('tokens.csv', 1).push(Buffer.from('a\nb\nx,y,1\nc\nd,e\nf\n'));
  const faults = Array.from({ length: rows.count }, (_, i) =>
    mapper.map(rows, i, rowOf(i)) === undefined ? mapper.fault : undefined,
  );
  expect(faults[0]).toMatchObject({ code: 'ragged-row', message: expect.stringContaining('has 1 field ') });
  expect(faults[1]).toBe(faults[0]);
  expect(faults[2]).toBeUndefined();
  expect(faults[3]).toBe(faults[0]);
  expect(faults[4]).toMatchObject({ message: expect.stringContaining('has 2 fields') });
  expect(faults[5]).toEqual(faults[0]);
});

test('a copied text is checked against its declared type as a converted one is', () => {
  const dialect = mysqlDialect();
  const declared = (sqlType: string, members?: readonly string[]): DeclaredColumn => ({
    ...{ sqlType, nullable: false, writtenBy: 'mysql' as const },
    ...(members !== undefined && { members }),
  });
  const types = [
    declared('varchar(8)'),
    declared('char(3)'),
    declared('enum', ['a', 'é']),
    declared('set', ['a', 'b']),
    declared('date'),
    declared('time(2)'),
    declared('json'),
  ];
  const typed = types.map((one, i): Column => {
    const name = `c${i}`;
    return {
      sourceName: name,
      fieldIndex: i,
      name,
      type: 'S',
      declared: one,
      ...(i === 0 && { key: keyAs('the key') }),
    };
  });
  const mapperThat = (copiesFields: boolean) =>
    new RowMapper({
      ...{ dialect, columns: typed, keyNames: ['c0'], fieldCount: types.length, binary: [] },
      options: { empty: 'keep', timeZone: 'UTC', zeroDates: 'reject' },
      encoder: { encode: () => '', bodyBytes: () => 0, copiesFields },
    });
  const [copying, converting] = [mapperThat(true), mapperThat(false)];
  const good = ['0123456', 'é😀a', 'é', 'a,b', '2024-00-00', '-838:59:59.99', '{}'];
  const field = fc.constantFrom(
    '',
    'abcd',
    '😀😀😀',
    '😀😀😀😀',
    'a',
    'b',
    'é',
    'a,b',
    'a,é',
    '2024-01-02',
    '00:00:00.00',
  );
  const seen = { fits: 0, faults: 0 };
  fc.assert(
    fc.property(fc.nat(types.length - 1), field, (at, text) => {
      const line = good.map((fits, i) => (i === at ? text : fits)).join('\t');
      const rows = dialect.framer('tokens.txt', 1).push(Buffer.from(`${line}\n`));
      const token = converting.map(rows, 0, rowOf(0));
      expect(copying.map(rows, 0, rowOf(0)) === undefined).toBe(token === undefined);
      seen[token === undefined ? 'faults' : 'fits']++;
      if (token !== undefined) expect(copying.itemBytes).toBe(converting.itemBytes);
      else expect(copying.fault).toEqual(converting.fault);
    }),
    { numRuns: 500 },
  );
  expect(Math.min(seen.fits, seen.faults)).toBeGreaterThan(0);
});
