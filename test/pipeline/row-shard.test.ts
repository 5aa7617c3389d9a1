import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Column, KeyType } from '../../src/domain/column.ts';
import { hashOfPair, hashOfText, keyPart, ownsKey, type Shard } from '../../src/domain/token.ts';
import { csvDialect } from '../../src/input/csv/csv.ts';
import type { Dialect } from '../../src/input/framed-rows.ts';
import { mysqlDialect } from '../../src/input/mysql/mysql.ts';
import { sqlDialect } from '../../src/input/sql/sql.ts';
import { RowShard } from '../../src/pipeline/row-shard.ts';
import { plainCsv } from '../input/csv/csv-files.ts';

const count = 7;
const shards: readonly Shard[] = Array.from({ length: count }, (_, place) => ({ index: place + 1, count }));
const options = { empty: 'keep', timeZone: 'UTC', zeroDates: 'reject' } as const;
const csv = csvDialect(plainCsv);
const mysql = mysqlDialect();
const sql = sqlDialect({
  table: { name: 'tokens' },
  columns: [{ name: 'a' }, { name: 'b' }, { name: 'c' }],
  allowIncomplete: true,
  maxRowBytes: 1024 ** 2,
});

type Types = readonly (KeyType | undefined)[];

/** The indexes of the shards that take each row of a text with columns `a`, `b` and `c`. Those with a type are the key. */
function owners(text: string, dialect: Dialect = csv, types: Types = ['S']): readonly number[][] {
  const columns = ['a', 'b', 'c'].map((name, fieldIndex): Column => {
    const type = types[fieldIndex];
    const key = { type: type ?? 'S', maxBytes: 40, required: true, label: 'the key' } as const;
    return { sourceName: name, fieldIndex, name, type: type ?? 'S', ...(type !== undefined && { key }) };
  });
  const keyNames = columns.filter(({ key }) => key !== undefined).map(({ name }) => name);
  const decoder = dialect.decoder([false, false, false]);
  const mapping = { fieldCount: 3, columns, keyNames, options };
  const all = shards.map((shard) => new RowShard(shard, decoder, mapping));
  const framer = dialect.framer('tokens', 1);
  const found: number[][] = [];
  for (const end of [false, true]) {
    const rows = end ? framer.end() : framer.push(Buffer.from(text));
    for (let i = 0; i < rows.count; i++) {
      if (rows.kinds[i] === 'blank') continue;
      const fault = decoder.decode(rows, i);
      const ordinal = found.length;
      found.push(all.flatMap((shard, place) => (shard.leaves(ordinal, fault, rows.ascii) ? [] : [place + 1])));
    }
  }
  return found;
}

const shardOfHash = (hash: number) => shards.find((shard) => ownsKey(shard, hash))!.index;
const shardOfKey = (type: KeyType, value: string) => shardOfHash(hashOfText(keyPart(type, value)));

const plainText = fc.stringMatching(/^[a-zé0-9 _-]{1,12}$/);

test('the shard of a key is the same in every dialect, whether the row is quoted or not', () => {
  fc.assert(
    fc.property(plainText, fc.constantFrom<KeyType>('S', 'N'), fc.nat(), (text, type, number) => {
      const key = type === 'S' ? text : String(number);
      const expected = [[shardOfKey(type, key)]];
      expect(owners(`${key},x,1\n`, csv, [type])).toEqual(expected);
      expect(owners(`"${key}","x ""y""",1\n`, csv, [type])).toEqual(expected);
      expect(owners(`${key},x\\y,1\n`, csv, [type])).toEqual(expected);
      expect(owners(`${key}\tx\t1\n`, mysql, [type])).toEqual(expected);
      expect(owners(`${key}\tx\\\\y\t\\N\n`, mysql, [type])).toEqual(expected);
      expect(owners(`INSERT INTO \`tokens\` VALUES ('${key}','x',1);\n`, sql, [type])).toEqual(expected);
    }),
  );
});

test('a key of two parts has the shard of both together', () => {
  fc.assert(
    fc.property(plainText, fc.nat(), (text, number) => {
      const expected = [[shardOfHash(hashOfPair(hashOfText(text), hashOfText(String(number))))]];
      expect(owners(`${text},${number},1\n`, csv, ['S', 'N'])).toEqual(expected);
      expect(owners(`"${text}",${number},1\n`, csv, ['S', 'N'])).toEqual(expected);
      expect(owners(`${text}\t${number}\tx\\\\y\n`, mysql, ['S', 'N'])).toEqual(expected);
    }),
  );
});

test('numbers that are one key belong to one shard', () => {
  for (const number of ['100', '100.0', '1e2', '+100', '0100', '1.00E+2']) {
    expect(owners(`${number},x,1\n`, csv, ['N']), number).toEqual([[shardOfKey('N', '100')]]);
  }
  expect(owners('0,x,1\n-0,x,1\n0.0,x,1\n', csv, ['N'])).toEqual(Array(3).fill([shardOfKey('N', '0')]));
});

test('rows whose key cannot be read belong to the shards in turn, one each', () => {
  const tooLong = 'k'.repeat(41);
  const lines = [',x,1', `${tooLong},x,1`, 'a,x', '"a"b,x,1', 'a,x,1,2', '"",x,1', 'é'.repeat(30)];
  expect(owners(lines.map((line) => `${line}\n`).join(''))).toEqual([[1], [2], [3], [4], [5], [6], [7]]);
  expect(owners('x,x,1\n,x,1\n1e999,x,1\n', csv, ['N'])).toEqual([[1], [2], [3]]);
  expect(owners('a,,1\na,b,1\n', csv, ['S', 'S'])[0]).toEqual([1]);
});

test('a row that is rejected for another column belongs to the shard of its key', () => {
  expect(owners('a,x,many\n')).toEqual([[shardOfKey('S', 'a')]]);
});

test('a key that a template makes has the shard of its text', () => {
  const key = { type: 'S', maxBytes: 40, required: true, label: 'the key' } as const;
  const template = ['user#', { sourceName: 'b', fieldIndex: 1 }];
  const column: Column = { sourceName: 'pk', fieldIndex: -1, name: 'pk', type: 'S', key, template };
  const decoder = csv.decoder([false, false, false]);
  const mapping = { fieldCount: 3, columns: [column], keyNames: ['pk'], options };
  const all = shards.map((shard) => new RowShard(shard, decoder, mapping));
  for (const line of ['a,7,c\n', '"a","7",c\n']) {
    const rows = csv.framer('tokens', 1).push(Buffer.from(line));
    const fault = decoder.decode(rows, 0);
    const owned = all.flatMap((shard, place) => (shard.leaves(0, fault, rows.ascii) ? [] : [place + 1]));
    expect(owned).toEqual([shardOfKey('S', 'user#7')]);
  }
});
