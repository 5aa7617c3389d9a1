import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CredentialSource, type Credentials } from '../../src/adapters/aws/credentials.ts';
import { createConditionalRepository } from '../../src/adapters/dynamodb/conditional-repository.ts';
import { type Connection, connect } from '../../src/adapters/dynamodb/connection.ts';
import { createDynamoRepository } from '../../src/adapters/dynamodb/dynamo-repository.ts';
import { createSdkRepository } from '../../src/adapters/dynamodb/sdk-repository.ts';
import type { Shard } from '../../src/domain/token.ts';
import { resolveColumns } from '../../src/input/columns/columns.ts';
import { csvDialect } from '../../src/input/csv/csv.ts';
import { RowReader } from '../../src/input/row-reader.ts';
import { RunningHash } from '../../src/input/source-hash.ts';
import { shareBurst, shareRates } from '../../src/limit/choose-rate.ts';
import { Pace } from '../../src/limit/pace.ts';
import { RowMapper } from '../../src/pipeline/map-row.ts';
import { ImportRun } from '../../src/pipeline/run-import.ts';
import type { TokenRepository } from '../../src/ports/token-repository.ts';
import { plainCsv } from '../input/csv/csv-files.ts';
import { textSource } from '../input/text-source.ts';
import { staticKeys, withAwsEnvironment } from '../support/aws-environment.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { readBody, sendAnswer } from '../support/plain-server.ts';
import { selfSigned } from '../support/plain-table/self-signed.ts';

withAwsEnvironment(staticKeys);

const rate = 1_000;
const rows = 3_500;
const burst = 25;
const key = [{ name: 'token', type: 'S' }] as const;

type Open = (connection: Connection) => TokenRepository;
const options = { tableName: 'tokens', key };
const repositories: readonly [string, Open][] = [
  ['dynamodb', (connection) => createDynamoRepository(connection, options)],
  ['dynamodb-sdk', (connection) => createSdkRepository(connection, options)],
  ['--if-exists keep', (connection) => createConditionalRepository(connection, options, { kind: 'keep' })],
];

/** A table that records when write units arrive, and that the test can make unreachable. */
class Table {
  readonly arrivals: (readonly [atMs: number, units: number])[] = [];
  readonly #clock: FakeClock;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #held: (() => void)[] = [];
  readonly identity = selfSigned();
  #holdsHandshakes = false;
  port = 0;

  constructor(clock: FakeClock, scheme: 'http' | 'https') {
    this.#clock = clock;
    this.#server = scheme === 'http' ? createHttp(this.#answer) : createHttps(this.#tls(), this.#answer);
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.#server.address() as AddressInfo).port;
  }

  /** Closes all connections and refuses new ones. */
  async goAway(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
  }

  holdHandshakes(): void {
    this.#holdsHandshakes = true;
  }

