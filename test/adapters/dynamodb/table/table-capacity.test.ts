import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Connection, connect } from '../../../../src/adapters/dynamodb/connection.ts';
import { createTableCapacity } from '../../../../src/adapters/dynamodb/table/table-capacity.ts';
import { systemClock } from '../../../../src/adapters/system/system-clock.ts';
import type { TableCapacity } from '../../../../src/ports/table-capacity.ts';
import { withAwsEnvironment } from '../../../support/aws-environment.ts';
import { answer, refuse, type ScriptedServer, startScriptedServer } from '../scripted-server.ts';

withAwsEnvironment();

let server: ScriptedServer;
let connection: Connection;
let capacity: TableCapacity;

beforeAll(async () => {
  server = await startScriptedServer();
  connection = await connect({
    endpointUrl: server.url,
    region: 'us-east-1',
    requestTimeoutMs: 1000,
    concurrency: 1,
    clock: systemClock,
  });
  capacity = createTableCapacity(connection, 'tokens');
});
afterAll(async () => {
  await connection.close();
  await server.stop();
});

const changes = [
  { index: undefined, writeUnits: 1000, readUnits: 5 },
  { index: 'by-user', writeUnits: 900, readUnits: 7 },
];

describe('update', () => {
  test('asks for table and indexes in one request, reads along with the writes', async () => {
    let body: unknown;
    server.script = (request, response) => {
      body = JSON.parse(request.body.toString());
      answer(response, 200, { TableDescription: { TableStatus: 'UPDATING' } });
    };
    expect(await capacity.update(changes)).toEqual({ kind: 'taken' });
    expect(body).toEqual({
      TableName: 'tokens',
      ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 1000 },
      GlobalSecondaryIndexUpdates: [
        {
          Update: { IndexName: 'by-user', ProvisionedThroughput: { ReadCapacityUnits: 7, WriteCapacityUnits: 900 } },
        },
      ],
    });
  });

  test('asks for warm throughput of table and indexes in one request, and leaves reads alone', async () => {
    let body: unknown;
    server.script = (request, response) => {
      body = JSON.parse(request.body.toString());
      answer(response, 200, {});
    };
    const warm = [
      { index: undefined, writeUnits: 20_000 },
      { index: 'by-user', writeUnits: 5_000 },
    ];
    expect(await capacity.warm(warm)).toEqual({ kind: 'taken' });
    expect(body).toEqual({
      TableName: 'tokens',
      WarmThroughput: { WriteUnitsPerSecond: 20_000 },
      GlobalSecondaryIndexUpdates: [
        { Update: { IndexName: 'by-user', WarmThroughput: { WriteUnitsPerSecond: 5_000 } } },
      ],
    });
    server.script = refuse(400, 'ValidationException', 'not higher');
    await expect(capacity.warm(warm)).rejects.toMatchObject({
      hint: expect.stringContaining('warm throughput can only be raised'),
    });
  });

  test('names the table only where its own units change', async () => {
    let body: unknown;
    server.script = (request, response) => {
      body = JSON.parse(request.body.toString());
      answer(response, 200, {});
    };
    await capacity.update(changes.slice(1));
    expect(body).not.toHaveProperty('ProvisionedThroughput');
  });

  test.each([
    {
      name: 'too many decreases, with the time of the next',
      type: 'LimitExceededException',
      message:
        'Provisioned throughput decreases are limited. Next decrease can be made at Thursday, January 31, 2030 9:48:14 PM UTC',
      result: { kind: 'too-soon', allowedAtMs: Date.UTC(2030, 0, 31, 21, 48, 14) },
    },
    {
      name: 'too many decreases, without a time',
      type: 'LimitExceededException',
      message: 'Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day.',
      result: { kind: 'too-soon', allowedAtMs: undefined },
    },
    {
      name: 'too many changes at once',
      type: 'LimitExceededException',
      message: 'Subscriber limit exceeded: Only 500 tables can be created, updated, or deleted simultaneously',
      result: { kind: 'busy' },
    },
    {
      name: 'a table that is UPDATING',
      type: 'ResourceInUseException',
      message: 'Attempt to change a resource which is still in use: Table is being updated: tokens',
      result: { kind: 'busy' },
    },
    {
      name: 'what holds already',
      type: 'ValidationException',
      message:
        'The provisioned throughput for the table will not change. The requested value equals the current value.',
      result: { kind: 'taken' },
    },
  ])('takes $name as an answer', async ({ type, message, result }) => {
    server.script = refuse(400, type, message);
    expect(await capacity.update(changes)).toEqual(result);
  });

  test.each([
    [
      'LimitExceededException',
      'The requested throughput exceeds the account limit',
      'service-refused',
      'Service Quotas',
    ],
    ['AccessDeniedException', '', 'access-denied', 'dynamodb:UpdateTable'],
    ['ValidationException', 'Table is in on-demand mode', 'service-refused', 'provisioned mode'],
  ])('ends for %s, with what to do', async (type, message, code, hint) => {
    server.script = refuse(400, type, message);
    await expect(capacity.update(changes)).rejects.toMatchObject({ code, hint: expect.stringContaining(hint) });
  });
});

