import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyOfItem } from '../../../../src/adapters/dynamodb/batch-write.ts';
import { type Item, itemSizeBytes } from '../../../../src/adapters/dynamodb/item/item-text.ts';
import { compilePutBytes, joinPuts } from '../../../../src/adapters/dynamodb/item/put-bytes.ts';
import type { Column, KeyRole } from '../../../../src/domain/column.ts';
import { writeUnitsOf } from '../../../../src/domain/item-size.ts';
import { Row, type RowFault } from '../../../../src/domain/row.ts';
import type { IndexShape } from '../../../../src/domain/table.ts';
import { hashOfText, type Token } from '../../../../src/domain/token.ts';
import { csvDialect } from '../../../../src/input/csv/csv.ts';
import type { Dialect, FramedRows } from '../../../../src/input/framed-rows.ts';
import { mysqlDialect } from '../../../../src/input/mysql/mysql.ts';
import { sqlDialect } from '../../../../src/input/sql/sql.ts';

import { RowMapper } from '../../../../src/pipeline/map-row.ts';
import type { TokenEncoder } from '../../../../src/ports/token-repository.ts';
import { plainCsv } from '../../../input/csv/csv-files.ts';
import { rowOf } from '../../../pipeline/tokens.ts';

const numRuns = process.env['IMPORT_TOKENS_THOROUGH'] === '1' ? 300 : 100;

const role = { type: 'S', maxBytes: 60, required: true, label: 'the partition key' } as const;
const column = (fieldIndex: number, name: string, type: Column['type'], key?: KeyRole): Column => ({
  ...{ sourceName: name, fieldIndex, name, type },
  ...(key !== undefined && { key }),
});

/** Fields 0 to 5 of a row; field 3 is left out, and the order is not that of the source. */
const columns = [
  column(1, 'user "id" ä', 'S'),
  column(0, 'token', 'S', role),
  column(2, 'uses', 'N'),
  column(5, 'note', 'S'),
  column(4, 'expires', 'EPOCH'),
];
const byUser: IndexShape = { name: 'by-user', key: [{ name: 'user "id" ä', type: 'S' }], include: ['note'] };
const partitionKey = { name: 'token', type: 'S' } as const;
const sortKey = { name: 'note', type: 'S' } as const;
/** In some tables the note is part of the key. */
const withSortKey = columns.map((one) => (one.name === 'note' ? { ...one, key: role } : one));

const calm = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[A-Za-z0-9 !#_.[\]-]{0,70}$/) },
  fc.constantFrom('', 'ä', '漢字😀', '\u2028', '\u0001', '\u007f', 'NULL'),
  fc.constantFrom('x'.repeat(1100), 'ä'.repeat(600)),
);
const number = fc.oneof(
  { weight: 3, arbitrary: fc.integer().map(String) },
  fc.constantFrom('0', '-0', '007', '+5', '1e100', '1.50', '-12.5e-7', '', '1,5', 'x', `${'9'.repeat(38)}`),
);
const date = fc.constantFrom('2026-08-09 10:11:12', '1970-01-01 00:00:00', '0000-00-00 00:00:00', 'no date', '');

/** Without leave to copy, every value is made a string. */
function reading(encoder: TokenEncoder): TokenEncoder {
  return { encode: (values) => encoder.encode(values), bodyBytes: (payload) => encoder.bodyBytes(payload) };
}

type Options = {
  readonly empty: 'keep' | 'omit';
  readonly zeroDates: 'null' | 'reject';
  readonly index: 'global' | 'local' | 'none';
  readonly hasSortKey: boolean;
  /** Of the source, in bytes: shorter than a character of UTF-8, than a field, than a row, and longer. */
  readonly chunkBytes: number;
};

const options = fc.record<Options>({
  empty: fc.constantFrom('keep', 'omit'),
  zeroDates: fc.constantFrom('null', 'reject'),
  index: fc.constantFrom('none', 'global', 'local'),
  hasSortKey: fc.boolean(),
  chunkBytes: fc.constantFrom(1, 5, 50, 500, 100_000),
});

/** What becomes of each row: its fault, or its token with the text of its put. */
function mapAll(dialect: Dialect, bytes: Buffer, encoder: TokenEncoder, chosen: Options) {
  const { empty, zeroDates, index, hasSortKey, chunkBytes } = chosen;
  const mapper = new RowMapper({
    ...{ dialect, columns: columnsFor(chosen), encoder, fieldCount: 6, binary: [] },
    keyNames: hasSortKey ? ['token', 'note'] : ['token'],
    options: { empty, timeZone: 'UTC', zeroDates },
    globalIndexes: index === 'global' ? [byUser] : [],
    localIndexes: index === 'local' ? [byUser] : [],
  });
  const outcomes: (RowFault | (Token & { readonly itemBytes: number }))[] = [];
  const framer = dialect.framer('tokens', 1);
  const take = (framed: FramedRows) => {
    for (let i = 0; i < framed.count; i++) {
      if (framed.kinds[i] === 'blank') continue;
      const [start, next] = [framed.starts[i]!, framed.nexts[i]!];
      const token = mapper.map(framed, i, new Row(framed.buffer, start, next - start, 0, i, i, 1, start));
      outcomes.push(token === undefined ? mapper.fault : { ...token, key: token.key, itemBytes: mapper.itemBytes });
    }
  };
  for (let at = 0; at < bytes.length; at += chunkBytes) take(framer.push(bytes.subarray(at, at + chunkBytes)));
  take(framer.end());
  // Only now, so that puts of either sort have gathered in a block.
  return outcomes.map((outcome) => {
    if (!('payload' in outcome)) return outcome;
    const put = joinPuts(Buffer.alloc(0), [outcome], Buffer.alloc(0)).toString();
    return { ...outcome, payload: put, slab: undefined, row: outcome.row.ordinal };
  });
}

