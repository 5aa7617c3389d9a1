import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../../src/adapters/dynamodb/connection.ts';
import { createDynamoRepository } from '../../../src/adapters/dynamodb/dynamo-repository.ts';
import { describeTable } from '../../../src/adapters/dynamodb/table/describe-table.ts';
import { systemClock } from '../../../src/adapters/system/system-clock.ts';
import type { ToldType } from '../../../src/domain/column.ts';
import { Row } from '../../../src/domain/row.ts';
import type { KeyAttribute } from '../../../src/domain/table.ts';
import { type Batch, batchOf, type Token } from '../../../src/domain/token.ts';
import type { WriteResult } from '../../../src/domain/write-result.ts';
import { resolveColumns } from '../../../src/input/columns/columns.ts';
import { csvDialect } from '../../../src/input/csv/csv.ts';
import { RowReader } from '../../../src/input/row-reader.ts';
import { RunningHash } from '../../../src/input/source-hash.ts';
import { RowMapper } from '../../../src/pipeline/map-row.ts';
import { plainCsv } from '../../input/csv/csv-files.ts';
import { textSource } from '../../input/text-source.ts';
import { staticKeys, withAwsEnvironment } from '../../support/aws-environment.ts';
import { dynoxidePath, type Engine, startDynoxide, testRegion } from '../../support/engines.ts';
import { type Random, randomBelow, seededRandom } from '../../support/seeded-random.ts';

withAwsEnvironment(staticKeys);

/** All 10,000 where `.ci/run` asks for them. */
const itemCount = process.env['IMPORT_TOKENS_THOROUGH'] === '1' ? 10_000 : 1_000;
const seed = 7;
const types: Readonly<Record<string, ToldType>> = {
  ...{ id: 'S', at: 'N', user: 'S', quota: 'N', hash: 'B', active: 'BOOL' },
  ...{ details: 'JSON', expires: 'EPOCH', 'notiz ä': 'S', blob: 'B' },
};
const names = Object.keys(types);
const key: readonly KeyAttribute[] = [
  { name: 'id', type: 'S' },
  { name: 'at', type: 'N' },
];

describe.skipIf(dynoxidePath === undefined)('where dynoxide is installed', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startDynoxide();
    await engine.createTable('units', key, tableWithIndexes());
  });
  afterAll(() => engine?.stop());

  test('the permits of random items of every type are what table and indexes say that they consumed', async () => {
    const connection = await connect({
      ...{ endpointUrl: engine.endpointUrl, region: testRegion, requestTimeoutMs: 10_000, concurrency: 8 },
      clock: systemClock,
    });
    const table = await describeTable(connection, 'units');
    const indexNames = table.globalIndexes.map(({ name }) => name);
    const repository = createDynamoRepository(connection, { tableName: 'units', key, indexNames });
    const columns = resolveColumns(names, {
      types,
      rename: {},
      omit: [],
      tableKey: key,
      indexes: table.globalIndexes,
    });
    const mapper = new RowMapper({
      ...{ columns, dialect: dialect(), keyNames: ['id', 'at'], fieldCount: names.length, binary: [] },
      options: { empty: 'keep', timeZone: 'UTC', zeroDates: 'reject' },
      encoder: repository.encoder(columns),
      ...{ globalIndexes: table.globalIndexes, localIndexes: table.localIndexes },
    });
    try {
      const tokens = await tokensOf(csvText(seededRandom(seed)), mapper);
      expect(tokens.length).toBe(itemCount);
      const units = tokens.map(({ writeUnits }) => writeUnits);
      expect([Math.min(...units), Math.max(...units) > 40]).toEqual([1, true]);
      for (let from = 0; from < tokens.length; from += 25) {
        const batch = batchOf(tokens.slice(from, from + 25));
        expect(consumedBy(await repository.write(batch))).toEqual(permitsOf(batch));
      }
    } finally {
      await repository.close();
      await connection.close();
    }
  });
});

function permitsOf({ writeUnits, indexUnits }: Batch) {
  return { table: writeUnits, indexes: indexUnits };
}

function consumedBy(result: WriteResult) {
  if (result.kind !== 'accepted') return result;
  return { table: result.consumedWriteUnits, indexes: result.consumedIndexUnits };
}

