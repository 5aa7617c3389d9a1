import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../../../src/adapters/dynamodb/connection.ts';
import { describeAttachments } from '../../../../src/adapters/dynamodb/table/describe-table.ts';
import { systemClock } from '../../../../src/adapters/system/system-clock.ts';
import type { TableAttachments } from '../../../../src/domain/table.ts';
import { withAwsEnvironment } from '../../../support/aws-environment.ts';
import { answer, type ScriptedServer, startScriptedServer } from '../scripted-server.ts';

withAwsEnvironment();

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());

/** Answers each operation with its reply, or refuses it with the exception that is named. */
async function attachmentsFrom(replies: Readonly<Record<string, object | string>>): Promise<TableAttachments> {
  server.script = ({ headers }, response) => {
    const operation = String(headers['x-amz-target']).split('.')[1]!;
    const reply = replies[operation] ?? 'UnknownOperationException';
    if (typeof reply === 'object') return answer(response, 200, reply);
    const message = `User: arn:aws:iam::1:user/x is not authorized to perform: dynamodb:${operation}`;
    return answer(response, 400, { __type: `com.amazonaws.dynamodb.v20120810#${reply}`, message });
  };
  const options = { region: 'us-east-1', requestTimeoutMs: 5000, concurrency: 4, clock: systemClock };
  const connection = await connect({ ...options, endpointUrl: server.url });
  try {
    return await describeAttachments(connection, 'tokens');
  } finally {
    await connection.close();
  }
}

const destination = (name: string, DestinationStatus: string) => ({
  StreamArn: `arn:aws:kinesis:us-east-1:1:stream/${name}`,
  DestinationStatus,
});

test('what hangs on the table is told', async () => {
  const attachments = await attachmentsFrom({
    DescribeKinesisStreamingDestination: {
      TableName: 'tokens',
      KinesisDataStreamDestinations: [destination('audit', 'ACTIVE'), destination('old', 'DISABLED')],
    },
    DescribeContinuousBackups: {
      ContinuousBackupsDescription: {
        ContinuousBackupsStatus: 'ENABLED',
        PointInTimeRecoveryDescription: {
          PointInTimeRecoveryStatus: 'ENABLED',
          EarliestRestorableDateTime: 1_700_000_000,
        },
      },
    },
    DescribeTimeToLive: { TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'expires_at' } },
    DescribeLimits: { TableMaxWriteCapacityUnits: 40_000, AccountMaxWriteCapacityUnits: 80_000 },
  });
  expect(attachments).toEqual({
    kinesisStreams: { kind: 'known', value: ['audit'] },
    pointInTimeRecovery: { kind: 'known', value: { isOn: true, earliestMs: 1_700_000_000_000 } },
    ttlAttribute: { kind: 'known', value: 'expires_at' },
    quotas: { kind: 'known', value: { tableWriteUnits: 40_000, accountWriteUnits: 80_000 } },
  });
});

test('what is off is known to be off', async () => {
  const attachments = await attachmentsFrom({
    DescribeKinesisStreamingDestination: { TableName: 'tokens' },
    DescribeContinuousBackups: { ContinuousBackupsDescription: { ContinuousBackupsStatus: 'ENABLED' } },
    DescribeTimeToLive: { TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } },
  });
  expect(attachments).toMatchObject({
    kinesisStreams: { kind: 'known', value: [] },
    pointInTimeRecovery: { kind: 'known', value: { isOn: false } },
    ttlAttribute: { kind: 'known', value: undefined },
  });
});

test('what may not be read names the permission, what the endpoint does not know says so', async () => {
  const attachments = await attachmentsFrom({
    DescribeContinuousBackups: 'AccessDeniedException',
    DescribeTimeToLive: 'AccessDeniedException',
    DescribeLimits: {},
  });
  const { kinesisStreams, pointInTimeRecovery, ttlAttribute, quotas } = attachments;
  expect([kinesisStreams, pointInTimeRecovery, ttlAttribute, quotas]).toEqual([
    { kind: 'not-checked', because: 'needs an endpoint that knows of it' },
    { kind: 'not-checked', because: 'needs dynamodb:DescribeContinuousBackups' },
    { kind: 'not-checked', because: 'needs dynamodb:DescribeTimeToLive' },
    { kind: 'not-checked', because: 'needs an endpoint that knows of it' },
  ]);
});

test('a connection that breaks is no fault of the plan', async () => {
  server.script = ({ socket }) => void socket.destroy();
  const options = { region: 'us-east-1', requestTimeoutMs: 5000, concurrency: 4, clock: systemClock };
  const connection = await connect({ ...options, endpointUrl: server.url });
  const { quotas } = await describeAttachments(connection, 'tokens');
  await connection.close();
  expect(quotas).toEqual({ kind: 'not-checked', because: 'needs an answer' });
});