  endHandshakes(): void {
    this.#holdsHandshakes = false;
    for (const go of this.#held.splice(0)) go();
  }

  get units(): number {
    return this.arrivals.reduce((sum, [, units]) => sum + units, 0);
  }

  /** The most units that arrived in any window of this length. */
  mostUnitsIn(windowMs: number): number {
    let most = 0;
    let sum = 0;
    let from = 0;
    for (const [atMs, units] of this.arrivals) {
      sum += units;
      while (this.arrivals[from]![0] < atMs - windowMs) sum -= this.arrivals[from++]![1];
      most = Math.max(most, sum);
    }
    return most;
  }

  #tls() {
    const context = createSecureContext(this.identity);
    const SNICallback = (_name: string, done: (error: null, context: unknown) => void) => {
      if (this.#holdsHandshakes) this.#held.push(() => done(null, context));
      else done(null, context);
    };
    return { ...this.identity, SNICallback } as object;
  }

  readonly #answer: RequestListener = async (request, response) => {
    const body = await readBody(request);
    if (body === undefined) return;
    const { RequestItems } = JSON.parse(body.toString()) as { RequestItems?: { tokens: unknown[] } };
    const units = RequestItems?.tokens.length ?? 1;
    this.arrivals.push([this.#clock.nowMs(), units]);
    const consumed = { TableName: 'tokens', CapacityUnits: units };
    const reply = RequestItems
      ? { UnprocessedItems: {}, ConsumedCapacity: [consumed] }
      : { ConsumedCapacity: consumed };
    sendAnswer(response, 200, JSON.stringify(reply));
  };
}

type Stage = { readonly table: Table; readonly clock: FakeClock; readonly keys: SlowKeys };

/** Credentials that expire after a second or more; the test supplies the next ones. */
class SlowKeys {
  readonly #clock: FakeClock;
  #give: (() => void) | undefined;
  #lifeMs = Number.POSITIVE_INFINITY;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  endAfter(lifeMs: number): void {
    this.#lifeMs = lifeMs;
  }

  give(): void {
    this.#give?.();
  }

  readonly provider = async (): Promise<Credentials> => {
    const isFirst = this.#clock.nowMs() === 0;
    if (!isFirst) {
      await new Promise<void>((resolve) => {
        this.#give = resolve;
      });
    }
    const lifeMs = isFirst ? this.#lifeMs : 3_600_000;
    const ends = lifeMs === Number.POSITIVE_INFINITY ? {} : { expiration: new Date(this.#clock.wallMs() + lifeMs) };
    return { accessKeyId: 'AKIDTEST', secretAccessKey: 'secret', ...ends };
  };
}

/** Imports while the clock waits for all granted units to reach the table, and checks the pace there. */
async function importAtPace(
  open: Open,
  scheme: 'http' | 'https',
  script: readonly (readonly [atMs: number, act: (stage: Stage) => void | Promise<void>])[],
  shards: readonly (Shard | undefined)[] = [undefined],
): Promise<void> {
  const clock = new FakeClock();
  const table = new Table(clock, scheme);
  const keys = new SlowKeys(clock);
  const stage = { table, clock, keys };
  await table.listen();
  for (const [atMs, act] of script) if (atMs === 0) await act(stage);
  const source = new CredentialSource(
    () => keys.provider,
    () => clock.wallMs(),
  );
  const connection: Connection = {
    ...(await connect({
      ...{ endpointUrl: `${scheme}://localhost:${table.port}`, region: 'us-east-1', clock },
      ...{ requestTimeoutMs: 20_000, concurrency: 64, certificateAuthority: table.identity.cert },
    })),
    credentials: source,
  };
  await source.current();
  const repositories = shards.map(() => open(connection));
  onTestFinished(async () => {
    for (const repository of repositories) await repository.close();
    await connection.close();
    await table.goAway();
  });
  const imports = repositories.map((repository, place) => importInto(repository, clock, shards[place]));
  const granted = () => imports.reduce((sum, each) => sum + each.granted(), 0);
  let ended = false;
  const running = Promise.all(imports.map(({ run }) => run.run())).finally(() => {
    ended = true;
  });
  let lost = 0;
  // Granted units arrive within the millisecond unless they wait for something that should have come first.
  const untilAllCame = async () => {
    for (let turns = 0; turns < 300 && table.units + lost < granted(); turns++) await turn();
  };
  while (!ended && clock.nowMs() < 30_000) {
    await clock.advance(1);
    await untilAllCame();
    for (const [atMs, act] of script) {
      if (atMs !== clock.nowMs()) continue;
      await act(stage);
      await untilAllCame();
      if (act === goAway) lost = granted() - table.units;
    }
    await turn();
  }
  const results = await running;
  for (const result of results) expect(result).toMatchObject({ finished: true, balanced: true });
  expect(results.reduce((sum, { counts }) => sum + counts.written, 0)).toBe(rows);
  for (const windowMs of [50, 1_000]) {
    const most = table.mostUnitsIn(windowMs);
    // The clock moves in milliseconds, so what arrived within 50 ms was granted in less than 51 ms.
    const promised = (rate * (windowMs + 1)) / 1_000 + burst;
    expect(most, `units in ${windowMs} ms`).toBeLessThanOrEqual(promised);
  }
}

function importInto(repository: TokenRepository, clock: FakeClock, shard?: Shard) {
  const observer = { on: () => {} };
  const rates = { writeUnitsPerSecond: rate, chosen: '', indexes: [] };
  const pace = new Pace({
    ...{ clock, observer, maxTokens: repository.maxBatchTokens, maxBodyBytes: repository.maxBatchBytes },
    rates: shard === undefined ? rates : shareRates(rates, shard),
    smallestBurst: shareBurst(burst, shard),
  });
  const columns = resolveColumns(['token'], { types: {}, rename: {}, omit: [], tableKey: key, indexes: [] });
  const dialect = csvDialect({ ...plainCsv, nullText: 'NULL' });
  const hash = new RunningHash();
  const text = Array.from({ length: rows }, (_, i) => `t${i}\n`).join('');
  const run = new ImportRun({
    blocks: new RowReader(textSource([text], 64 * 1024), dialect, hash).blocks(),
    mapper: new RowMapper({
      ...{ dialect, columns, keyNames: ['token'], fieldCount: 1, binary: [] },
      options: { empty: 'keep', timeZone: 'UTC', zeroDates: 'reject' },
      encoder: repository.encoder(columns),
      ...{ globalIndexes: [], localIndexes: [], shard },
    }),
    ...{ repository, observer, clock, hash, random: () => 0.5, signal: new AbortController().signal },
    ...{ pace, limiter: pace.limiter, batchLimits: pace.batchLimits, concurrency: 64, maxAhead: 10_000 },
    ...{ shard, settleMs: 100, stallTimeoutMs: 60_000, skipRows: 0, maxRejects: { kind: 'units', value: 0 } },
  });
  return { run, granted: () => pace.limiter.granted };
}

const goAway = ({ table }: Stage) => table.goAway();

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe.each(repositories)('%s: no window has more write units than promised', (_name, open) => {
  test('when handshakes that took 1.5 s end together', async () => {
    await importAtPace(open, 'https', [
      [0, ({ table }) => table.holdHandshakes()],
      [1_500, ({ table }) => table.endHandshakes()],
    ]);
  });

  test('when new credentials arrive 1.5 s after the old ones expired', async () => {
    await importAtPace(open, 'http', [
      [0, ({ keys }) => keys.endAfter(500)],
      [2_000, ({ keys }) => keys.give()],
    ]);
  });

  test('after an outage of 2 s', async () => {
    await importAtPace(open, 'http', [
      [700, goAway],
      [2_700, ({ table }) => table.listen()],
    ]);
  });
});

test.each([4, 7])('%i shards together have no more write units in any window than one process', async (count) => {
  const shards = Array.from({ length: count }, (_, place) => ({ index: place + 1, count }));
  await importAtPace((connection) => createDynamoRepository(connection, options), 'http', [], shards);
});
