import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/adapters/dynamodb/connection.ts';
import { createDynamoRepository } from '../../src/adapters/dynamodb/dynamo-repository.ts';
import { describeTable } from '../../src/adapters/dynamodb/table/describe-table.ts';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import { resolveColumns } from '../../src/input/columns/columns.ts';
import { csvDialect } from '../../src/input/csv/csv.ts';
import { RowReader } from '../../src/input/row-reader.ts';
import { RunningHash } from '../../src/input/source-hash.ts';
import { Pace } from '../../src/limit/pace.ts';
import { RowMapper } from '../../src/pipeline/map-row.ts';
import { ImportRun } from '../../src/pipeline/run-import.ts';
import { plainCsv } from '../input/csv/csv-files.ts';
import { textSource } from '../input/text-source.ts';
import { staticKeys, withAwsEnvironment } from '../support/aws-environment.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { PlainTable } from '../support/plain-table.ts';
import { type Random, randomBelow, seededRandom } from '../support/seeded-random.ts';
import { thorough } from './faulty-table.ts';

withAwsEnvironment(staticKeys);

const rowCount = thorough ? 20_000 : 2_000;
const user = { name: 'user', type: 'S' } as const;
const schema = {
  name: 'tokens',
  key: [{ name: 'token', type: 'S' }],
  indexes: [
    { name: 'by-user', key: [user] },
    { name: 'by-user-and-quota', key: [user, { name: 'quota', type: 'N' }], include: ['note'] },
    { name: 'by-quota', key: [{ name: 'quota', type: 'N' }], include: [] },
  ],
} as const;

test('permits granted for items of 0.1 to 40 KB equal the write units of the bodies on the wire', async () => {
  const random = seededRandom(6);
  const proxy = await startFaultProxy({
    ...{ target: new PlainTable(schema), seed: 6 },
    faults: { throttle: 0.05, handBack: 0.1, serverError: 0.02 },
    capacity: [{ table: 'tokens', writeUnits: 60_000 }],
  });
  onTestFinished(() => proxy.close());
  const connection = await connect({
    ...{ endpointUrl: proxy.url, region: 'us-east-1', requestTimeoutMs: 10_000, concurrency: 16, clock: systemClock },
  });
  onTestFinished(() => connection.close());
  const table = await describeTable(connection, 'tokens');
  const { globalIndexes, localIndexes, key } = table;
  const indexNames = globalIndexes.map(({ name }) => name);
  const repository = createDynamoRepository(connection, { tableName: 'tokens', key, indexNames });
  onTestFinished(() => repository.close());

  const observer = { on: () => {} };
  const indexes = globalIndexes.map(({ name }) => ({ name, writeUnitsPerSecond: undefined, chosen: '' }));
  const pace = new Pace({
    ...{ clock: systemClock, observer, maxTokens: 25, maxBodyBytes: repository.maxBatchBytes },
    rates: { writeUnitsPerSecond: 100_000, chosen: '', indexes },
  });
  const names = ['token', 'user', 'quota', 'note', 'blob'];
  const types = { quota: 'N', blob: 'B' } as const;
  const columns = resolveColumns(names, { types, rename: {}, omit: [], tableKey: key, indexes: globalIndexes });
  const dialect = csvDialect({ ...plainCsv, nullText: 'NULL' });
  const hash = new RunningHash();
  const run = new ImportRun({
    blocks: new RowReader(textSource([csvText(random)], 64 * 1024), dialect, hash).blocks(),
    mapper: new RowMapper({
      ...{ dialect, columns, keyNames: ['token'], fieldCount: names.length, binary: [] },
      options: { empty: 'keep', timeZone: 'UTC', zeroDates: 'reject' },
      encoder: repository.encoder(columns),
      ...{ globalIndexes, localIndexes },
    }),
    ...{ repository, observer, clock: systemClock, random, hash, signal: new AbortController().signal },
    ...{ pace, limiter: pace.limiter, batchLimits: pace.batchLimits, concurrency: 16, maxAhead: 10_000 },
    ...{ settleMs: 100, stallTimeoutMs: 60_000, skipRows: 0, maxRejects: { kind: 'units', value: 0 } },
  });
  expect(await run.run()).toMatchObject({ finished: true, balanced: true, counts: { read: rowCount } });

  const { received, written, requests } = proxy.traffic;
  expect(received.items).toBeGreaterThan(written.items);
  expect([requests.throttled > 0, requests.partlyAccepted > 0]).toEqual([true, true]);
  const { granted, grantedByIndex } = pace.limiter;
  expect(granted).toBe(received.units.table);
  expect(Object.fromEntries(indexNames.map((name, i) => [name, grantedByIndex[i]]))).toEqual(received.units.indexes);
});

/** Rows of 0.1 to 40 KB, most of them small; one in ten repeats a key, one in five lacks an attribute. */
function csvText(random: Random): string {
  const orNull = (text: string) => (random() < 0.2 ? 'NULL' : text);
  const lines = Array.from({ length: rowCount }, (_, n) => {
    const bytes = Math.round(80 * 500 ** (random() ** 2));
    const noteBytes = randomBelow(random, bytes);
    return [
      `t${random() < 0.1 ? randomBelow(random, n + 1) : n}`,
      orNull(`user ${randomBelow(random, 100)} ${random() < 0.5 ? 'ä€' : ''}`),
      orNull(`${randomBelow(random, 1e9) / 100}`),
      orNull(`"${'ß,x'.repeat(noteBytes / 4)}"`),
      orNull(Buffer.alloc(bytes - noteBytes, n).toString('base64')),
    ].join(',');
  });
  return `${lines.join('\n')}\n`;
}
