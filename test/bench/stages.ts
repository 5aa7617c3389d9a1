import { hash } from 'node:crypto';
import { parse } from 'csv-parse';
import { compileItemText } from '../../src/adapters/dynamodb/item/item-text.ts';
import { compilePutBytes } from '../../src/adapters/dynamodb/item/put-bytes.ts';
import { RequestSigner } from '../../src/adapters/dynamodb/wire/request-signer.ts';
import { resolveColumns } from '../../src/input/columns/columns.ts';
import type { Dialect, FramedRows } from '../../src/input/framed-rows.ts';
import { mysqlDialect } from '../../src/input/mysql/mysql.ts';
import { sqlDialect } from '../../src/input/sql/sql.ts';
import { RowShard } from '../../src/pipeline/row-shard.ts';
import { sampleHeader, sqlText, tabText } from './sample-rows.ts';
import { declaredTypes, rowAt, sampleCsv, sampleMapper, sampleNames, sampleTokens } from './sample-tokens.ts';

/** Processes the chunks of a sample file once and returns the number of rows. */
type Pass = () => number | Promise<number>;

/** Each stage together with those before it, and its floor: what any code for it must do. */
export const stages: Readonly<Record<string, (chunks: readonly Buffer[]) => Pass>> = {
  'find line ends only': (chunks) => () => countLineEnds(chunks),
  frame: (chunks) => () => frame(sampleCsv, chunks, () => {}),
  'split lines only': (chunks) => () => splitLines(chunks),
  'frame, decode': (chunks) => decode(sampleCsv, chunks),
  'frame, decode, find shard': (chunks) => findShard(sampleCsv, chunks, ['token']),
  'frame, decode, find shard by a number and a sort key': (chunks) =>
    findShard(sampleCsv, chunks, ['user_id', 'token']),
  'frame, decode, map, encode': (chunks) => mapAndEncode(sampleCsv, chunks),
  'mysqldump --tab: frame, decode': (chunks) => decode(tab, tabText(chunks)),
  'mysqldump --tab: frame, decode, map, encode': (chunks) => mapAndEncode(tab, tabText(chunks)),
  'mysqldump --tab: frame, decode, map, check, encode': (chunks) => mapAndEncode(tab, tabText(chunks), declaredTypes),
  'SQL dump: frame, decode': (chunks) => decode(sql, sqlText(chunks)),
  'SQL dump: frame, decode, map, encode': (chunks) => mapAndEncode(sql, sqlText(chunks)),
  'csv-parse with columns': (chunks) => () => csvParse(chunks),
  'hash bodies only': (chunks) => sign(chunks, (body) => hash('sha256', body, 'hex')),
  sign: (chunks) => sign(chunks, (body) => signer.sign(body, 0, credentials)),
};

const tab = mysqlDialect();
const sql = sqlDialect({
  table: { name: 'tokens' },
  columns: sampleHeader.split(',').map((name) => ({ name })),
  allowIncomplete: true,
  maxRowBytes: 4 * 1024 ** 2,
});
const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
const signer = new RequestSigner({
  method: 'POST',
  host: 'dynamodb.us-east-1.amazonaws.com',
  path: '/',
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.BatchWriteItem' },
  region: 'us-east-1',
  service: 'dynamodb',
});

function countLineEnds(chunks: readonly Buffer[]): number {
  let count = 0;
  for (const chunk of chunks) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) count++;
  }
  return count;
}

function splitLines(chunks: readonly Buffer[]): number {
  let count = 0;
  for (const chunk of chunks) {
    for (const line of chunk.toString('latin1').split('\n')) count += line.split(',').length > 0 ? 1 : 0;
  }
  return count;
}

function frame(dialect: Dialect, chunks: readonly Buffer[], take: (rows: FramedRows) => void): number {
  const framer = dialect.framer('sample', 1);
  let count = 0;
  for (const chunk of chunks) {
    const rows = framer.push(chunk);
    take(rows);
    count += rows.count;
  }
  return count;
}

function decode(dialect: Dialect, chunks: readonly Buffer[]): Pass {
  const decoder = dialect.decoder([], sampleNames);
  return () =>
    frame(dialect, chunks, (rows) => {
      for (let i = 0; i < rows.count; i++) if (rows.kinds[i] !== 'blank') decoder.decode(rows, i);
    });
}

/** What a shard does with the rows of others. */
function findShard(dialect: Dialect, chunks: readonly Buffer[], keyNames: readonly string[]): Pass {
  const decoder = dialect.decoder([], sampleNames);
  const columns = resolveColumns(sampleNames, {
    types: { user_id: 'N' },
    rename: {},
    omit: [],
    indexes: [],
    sourceTypes: {},
    tableKey: keyNames.map((name) => ({ name, type: name === 'user_id' ? 'N' : 'S' })),
  });
  const options = { empty: 'keep', timeZone: 'UTC', zeroDates: 'reject' } as const;
  const shard = new RowShard({ index: 1, count: 1000 }, decoder, {
    fieldCount: sampleNames.length,
    columns,
    keyNames,
    options,
  });
  return () =>
    frame(dialect, chunks, (rows) => {
      for (let i = 0; i < rows.count; i++) {
        if (rows.kinds[i] !== 'blank') shard.leaves(i, decoder.decode(rows, i), rows.ascii);
      }
    });
}

function mapAndEncode(dialect: Dialect, chunks: readonly Buffer[], sourceTypes = {}): Pass {
  const mapper = sampleMapper(dialect, compilePutBytes, sourceTypes);
  return () =>
    frame(dialect, chunks, (rows) => {
      for (let i = 0; i < rows.count; i++) if (rows.kinds[i] !== 'blank') mapper.map(rows, i, rowAt(rows, i));
    });
}

async function csvParse(chunks: readonly Buffer[]): Promise<number> {
  const parser = parse({ columns: true });
  for (const chunk of chunks) parser.write(chunk);
  parser.end();
  let count = 0;
  for await (const _row of parser) count++;
  return count;
}

/** Bodies of 25 rows as they are sent, made before the clock starts. */
function sign(chunks: readonly Buffer[], signOne: (body: string) => unknown): Pass {
  const payloads = sampleTokens(chunks, compileItemText).map(({ payload }) => payload as string);
  const bodies: string[] = [];
  for (let i = 0; i + 25 <= payloads.length; i += 25) bodies.push(bodyOf(payloads.slice(i, i + 25)));
  return () => {
    for (const body of bodies) signOne(body);
    return bodies.length * 25;
  };
}

function bodyOf(payloads: readonly string[]): string {
  return `{"RequestItems":{"tokens":[${payloads.join(',')}]},"ReturnConsumedCapacity":"INDEXES"}`;
}