function columnsFor({ hasSortKey }: Options): readonly Column[] {
  return hasSortKey ? withSortKey : columns;
}

test.each([
  {
    name: 'CSV',
    dialect: csvDialect({ ...plainCsv, nullText: 'NULL' }),
    delimiter: ',',
    special: ['a\\b', '"a, ""b"" c"', '"NULL"', '"line\nline"', 'st"ray', '"x"y'],
  },
  {
    name: 'CSV with empty text for NULL',
    dialect: csvDialect({ ...plainCsv, nullText: '' }),
    delimiter: ',',
    special: ['""', 'a\\b'],
  },
  {
    name: 'CSV separated by what JSON escapes',
    dialect: csvDialect({ ...plainCsv, delimiter: '"', quote: "'", escape: '\\' }),
    delimiter: '"',
    special: ["'a \\' \" b'", 'a\\b', '\t'],
  },
  {
    name: "MySQL's text",
    dialect: mysqlDialect(),
    delimiter: '\t',
    special: ['\\N', 'a\\\\b', 'a\\\tb', '\\0', 'a\\b', '"', 'N'],
  },
  {
    name: 'an SQL dump',
    dialect: sqlDialect({ table: { name: 't' }, columns: [], allowIncomplete: true, maxRowBytes: 1_000_000 }),
    delimiter: ',',
    special: ['NULL', '12', '-0.5', ' 7', "'a\\'b'", "'a''b'", "_binary 'a'", '0x61', "'\"'"],
    write: (rows: readonly (readonly string[])[], special: readonly string[]) => {
      const literal = (field: string) => (special.includes(field) ? field : `'${field}'`);
      return `INSERT INTO \`t\` VALUES ${rows.map((row) => `(${row.map(literal).join(',')})`).join(',')};\n`;
    },
  },
])('a row of $name is copied as it would have been read and written', ({ dialect, delimiter, special, write }) => {
  let copied = 0;
  let accepted = 0;
  // Mostly rows of the calm, so that a row of either sort often follows one of the other.
  const text = fc.oneof({ weight: 20, arbitrary: calm }, fc.constantFrom(...special));
  const row = fc.oneof(
    { weight: 9, arbitrary: fc.tuple(text, text, number, text, date, text) },
    fc.array(text, { minLength: 1, maxLength: 8 }),
  );
  const rows = fc.array(row, { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(rows, fc.constantFrom('\n', '\r\n'), options, (fields, lineEnd, chosen) => {
      const lines = fields.map((row) => `${row.join(delimiter)}${lineEnd}`).join('');
      const bytes = Buffer.from(write === undefined ? lines : write(fields, special));
      const copying = compilePutBytes(columnsFor(chosen));
      const counting: TokenEncoder = {
        ...copying,
        encode(values, plain) {
          if (plain !== undefined) copied++;
          return copying.encode(values, plain);
        },
      };
      const outcomes = mapAll(dialect, bytes, counting, chosen);
      expect(outcomes).toEqual(mapAll(dialect, bytes, reading(compilePutBytes(columnsFor(chosen))), chosen));
      for (const outcome of outcomes) {
        if (!('payload' in outcome)) continue;
        accepted++;
        const { Item } = (JSON.parse(outcome.payload as string) as { PutRequest: { Item: Item } }).PutRequest;
        expect(outcome.itemBytes).toBe(itemSizeBytes(Item));
        expect(outcome.key).toBe(keyOfItem(Item, chosen.hasSortKey ? [partitionKey, sortKey] : [partitionKey]));
        if (outcome.keyHash !== undefined) expect(outcome.keyHash).toBe(hashOfText(outcome.key));
        if (chosen.index !== 'local') expect(outcome.writeUnits).toBe(writeUnitsOf(outcome.itemBytes));
        expect(outcome.bodyBytes).toBe(Buffer.byteLength(outcome.payload as string));
      }
    }),
    { numRuns },
  );
  expect(copied).toBeGreaterThan(numRuns / 3);
  expect(accepted - copied).toBeGreaterThan(numRuns / 3);
});

test.each([
  ['B', 'AAEC', { B: 'AAEC' }],
  ['B', '', undefined],
  ['BOOL', '1', { BOOL: true }],
  ['JSON', '7', { N: '7' }],
] as const)('where a column is %s, texts beside it are still theirs', (type, field, value) => {
  const mixed = [column(0, 'token', 'S', role), column(1, 'other', type), column(2, 'note', 'S')];
  const dialect = csvDialect(plainCsv);
  const mapper = new RowMapper({
    ...{ dialect, columns: mixed, encoder: compilePutBytes(mixed), fieldCount: 3, keyNames: ['token'], binary: [] },
    options: { empty: 'omit', timeZone: 'UTC', zeroDates: 'reject' },
  });
  const token = mapper.map(dialect.framer('tokens', 1).push(Buffer.from(`abc,${field},ä\n`)), 0, rowOf(0))!;
  const put = joinPuts(Buffer.alloc(0), [token], Buffer.alloc(0)).toString();
  expect(JSON.parse(put).PutRequest.Item).toEqual({ token: { S: 'abc' }, other: value, note: { S: 'ä' } });
  expect(token.bodyBytes).toBe(Buffer.byteLength(put));
});

test('an item of which nothing is left is an empty one', () => {
  const encoder = compilePutBytes([column(0, 'a', 'S')]);
  const fields = { bytes: new DataView(new ArrayBuffer(0)), starts: [0], ends: [0], isAscii: true };
  const payload = encoder.encode([undefined], fields);
  expect(encoder.bodyBytes(payload)).toBe('{"PutRequest":{"Item":{}}}'.length);
});