/** An index of each projection, and a local one, which draws on the table. */
function tableWithIndexes() {
  const index = (name: string, hash: string, ProjectionType: 'ALL' | 'KEYS_ONLY' | 'INCLUDE', range?: string) => ({
    IndexName: name,
    KeySchema: [
      { AttributeName: hash, KeyType: 'HASH' as const },
      ...(range === undefined ? [] : [{ AttributeName: range, KeyType: 'RANGE' as const }]),
    ],
    Projection: { ProjectionType, ...(ProjectionType === 'INCLUDE' && { NonKeyAttributes: ['details', 'notiz ä'] }) },
  });
  return {
    AttributeDefinitions: ['id', 'at', 'user', 'quota', 'hash'].map((AttributeName) => ({
      AttributeName,
      AttributeType: types[AttributeName] as 'S' | 'N' | 'B',
    })),
    GlobalSecondaryIndexes: [
      index('by-user', 'user', 'ALL', 'quota'),
      index('by-quota', 'quota', 'KEYS_ONLY'),
      index('by-hash', 'hash', 'INCLUDE'),
    ],
    LocalSecondaryIndexes: [index('by-id-and-user', 'id', 'KEYS_ONLY', 'user')],
  };
}

function dialect() {
  return csvDialect({ ...plainCsv, nullText: 'NULL' });
}

async function tokensOf(text: string, mapper: RowMapper): Promise<Token[]> {
  const tokens: Token[] = [];
  for await (const { rows } of new RowReader(textSource([text], 64 * 1024), dialect(), new RunningHash()).blocks()) {
    for (let i = 0; i < rows.count; i++) {
      const length = rows.nexts[i]! - rows.starts[i]!;
      const token = mapper.map(rows, i, new Row(rows.buffer, rows.starts[i]!, length, 0, tokens.length, 1, 1, 0));
      if (token === undefined) throw new Error(`row ${tokens.length}: ${mapper.fault.message}`);
      tokens.push(token);
    }
  }
  return tokens;
}

/** Rows of which one in five lacks an attribute, that of an index's key too; most are small, a few over 40 KB. */
function csvText(random: Random): string {
  const orNull = (text: string) => (random() < 0.2 ? 'NULL' : quoted(text));
  const lines = Array.from({ length: itemCount }, (_, n) => {
    const long = random() < 0.05 ? 45_000 : 600;
    return [
      quoted(`${anyText(random, 30)}${n}`),
      anyNumber(random),
      orNull(anyText(random, 50) || 'u'),
      orNull(anyNumber(random)),
      orNull(base64(random, 1 + randomBelow(random, 40))),
      orNull(random() < 0.5 ? 'true' : '0'),
      orNull(JSON.stringify(anyDocument(random, 3))),
      orNull(new Date(randomBelow(random, 4e9) * 1000).toISOString()),
      orNull(anyText(random, long)),
      orNull(base64(random, randomBelow(random, long))),
    ].join(',');
  });
  return `${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

const letters = ['a', 'Z', '0', ' ', '"', ',', '\n', 'ä', 'ß', '€', '漢', '😀', '\u0000', '\\'];

function anyText(random: Random, most: number): string {
  const isPlain = random() < 0.5;
  const length = randomBelow(random, most);
  return Array.from({ length }, () => (isPlain ? 'x' : letters[randomBelow(random, letters.length)])).join('');
}

function anyNumber(random: Random): string {
  const digits = Array.from({ length: 1 + randomBelow(random, 38) }, () => randomBelow(random, 10)).join('');
  const exponent = randomBelow(random, 3) === 0 ? `e${randomBelow(random, 160) - 80}` : '';
  const point = randomBelow(random, digits.length);
  const fraction = point === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return `${random() < 0.3 ? '-' : ''}${fraction}${exponent}`;
}

function base64(random: Random, bytes: number): string {
  return Buffer.from(Array.from({ length: bytes }, () => randomBelow(random, 256))).toString('base64');
}

function anyDocument(random: Random, depth: number): unknown {
  switch (randomBelow(random, depth === 0 ? 4 : 6)) {
    case 0:
      return null;
    case 1:
      return random() < 0.5;
    case 2:
      return anyText(random, 20);
    case 3:
      return Number((random() * 10 ** randomBelow(random, 12)).toPrecision(1 + randomBelow(random, 15)));
    case 4:
      return Array.from({ length: randomBelow(random, 5) }, () => anyDocument(random, depth - 1));
    default:
      return Object.fromEntries(
        Array.from({ length: randomBelow(random, 5) }, () => [anyText(random, 12), anyDocument(random, depth - 1)]),
      );
  }
}
