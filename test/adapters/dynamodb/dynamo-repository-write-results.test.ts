import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Connection, connect } from '../../../src/adapters/dynamodb/connection.ts';
import { createDynamoRepository } from '../../../src/adapters/dynamodb/dynamo-repository.ts';
import { createSdkRepository } from '../../../src/adapters/dynamodb/sdk-repository.ts';
import { systemClock } from '../../../src/adapters/system/system-clock.ts';
import type { FieldValue } from '../../../src/domain/column.ts';
import type { KeyAttribute } from '../../../src/domain/table.ts';
import { type Batch, batchOf } from '../../../src/domain/token.ts';
import type { WriteResult } from '../../../src/domain/write-result.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { TokenRepository } from '../../../src/ports/token-repository.ts';
import { columnsOf, makeToken } from '../../contract/make-token.ts';
import { withAwsEnvironment } from '../../support/aws-environment.ts';
import { answer, refuse, type Script, type ScriptedServer, startScriptedServer } from './scripted-server.ts';

withAwsEnvironment();

type PutText = { PutRequest: { Item: Record<string, Record<string, unknown>> } };

describe.each([
  { name: 'dynamodb', create: createDynamoRepository },
  { name: 'dynamodb-sdk', create: createSdkRepository },
])('$name', ({ create }) => {
  let server: ScriptedServer;
  let connection: Connection;
  let repository: TokenRepository;

  beforeEach(async () => {
    server = await startScriptedServer();
    await open([{ name: 'token', type: 'S' }]);
  });
  afterEach(async () => {
    await close();
    await server.stop();
  });

  async function open(key: readonly KeyAttribute[], clock: Clock = systemClock): Promise<void> {
    connection = await connect({
      endpointUrl: server.url,
      region: 'us-east-1',
      requestTimeoutMs: 5_000,
      concurrency: 4,
      clock,
    });
    repository = create(connection, { tableName: 'tokens', key });
  }

  async function close(): Promise<void> {
    await repository.close();
    await connection.close();
  }

  function stringBatch(...tokens: string[]): Batch {
    const columns = columnsOf({ token: 'S' });
    const encoder = repository.encoder(columns);
    return batchOf(tokens.map((token) => makeToken(encoder, columns, [{ name: 'token', type: 'S' }], [token])));
  }

  async function writeTo(script: Script, ...tokens: string[]): Promise<WriteResult> {
    server.script = script;
    return repository.write(stringBatch(...(tokens.length === 0 ? ['a', 'b'] : tokens)));
  }

  /** Hands back the puts of the request at these places, as `change` leaves them. */
  function handBack(places: readonly number[], change: (put: PutText) => void = () => undefined): Script {
    return (request, response) => {
      const puts = JSON.parse(request.body.toString()).RequestItems.tokens as PutText[];
      const handedBack = places.map((place) => puts[place]!);
      handedBack.forEach(change);
      answer(response, 200, { UnprocessedItems: { tokens: handedBack } });
    };
  }

  describe('finds the tokens of handed-back items', () => {
    test('by their key', async () => {
      const batch = stringBatch('a', 'b "c"', 'ä');
      server.script = handBack([2, 1]);
      const result = await repository.write(batch);
      expect(result).toMatchObject({ kind: 'accepted', unprocessed: [batch.tokens[2], batch.tokens[1]] });
    });

    test.each<{ type: KeyAttribute['type']; values: FieldValue[]; change?: (put: PutText) => void }>([
      {
        type: 'N',
        values: ['1', '2.50', '3e2'],
        // The service writes numbers in its own way.
        change: (put) => {
          put.PutRequest.Item['key']!['N'] = { '1': '1.0', '2.50': '2.5', '3e2': '300' }[
            String(put.PutRequest.Item['key']!['N'])
          ];
        },
      },
      { type: 'B', values: [new Uint8Array([0]), new Uint8Array([255, 0]), new Uint8Array([1, 2, 3])] },
    ])('by a key of type $type', async ({ type, values, change }) => {
      await close();
      const key: readonly KeyAttribute[] = [
        { name: 'key', type },
        { name: 'sort', type: 'S' },
      ];
      await open(key);
      const columns = columnsOf({ key: type, sort: 'S' });
      const encoder = repository.encoder(columns);
      const batch = batchOf(values.map((value, n) => makeToken(encoder, columns, key, [value, `sort ${n}`])));
      server.script = handBack([0, 1], change);
      const result = await repository.write(batch);
      expect(result).toMatchObject({ kind: 'accepted', unprocessed: [batch.tokens[0], batch.tokens[1]] });
    });

    test.each<{ type: KeyAttribute['type']; values: FieldValue[] }>([
      { type: 'S', values: ['a', 'b "c"', 'ä'] },
      { type: 'N', values: ['1', '2.50', '3e2'] },
      { type: 'B', values: [new Uint8Array([0]), new Uint8Array([255, 0]), new Uint8Array([1, 2, 3])] },
    ])('of deletes among puts, by a key of type $type', async ({ type, values }) => {
      await close();
      const key: readonly KeyAttribute[] = [
        { name: 'key', type },
        { name: 'sort', type: 'S' },
      ];
      await open(key);
      const columns = columnsOf({ key: type, sort: 'S', value: 'S' });
      const encoder = repository.encoder(columns);
      const batch = batchOf(
        values.map((value, n) =>
          n === 1
            ? makeToken(encoder, columns, key, [value, 'sort', 'text'])
            : makeToken(encoder, columns, key, [value, 'sort', undefined], true),
        ),
      );
      let sent: readonly object[] = [];
      server.script = (request, response) => {
        sent = JSON.parse(request.body.toString()).RequestItems.tokens;
        handBack([2, 1])(request, response);
      };
      const result = await repository.write(batch);
      expect(result).toMatchObject({ kind: 'accepted', unprocessed: [batch.tokens[2], batch.tokens[1]] });
      expect(sent.flatMap(Object.keys)).toEqual(['DeleteRequest', 'PutRequest', 'DeleteRequest']);
    });

    test('each once, however often it comes', async () => {
      const batch = stringBatch('a', 'b', 'c');
      server.script = handBack([1, 1, 0, 1]);
      const result = await repository.write(batch);
      expect(result).toMatchObject({ kind: 'accepted', unprocessed: [batch.tokens[1], batch.tokens[0]] });
    });

    test('and takes the whole batch where one of them matches nothing', async () => {
      const batch = stringBatch('a', 'b', 'c');
      server.script = handBack([0, 1], (put) => {
        if (put.PutRequest.Item['token']!['S'] === 'b') put.PutRequest.Item['token']!['S'] = 'other';
      });
      const result = await repository.write(batch);
      expect(result).toMatchObject({ kind: 'accepted', unprocessed: batch.tokens });
    });

    test('and takes the whole batch where an item comes without its key', async () => {
      const batch = stringBatch('a', 'b');
      server.script = handBack([0], (put) => {
        put.PutRequest.Item = {};
      });
      expect(await repository.write(batch)).toMatchObject({ kind: 'accepted', unprocessed: batch.tokens });
    });
  });

  describe('counts consumed write units', () => {
    async function unitsFor(ConsumedCapacity: object[] | undefined): Promise<number | undefined> {
      const result = await writeTo((_request, response) =>
        answer(response, 200, { ConsumedCapacity, UnprocessedItems: {} }),
      );
      expect(result.kind).toBe('accepted');
      return result.kind === 'accepted' ? result.consumedWriteUnits : undefined;
    }

    test('as the total where there is no index', async () => {
      expect(await unitsFor([{ CapacityUnits: 2.5, Table: { CapacityUnits: 2.5 }, TableName: 'tokens' }])).toBe(2.5);
      expect(await unitsFor([{ TableName: 'tokens', CapacityUnits: 7 }])).toBe(7);
    });

    test('without those of global indexes, which have a capacity of their own, and with those of local ones', async () => {
      const consumed = {
        CapacityUnits: 9,
        GlobalSecondaryIndexes: { one: { CapacityUnits: 2 }, two: { CapacityUnits: 3 } },
        LocalSecondaryIndexes: { local: { CapacityUnits: 1 } },
        Table: { CapacityUnits: 3 },
      };
      expect(await unitsFor([consumed])).toBe(4);
    });

    test('as unknown where the table does not say', async () => {
      expect(await unitsFor(undefined)).toBeUndefined();
    });
  });

  describe('takes for throttled', () => {
    test.each([
      'ProvisionedThroughputExceededException',
      'ThrottlingException',
      'RequestLimitExceeded',
      'LimitExceededException',
    ])('%s', async (type) => {
      expect(await writeTo(refuse(400, type))).toEqual({ kind: 'throttled', reason: type });
    });

    test('with the reasons the service gives, each once', async () => {
      const reason = 'IndexWriteProvisionedThroughputExceeded';
      const resource = 'arn:aws:dynamodb:us-east-1:111122223333:table/tokens/index/by-user';
      const ThrottlingReasons = [
        { reason, resource },
        { reason, resource },
        { reason: 'TableWriteKeyRangeThroughputExceeded' },
      ];
      const script = refuse(400, 'ProvisionedThroughputExceededException', 'secret-text', { ThrottlingReasons });
      expect(await writeTo(script)).toEqual({
        kind: 'throttled',
        reason: `${reason} (index "by-user"), TableWriteKeyRangeThroughputExceeded`,
        causes: [{ limit: 'capacity', index: 'by-user' }, { limit: 'partition' }],
      });
    });
  });

  describe('takes for transient', () => {
    test.each([500, 502, 503, 504])('HTTP %i, its fate unknown', async (status) => {
      const script: Script = (_request, response) => answer(response, status, '<html>secret-text</html>');
      expect(await writeTo(script)).toEqual({ kind: 'transient', reason: `HTTP ${status}`, fateUnknown: true });
    });

    test('an InternalServerError, its fate unknown', async () => {
      expect(await writeTo(refuse(500, 'InternalServerError'))).toMatchObject({ kind: 'transient', fateUnknown: true });
    });

    test.each([
      ['HTTP 429 of an unknown type', refuse(429, 'SlowerPlease')],
      ['HTTP 429 without a type', (_request, response) => answer(response, 429, 'no')],
      ['HTTP 403 without a type, as a proxy answers', (_request, response) => answer(response, 403, '<html>no</html>')],
      ['a conflict with a transaction', refuse(400, 'TransactionConflictException')],
    ] as [string, Script][])('%s: nothing was written', async (_title, script) => {
      expect(await writeTo(script)).toMatchObject({ kind: 'transient', fateUnknown: false });
    });

    test.each([
      ['HTML', '<html>log in to the network</html>'],
      ['an empty object', '{}'],
      ['nothing', ''],
      ['JSON cut short', '{"UnprocessedItems":{"tokens":[{"PutRe'],
    ])('a success that holds %s, its fate unknown', async (_title, body) => {
      const result = await writeTo((_request, response) => answer(response, 200, body));
      expect(result).toMatchObject({ kind: 'transient', fateUnknown: true });
    });

    test('a reply that is compressed though nobody asked for it, which is named, its fate unknown', async () => {
      const asked: unknown[] = [];
      const result = await writeTo(({ headers }, response) => {
        asked.push(headers['accept-encoding']);
        response.writeHead(200, { 'content-encoding': 'gzip' });
        response.end(gzipSync('{"UnprocessedItems":{}}'));
      });
      const reason = 'replies are compressed (gzip), which was not requested';
      expect(result).toEqual({ kind: 'transient', reason, fateUnknown: true });
      expect(asked).toEqual(['identity']);
    });

    test('a reset after the request was read, its fate unknown', async () => {
      const result = await writeTo(({ socket }) => socket.resetAndDestroy());
      expect(result).toMatchObject({ kind: 'transient', fateUnknown: true });
    });

    test('a reply cut short of its length, its fate unknown', async () => {
      const result = await writeTo(({ socket }, response) => {
        response.writeHead(200, { 'content-length': 100 });
        response.write('{"UnprocessedItems":{}}', () => socket.destroy());
      });
      expect(result).toMatchObject({ kind: 'transient', fateUnknown: true });
    });

    test('a refused connection: nothing can have been written', async () => {
      await server.stop();
      expect(await repository.write(stringBatch('a'))).toEqual({
        kind: 'transient',
        reason: 'ECONNREFUSED',
        fateUnknown: false,
      });
      server = await startScriptedServer();
    });

    test('a request without an answer in time, its fate unknown, and later ones get their own replies', async () => {
      await close();
      const clock = clockThatFires();
      await open([{ name: 'token', type: 'S' }], clock);
      const result = await writeTo(clock.fire);
      expect(result).toEqual({ kind: 'transient', reason: 'time-out', fateUnknown: true });
      const batch = stringBatch('x', 'y');
      server.script = handBack([1]);
      expect(await repository.write(batch)).toMatchObject({ kind: 'accepted', unprocessed: [batch.tokens[1]] });
    });

    test('a reply that stops half-way, when its time is over', async () => {
      await close();
      const clock = clockThatFires();
      await open([{ name: 'token', type: 'S' }], clock);
      const result = await writeTo((_request, response) => {
        response.writeHead(200);
        response.write('{"Unproc', clock.fire);
      });
      expect(result).toEqual({ kind: 'transient', reason: 'time-out', fateUnknown: true });
    });
  });

  describe('takes for invalid, without a word of the service that may quote a value,', () => {
    test.each([
      ['ValidationException', 'Item size has exceeded the maximum allowed size', 'the item is larger than 400 KB'],
      [
        'ValidationException',
        'The parameter cannot be converted to a numeric value: secret-text',
        'a number is not written as one',
      ],
      [
        'ValidationException',
        'One or more parameter values were invalid: Type mismatch for Index Key secret-text Expected: S Actual: N',
        'a key attribute of an index does not have the type the index asks for',
      ],
      ['ValidationException', 'Something new about "secret-text"', 'the table refuses it (ValidationException)'],
      ['SerializationException', 'secret-text', 'the table refuses it (SerializationException)'],
      [
        'ItemCollectionSizeLimitExceededException',
        'Collection size exceeded.',
        'the items of one partition key with a local index exceed 10 GB',
      ],
    ])('%s: %s', async (type, text, message) => {
      expect(await writeTo(refuse(400, type, text))).toEqual({ kind: 'invalid', message });
    });

    test('a request that is too large', async () => {
      const result = await writeTo((_request, response) => answer(response, 413, 'too large'));
      expect(result).toEqual({ kind: 'invalid', message: 'the table refuses it (HTTP 413)' });
    });
  });

  describe('takes for fatal', () => {
    test.each([
      ['ResourceNotFoundException', 'table-missing', '"tokens"'],
      ['AccessDeniedException', 'access-denied', '"tokens"'],
      ['SomethingNewException', 'service-refused', 'SomethingNewException'],
    ])('%s', async (type, code, named) => {
      const result = await writeTo(refuse(400, type, 'secret-text'));
      expect(result).toMatchObject({ kind: 'fatal', error: { code } });
      if (result.kind !== 'fatal') return;
      expect(result.error.message).toContain(named);
      expect(result.error.message + result.error.hint).not.toContain('secret-text');
    });
  });

  describe('takes for expired', () => {
    test.each(['ExpiredTokenException', 'UnrecognizedClientException'])(
      '%s, which the environment can not renew',
      async (type) => {
        const result = await writeTo(refuse(400, type, 'The security token secret-text is expired'));
        expect(result).toMatchObject({ kind: 'expired', renewable: false });
        expect(JSON.stringify(result)).not.toContain('secret-text');
        expect(await repository.renewCredentials?.()).toBe(false);
      },
    );
  });
});

/** A clock whose time-outs come when a test says so. */
function clockThatFires(): Clock & { fire(): void } {
  const due = new Set<() => void>();
  let jumpedMs = 0;
  return {
    ...systemClock,
    nowMs: () => systemClock.nowMs() + jumpedMs,
    setTimer(_delayMs, callback) {
      due.add(callback);
      return () => due.delete(callback);
    },
    fire() {
      jumpedMs += 60_000;
      for (const callback of [...due]) callback();
    },
  };
}