describe('auto scaling', () => {
  test('is asked of the table and its indexes, of many in several requests, writes only', async () => {
    const asked: string[][] = [];
    server.script = ({ headers, body }, response) => {
      expect(headers['x-amz-target']).toBe('AnyScaleFrontendService.DescribeScalableTargets');
      expect(headers.authorization).toContain('/us-east-1/application-autoscaling/aws4_request');
      const { ResourceIds } = JSON.parse(body.toString());
      asked.push(ResourceIds);
      const target = { MinCapacity: 5, MaxCapacity: 80, ResourceId: ResourceIds[0] };
      const dimension = ResourceIds[0].includes('/index/') ? 'dynamodb:index' : 'dynamodb:table';
      answer(response, 200, {
        ScalableTargets: [
          { ...target, ScalableDimension: `${dimension}:ReadCapacityUnits` },
          {
            ...target,
            ScalableDimension: `${dimension}:WriteCapacityUnits`,
            SuspendedState: { DynamicScalingInSuspended: true },
          },
        ],
      });
    };
    const found = await capacity.scaling(Array.from({ length: 60 }, (_, number) => `index-${number}`));
    const part = {
      minWriteUnits: 5,
      maxWriteUnits: 80,
      suspended: { scaleIn: true, scaleOut: false, scheduled: false },
    };
    expect(found).toEqual({
      kind: 'known',
      targets: [
        { ...part, index: undefined },
        { ...part, index: 'index-49' },
      ],
    });
    expect(asked.map((resources) => resources.length)).toEqual([50, 11]);
    expect(asked[0]!.slice(0, 2)).toEqual(['table/tokens', 'table/tokens/index/index-0']);
  });

  test('is read from all pages of an answer', async () => {
    server.script = ({ body }, response) => {
      const { NextToken } = JSON.parse(body.toString());
      const target = { MinCapacity: 5, MaxCapacity: 80, ScalableDimension: 'dynamodb:index:WriteCapacityUnits' };
      const page = NextToken === undefined ? 1 : Number(NextToken);
      answer(response, 200, {
        ScalableTargets: [{ ...target, ResourceId: `table/tokens/index/by-${page}` }],
        ...(page < 3 && { NextToken: String(page + 1) }),
      });
    };
    const found = await capacity.scaling(['by-1', 'by-2', 'by-3']);
    expect(found.kind === 'known' && found.targets.map(({ index }) => index)).toEqual(['by-1', 'by-2', 'by-3']);
  });

  test.each([
    ['AccessDeniedException', 'needs application-autoscaling:DescribeScalableTargets'],
    ['UnknownOperationException', 'the endpoint does not know Application Auto Scaling'],
  ])('is not checked where the service answers %s', async (type, because) => {
    server.script = refuse(400, type);
    expect(await capacity.scaling([])).toEqual({ kind: 'not-checked', because });
  });

  test('is suspended by its index, and told by its permission where it may not be', async () => {
    let body: unknown;
    server.script = (request, response) => {
      body = JSON.parse(request.body.toString());
      answer(response, 200, {});
    };
    await capacity.suspendScaling('by-user', { scaleIn: true, scaleOut: true, scheduled: false });
    expect(body).toEqual({
      ServiceNamespace: 'dynamodb',
      ResourceId: 'table/tokens/index/by-user',
      ScalableDimension: 'dynamodb:index:WriteCapacityUnits',
      SuspendedState: {
        DynamicScalingInSuspended: true,
        DynamicScalingOutSuspended: true,
        ScheduledScalingSuspended: false,
      },
    });
    server.script = refuse(400, 'AccessDeniedException');
    await expect(
      capacity.suspendScaling(undefined, { scaleIn: true, scaleOut: true, scheduled: true }),
    ).rejects.toMatchObject({ code: 'access-denied', hint: expect.stringContaining('RegisterScalableTarget') });
  });
});
