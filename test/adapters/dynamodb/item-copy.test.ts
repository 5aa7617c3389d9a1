import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePutBytes, joinPuts } from '../../../src/adapters/dynamodb/put-bytes.ts';
import type { Column, KeyRole } from '../../../src/domain/column.ts';
import type { RowFault } from '../../../src/domain/rejected-row.ts';
import type { IndexShape } from '../../../src/domain/table.ts';
import type { Token } from '../../../src/domain/token.ts';
import { csvDialect } from '../../../src/input/csv.ts';
import type { Dialect } from '../../../src/input/framed-rows.ts';
import { mysqlDialect } from '../../../src/input/mysql.ts';
import { RowMapper } from '../../../src/pipeline/map-row.ts';
import type { TokenEncoder } from '../../../src/ports/token-repository.ts';
import { plainCsv } from '../../input/csv-files.ts';
import { rowOf } from '../../pipeline/tokens.ts';

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

const text = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[A-Za-z0-9 !#_.[\]-]{0,70}$/) },
  fc.constantFrom('', 'ä', '漢字😀', '\u2028', 'a\\b', '\u0001', '\u007f', 'NULL'),
);
const number = fc.oneof(
  { weight: 3, arbitrary: fc.integer().map(String) },
  fc.constantFrom('0', '-0', '007', '+5', '1e100', '1.50', '-12.5e-7', '', '1,5', 'x', `${'9'.repeat(38)}`),
);
const date = fc.constantFrom('2026-08-09 10:11:12', '1970-01-01 00:00:00', '0000-00-00 00:00:00', 'no date', '');
const rows = fc.array(fc.tuple(text, text, number, text, date, text), { minLength: 1, maxLength: 30 });

/** Without leave to copy, every value is made a string. */
function reading(encoder: TokenEncoder): TokenEncoder {
  return { encode: (values) => encoder.encode(values), bodyBytes: (payload) => encoder.bodyBytes(payload) };
}

/** What becomes of each row: its fault, or its token with the text of its put. */
function mapAll(dialect: Dialect, bytes: Buffer, encoder: TokenEncoder, options: Options) {
  const mapper = new RowMapper({
    ...{ dialect, columns, encoder, fieldCount: 6, keyNames: ['token'], binary: [] },
    options: { empty: options.empty, timeZone: 'UTC', zeroDates: options.zeroDates },
    globalIndexes: options.index ? [byUser] : [],
  });
  const outcomes: (RowFault | Token)[] = [];
  const framer = dialect.framer('tokens', 1);
  for (const frame of [() => framer.push(bytes), () => framer.end()]) {
    const framed = frame();
    for (let i = 0; i < framed.count; i++) {
      if (framed.kinds[i] === 'blank') continue;
      outcomes.push(mapper.map(framed, i, rowOf(i)) ?? mapper.fault);
    }
  }
  // Only now, so that puts of either sort have gathered in a block.
  return outcomes.map((outcome) => {
    if (!('payload' in outcome)) return outcome;
    const put = joinPuts(Buffer.alloc(0), [outcome], Buffer.alloc(0)).toString();
    return { ...outcome, payload: put };
  });
}

type Options = { readonly empty: 'keep' | 'omit'; readonly zeroDates: 'null' | 'reject'; readonly index: boolean };

test.each([
  { name: 'CSV', dialect: csvDialect({ ...plainCsv, nullText: 'NULL' }), delimiter: ',' },
  { name: "MySQL's text", dialect: mysqlDialect(), delimiter: '\t' },
])('a row of $name is copied as it would have been read and written', ({ dialect, delimiter }) => {
  let copied = 0;
  const options = fc.record<Options>({
    empty: fc.constantFrom('keep', 'omit'),
    zeroDates: fc.constantFrom('null', 'reject'),
    index: fc.boolean(),
  });
  fc.assert(
    fc.property(rows, options, (fields, chosen) => {
      const bytes = Buffer.from(fields.map((row) => `${row.join(delimiter)}\n`).join(''));
      const copying = compilePutBytes(columns);
      const counting: TokenEncoder = {
        ...copying,
        encode(values, plain) {
          if (plain !== undefined) copied++;
          return copying.encode(values, plain);
        },
      };
      const expected = mapAll(dialect, bytes, reading(compilePutBytes(columns)), chosen);
      expect(mapAll(dialect, bytes, counting, chosen)).toEqual(expected);
    }),
    { numRuns: 400 },
  );
  expect(copied).toBeGreaterThan(200);
});

test('an item of which nothing is left is an empty one', () => {
  const encoder = compilePutBytes([column(0, 'a', 'S')]);
  const fields = { bytes: new DataView(new ArrayBuffer(0)), starts: [0], ends: [0], isAscii: true };
  const payload = encoder.encode([undefined], fields);
  expect(encoder.bodyBytes(payload)).toBe('{"PutRequest":{"Item":{}}}'.length);
});
