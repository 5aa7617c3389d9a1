import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ImportError } from '../../../domain/import-error.ts';
import type { Checked, TableAttachments } from '../../../domain/table.ts';
import type { Connection } from '../connection.ts';
import { importErrorOfSdkError } from '../sdk-failure.ts';
import { failureContext } from '../service-failure.ts';

/** Asks for each attachment by itself and at once. Never fails: what can't be asked is said to be not checked. */
export async function describeAttachments(connection: Connection, tableName: string): Promise<TableAttachments> {
  const { client } = connection;
  const commands = await import('@aws-sdk/client-dynamodb');
  const table = { TableName: tableName };
  const check = <Value>(operation: string, ask: (client: DynamoDBClient) => Promise<Value>) =>
    checked(connection, tableName, operation, () => ask(client));
  const [kinesisStreams, pointInTimeRecovery, ttlAttribute, quotas] = await Promise.all([
    check('DescribeKinesisStreamingDestination', async () => {
      const reply = await client.send(new commands.DescribeKinesisStreamingDestinationCommand(table));
      const live = (reply.KinesisDataStreamDestinations ?? []).filter(
        ({ DestinationStatus }) => DestinationStatus !== 'DISABLED',
      );
      // arn:aws:kinesis:<region>:<account>:stream/<name>
      return live.map(({ StreamArn = '' }) => StreamArn.slice(StreamArn.indexOf('/') + 1));
    }),
    check('DescribeContinuousBackups', async () => {
      const reply = await client.send(new commands.DescribeContinuousBackupsCommand(table));
      const backups = reply.ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
      const earliestMs = backups?.EarliestRestorableDateTime?.getTime();
      const isOn = backups?.PointInTimeRecoveryStatus === 'ENABLED';
      return { isOn, ...(earliestMs !== undefined && { earliestMs }) };
    }),
    check('DescribeTimeToLive', async () => {
      const reply = await client.send(new commands.DescribeTimeToLiveCommand(table));
      const { TimeToLiveStatus: status, AttributeName } = reply.TimeToLiveDescription ?? {};
      return status === 'ENABLED' || status === 'ENABLING' ? AttributeName : undefined;
    }),
    check('DescribeLimits', async () => {
      const reply = await client.send(new commands.DescribeLimitsCommand({}));
      const { TableMaxWriteCapacityUnits: ofTable, AccountMaxWriteCapacityUnits: ofAccount } = reply;
      if (ofTable === undefined || ofAccount === undefined) {
        throw new ImportError('service-refused', 'the reply holds no limits');
      }
      return { tableWriteUnits: ofTable, accountWriteUnits: ofAccount };
    }),
  ]);
  return { kinesisStreams, pointInTimeRecovery, ttlAttribute, quotas };
}

async function checked<Value>(
  connection: Connection,
  tableName: string,
  operation: string,
  ask: () => Promise<Value>,
): Promise<Checked<Value>> {
  try {
    return { kind: 'known', value: await ask() };
  } catch (error) {
    const context = failureContext(connection, tableName, connection.options.endpointUrl ?? '');
    const { code } = importErrorOfSdkError(error, context);
    if (code === 'access-denied') return { kind: 'not-checked', because: `needs dynamodb:${operation}` };
    const isSilent = code === 'endpoint-unreachable';
    return { kind: 'not-checked', because: isSilent ? 'needs an answer' : 'needs an endpoint that knows of it' };
  }
}
