import { expect, onTestFinished, test } from 'vitest';
import { startFaultProxy } from '../../support/fault-proxy.ts';
import { success } from '../../support/plain-table/answers.ts';
import { recordSignedRequests } from '../../support/signed-requests.ts';
import { workDir } from '../../support/work-dir.ts';
import { dynamoTarget, tokensCsv } from './dynamo-target.ts';

const arn = 'arn:aws:dynamodb:eu-west-3:210987654321:table/tokens';

async function setUp() {
  const server = await recordSignedRequests();
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(60));
  const run = (args: readonly string[]) => dir.run([...args, '--table', arn, '--endpoint-url', server.url]);
  return { server, dir, run };
}

test.each(['dynamodb', 'dynamodb-sdk'])('%s writes to the table of an ARN, in its region', async (name) => {
  const { server, run } = await setUp();
  const { status, stderr } = await run(['tokens.csv', '--repository', name, '--log-format', 'json']);
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  expect(stderr).toContain('"regionFrom":"the ARN of --table"');
  expect(server.signers()).toEqual(['AKIDEXAMPLE in eu-west-3']);
  expect(server.table.itemCount).toBe(60);
  for (const { operation, body } of server.requests) {
    if (operation !== 'DescribeLimits')
      expect({ operation, body }).toEqual({ operation, body: expect.stringContaining(arn) });
  }
});

test('plan and verify accept an ARN too', async () => {
  const { run } = await setUp();
  expect(await run(['plan', 'tokens.csv'])).toMatchObject({ status: 0, stdout: expect.stringContaining('tokens') });
  expect(await run(['tokens.csv'])).toMatchObject({ status: 0 });
  expect(await run(['verify', 'tokens.csv', '--all'])).toMatchObject({ status: 0 });
});

test('the account of an ARN counts if the table may not be described', async () => {
  const { dir } = await setUp();
  const { proxy, table } = await dynamoTarget();
  proxy.setOwnAnswer((operation) =>
    operation === 'DescribeTable' ? { status: 400, body: '{"__type":"x#AccessDeniedException"}' } : undefined,
  );
  const args = ['tokens.csv', '--table', arn, '--endpoint-url', proxy.url, '--key', 'token', '--wps', '100'];
  const { status, stderr } = await dir.run([...args, '--expect-account', '123456789012']);
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('but the account is 210987654321') });
  expect(table.itemCount).toBe(0);
});

test('an ARN and another --region contradict each other', async () => {
  const { server, run } = await setUp();
  const { status, stderr } = await run(['tokens.csv', '--region', 'us-east-1']);
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: expect.stringContaining('in eu-west-3, but --region is us-east-1'),
  });
  expect(await run(['capacity', 'show', '--region', 'us-east-1'])).toMatchObject({ status: 2 });
  expect(server.requests).toEqual([]);
});

test.each([
  ['INACCESSIBLE_ENCRYPTION_CREDENTIALS', 'Enable the KMS key that encrypts it'],
  ['ARCHIVED', 'aws dynamodb list-backups --table-name tokens --backup-type ALL'],
  ['ARCHIVING', 'Restore the backup that DynamoDB made of it'],
  ['DELETING', 'this table is being deleted'],
  ['CREATING', 'Wait until it is ACTIVE'],
])('a table that is %s is refused with its own way out', async (tableStatus, hint) => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(1));
  const proxy = await startFaultProxy({ target: (await dynamoTarget()).table, seed: 1 });
  onTestFinished(() => proxy.close());
  proxy.setOwnAnswer((operation) =>
    operation === 'DescribeTable'
      ? success({
          Table: {
            TableName: 'tokens',
            TableStatus: tableStatus,
            KeySchema: [{ AttributeName: 'token', KeyType: 'HASH' }],
          },
        })
      : undefined,
  );
  const { status, stderr } = await dir.run(['tokens.csv', '--endpoint-url', proxy.url]);
  expect({ status, stderr }).toEqual({ status: 4, stderr: expect.stringContaining(`table tokens is ${tableStatus}`) });
  expect(stderr).toContain(hint);
});
