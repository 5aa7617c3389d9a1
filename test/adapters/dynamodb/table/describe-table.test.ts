import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConnectionOptions } from '../../../../src/adapters/aws/dispatcher.ts';
import { type Connection, connect } from '../../../../src/adapters/dynamodb/connection.ts';
import { describeTable } from '../../../../src/adapters/dynamodb/table/describe-table.ts';
import { systemClock } from '../../../../src/adapters/system/system-clock.ts';
import type { ImportError } from '../../../../src/domain/import-error.ts';
import type { TableInfo } from '../../../../src/domain/table.ts';
import { withAwsEnvironment } from '../../../support/aws-environment.ts';
import { type Engine, startDynalite } from '../../../support/engines.ts';

withAwsEnvironment();

function options(endpointUrl: string): ConnectionOptions {
  return { endpointUrl, region: 'us-east-1', requestTimeoutMs: 5000, concurrency: 4, clock: systemClock };
}

async function describeAt(endpointUrl: string, tableName = 'tokens'): Promise<TableInfo> {
  const connection = await connect(options(endpointUrl));
  try {
    return await describeTable(connection, tableName);
  } finally {
    await connection.close();
  }
}

function faultOf(description: Promise<unknown>): Promise<ImportError> {
  return description.then(
    () => expect.unreachable('it did not fail'),
    (error: ImportError) => error,
  );
}

describe('describeTable on a real engine', () => {
  let engine: Engine;
  let connection: Connection;
  beforeAll(async () => {
    engine = await startDynalite();
    connection = await connect(options(engine.endpointUrl));
  });
  afterAll(async () => {
    await connection.close();
    await engine.stop();
  });

  test('tells key, indexes, capacity, account and region', async () => {
    await engine.createTable(
      'provisioned',
      [
        { name: 'user', type: 'S' },
        { name: 'at', type: 'N' },
      ],
      {
        BillingMode: 'PROVISIONED',
        ProvisionedThroughput: { ReadCapacityUnits: 3, WriteCapacityUnits: 20 },
        AttributeDefinitions: [
          { AttributeName: 'user', AttributeType: 'S' },
          { AttributeName: 'at', AttributeType: 'N' },
          { AttributeName: 'hash', AttributeType: 'B' },
        ],
        // The order of the two is the service's own affair.
        KeySchema: [
          { AttributeName: 'user', KeyType: 'HASH' },
          { AttributeName: 'at', KeyType: 'RANGE' },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'by-hash',
            KeySchema: [{ AttributeName: 'hash', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'KEYS_ONLY' },
            ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 7 },
          },
        ],
        LocalSecondaryIndexes: [
          {
            IndexName: 'by-user-hash',
            KeySchema: [
              { AttributeName: 'user', KeyType: 'HASH' },
              { AttributeName: 'hash', KeyType: 'RANGE' },
            ],
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
        ],
      },
    );
    const table = await describeTable(connection, 'provisioned');
    expect(table).toEqual({
      name: 'provisioned',
      arn: expect.stringMatching(/^arn:aws:dynamodb:us-east-1:\d{12}:table\/provisioned$/),
      account: expect.stringMatching(/^\d{12}$/),
      region: 'us-east-1',
      status: 'ACTIVE',
      itemCount: 0,
      sizeBytes: 0,
      billing: 'provisioned',
      provisionedReadUnits: 3,
      provisionedWriteUnits: 20,
      key: [
        { name: 'user', type: 'S' },
        { name: 'at', type: 'N' },
      ],
      globalIndexes: [
        {
          name: 'by-hash',
          status: 'ACTIVE',
          key: [{ name: 'hash', type: 'B' }],
          include: [],
          provisionedReadUnits: 1,
          provisionedWriteUnits: 7,
        },
      ],
      localIndexes: [
        {
          name: 'by-user-hash',
          key: [
            { name: 'user', type: 'S' },
            { name: 'hash', type: 'B' },
          ],
          include: [],
        },
      ],
    });
  });

  test('takes an on-demand table for what it is', async () => {
    await engine.createTable('on-demand', [{ name: 'token', type: 'S' }]);
    const table = await describeTable(connection, 'on-demand');
    expect(table.billing).toBe('on-demand');
    expect(table.provisionedWriteUnits).toBeUndefined();
  });

  test('names table, region and flags where the table is missing', async () => {
    const fault = await faultOf(describeTable(connection, 'nowhere'));
    expect(fault.code).toBe('table-missing');
    expect(fault.message).toContain('"nowhere"');
    expect(fault.message).toContain('us-east-1');
    expect(fault.hint).toContain('--region');
  });
});

describe('describeTable against an endpoint that', () => {
  const servers: Server[] = [];
  afterAll(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  function answer(status: number, type: string, message: string): RequestListener {
    return (_request, response) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: `com.amazon.coral.service#${type}`, message }));
    };
  }

  test('denies the call: access-denied, with who may not do what', async () => {
    const text =
      'User: arn:aws:iam::111122223333:user/ann is not authorized to perform: dynamodb:DescribeTable on resource: arn:x';
    const fault = await faultOf(describeAt(await serve(answer(400, 'AccessDeniedException', text))));
    expect(fault.code).toBe('access-denied');
    expect(fault.message).toContain('arn:aws:iam::111122223333:user/ann');
    expect(fault.message).toContain('dynamodb:DescribeTable');
  });

  test.each(['ExpiredTokenException', 'UnrecognizedClientException'])(
    'answers %s: credentials-expired',
    async (type) => {
      const fault = await faultOf(describeAt(await serve(answer(400, type, 'The security token is secret-text'))));
      expect(fault.code).toBe('credentials-expired');
      expect(fault.message).not.toContain('secret-text');
      expect(fault.hint).toContain('AWS_SESSION_TOKEN');
    },
  );

  test('answers for a table with a stream, replicas and the class for infrequent access', async () => {
    const { streamView, replicaRegions, infrequentAccess } = await describeAt(
      await serve((_request, response) =>
        response.end(
          JSON.stringify({
            Table: {
              TableArn: 'arn:aws:dynamodb:us-east-1:123456789012:table/tokens',
              TableStatus: 'ACTIVE',
              KeySchema: [{ AttributeName: 'token', KeyType: 'HASH' }],
              StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
              Replicas: [{ RegionName: 'us-east-1' }, { RegionName: 'eu-west-1' }],
              TableClassSummary: { TableClass: 'STANDARD_INFREQUENT_ACCESS' },
            },
          }),
        ),
      ),
    );
    expect({ streamView, replicaRegions, infrequentAccess }).toEqual({
      ...{ streamView: 'KEYS_ONLY', replicaRegions: ['eu-west-1'], infrequentAccess: true },
    });
  });

  test('answers for an index whose keys have several attributes', async () => {
    const keySchema = (names: readonly string[], KeyType: string) =>
      names.map((AttributeName) => ({ AttributeName, KeyType }));
    const url = await serve((_request, response) =>
      response.end(
        JSON.stringify({
          Table: {
            KeySchema: keySchema(['token'], 'HASH'),
            GlobalSecondaryIndexes: [
              { IndexName: 'wide', KeySchema: [...keySchema(['a', 'b'], 'HASH'), ...keySchema(['c', 'd'], 'RANGE')] },
              { IndexName: 'plain', KeySchema: [...keySchema(['d'], 'RANGE'), ...keySchema(['a'], 'HASH')] },
            ],
          },
        }),
      ),
    );
    const { globalIndexes } = await describeAt(url);
    expect(
      globalIndexes.map(({ key, partitionAttributes }) => [key.map(({ name }) => name), partitionAttributes]),
    ).toEqual([
      [['a', 'b', 'c', 'd'], 2],
      [['a', 'd'], undefined],
    ]);
  });

  test('answers with something else: service-refused, naming the endpoint and not its text', async () => {
    const url = await serve(answer(400, 'UnknownOperationException', 'secret-text'));
    const fault = await faultOf(describeAt(url));
    expect(fault.code).toBe('service-refused');
    expect(fault.message).toContain(url);
    expect(fault.message).toContain('UnknownOperationException');
    expect(fault.message).not.toContain('secret-text');
  });

  test.each([200, 404, 502])('answers with a page of HTML and status %i: says that it did', async (status) => {
    const page = '<html>Log in to the airport WiFi</html>';
    const url = await serve((_request, response) => response.writeHead(status).end(page));
    const fault = await faultOf(describeAt(url));
    expect(fault.name).toBe('ImportError');
    expect(['service-refused', 'endpoint-unreachable']).toContain(fault.code);
    expect(fault.message).toContain(url);
    expect(fault.message).toContain(`HTTP ${status}`);
    expect(fault.message).not.toContain('no answer');
  });

  test('refuses connections: endpoint-unreachable', async () => {
    const url = await serve(() => undefined);
    const server = servers.at(-1)!;
    await new Promise((resolve) => server.close(resolve));
    const fault = await faultOf(describeAt(url));
    expect(fault.code).toBe('endpoint-unreachable');
    expect(fault.message).toContain(url);
    expect(fault.message).toContain('ECONNREFUSED');
    expect(fault.hint).toContain('--endpoint-url');
  });

  test('never answers: endpoint-unreachable, well before a person gives up', async () => {
    const fault = await faultOf(describeAt(await serve(() => undefined)));
    expect(fault.code).toBe('endpoint-unreachable');
  }, 15_000);
});
