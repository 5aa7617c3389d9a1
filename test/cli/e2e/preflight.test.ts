import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { listenOnLoopback } from '../../support/loopback.ts';
import { accessDenied, expiredToken, internalError, success } from '../../support/plain-table/answers.ts';
import { planted } from '../../support/planted.ts';
import { type RunOptions, workDir } from '../../support/work-dir.ts';
import { type DynamoTarget, dynamoTarget, tokensCsv } from './dynamo-target.ts';

const deniesDescribeTable = ({ proxy }: DynamoTarget) =>
  proxy.setOwnAnswer((operation) =>
    operation === 'DescribeTable' ? accessDenied('DescribeTable', 'tokens') : undefined,
  );

test('account, region, table, count, billing and rate are shown before the first write', async () => {
  const { flags, proxy } = await dynamoTarget({
    provision: { billing: 'provisioned', writeUnits: 5000, readUnits: 1 },
  });
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(3));
  const { status, stderr } = await dir.run([
    'tokens.csv',
    ...flags,
    '--log-format',
    'pretty',
    '--details',
    '--concurrency',
    '3',
  ]);
  expect(status).toBe(0);
  for (const part of [
    /account +000000000000/,
    /region +us-east-1/,
    /table +arn:aws:dynamodb:us-east-1:000000000000:table\/tokens/,
    `endpoint     ${proxy.url}`,
    /holds +0 items .* as of AWS's last count/,
    /billing +provisioned, 5,000 write units a second/,
    /rate +4,000 write units a second: the table has 5,000 write units provisioned, less 20% of --reserve/,
    /a put +replaces the whole item/,
    /given .*--concurrency 3/,
    /by default .*--batch-size 25/,
  ]) {
    expect(stderr).toMatch(part);
  }
});

test('rejects are shown before the first write, even if no row of the sample would be imported', async () => {
  const { flags } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', `token,user_id\n,${planted}\n,2\n`);
  const { status, stderr } = await dir.run([
    'tokens.csv',
    ...flags,
    '--log-format',
    'pretty',
    '--max-rejects',
    '-1',
    '--details',
  ]);
  expect(status).toBe(5);
  expect(stderr).toMatch(/rejects +of the first 2 rows: 2 key-empty/);
});

/** Answers requests about streams, recovery and the like, and leaves the rest to the table. */
const tellsAttachments = ({ proxy }: DynamoTarget, replies: Readonly<Record<string, object>>) =>
  proxy.setOwnAnswer((operation) => (operation in replies ? success(replies[operation]) : undefined));

test('cost and side effects are shown before the first write, and the restore point is kept', async () => {
  const target = await dynamoTarget({ provision: { billing: 'provisioned', writeUnits: 20, readUnits: 1 } });
  tellsAttachments(target, {
    DescribeContinuousBackups: {
      ContinuousBackupsDescription: {
        ContinuousBackupsStatus: 'ENABLED',
        PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED' },
      },
    },
    DescribeTimeToLive: { TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'user_id' } },
    DescribeLimits: { TableMaxWriteCapacityUnits: 10, AccountMaxWriteCapacityUnits: 80_000 },
  });
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(8));
  const flags = [...target.flags, '--wps', '20000', '--log-format', 'pretty', '--details', '--summary', 'summary.json'];
  const { status, stdout, stderr } = await dir.run(['tokens.csv', ...flags]);
  expect(status).toBe(0);
  for (const part of [
    / rows +8\n/,
    / time +500 ms at the full rate/,
    / faster +20,000 write units a second would take 0 ms, with --raise-wcu 20020/,
    / cost +\$0\.00 on demand; \$13\.01 provisioned for 1 hour, \$13\.00 more than/,
    / limit +10 write units a second: any table or index: quota, below what is asked for/,
    / beware +point-in-time recovery is on/,
    / beware +time-to-live goes by "user_id", which would be S and no number/,
    / not checked +Kinesis streams \(needs an endpoint that knows of it/,
  ]) {
    expect(stderr).toMatch(part);
  }
  const { restorePoint } = JSON.parse(dir.read('summary.json')) as { restorePoint: string };
  expect(restorePoint).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(stdout).toContain(`go back to   ${restorePoint}, by point-in-time recovery`);
});

test('a large source is estimated from its first rows, and crowded keys are shown', async () => {
  const dir = workDir();
  const scope = 'x'.repeat(100);
  // 15,000 rows of 120 bytes, all but the first with one partition key.
  const row = (i: number) => `${i === 0 ? planted : 'one-user'},${String(i).padStart(8, '0')},${scope}\n`;
  dir.write('tokens.csv', `user,at,scope\n${Array.from({ length: 15_000 }, (_, i) => row(i)).join('')}`);
  const flags = ['--repository', 'memory', '--key', 'user,at', '--wps', '20000', '--latency', '0', '--no-run-dir'];
  const { stderr } = await dir.run(['tokens.csv', ...flags, '--log-format', 'pretty', '--details']);
  const [, count] = / rows +about ([\d,]+), judged by the first [\d,]+; import-tokens plan counts/.exec(stderr) ?? [];
  expect(Number(count?.replace(',', ''))).toBeGreaterThan(14_500);
  expect(Number(count?.replace(',', ''))).toBeLessThan(15_500);
  expect(stderr).toMatch(/crowded +2 values, one of them with 100 % of the write units, in "user", a partition key/);
});

type Case = {
  readonly title: string;
  readonly says: readonly string[];
  readonly csv?: string;
  readonly flags?: readonly string[];
  readonly env?: NonNullable<RunOptions['env']>;
  readonly prepare?: (target: DynamoTarget) => void;
  readonly status?: number;
};

const cases: readonly Case[] = [
  {
    title: 'a missing table',
    flags: ['--table', 'tokenz'],
    says: ['table "tokenz" is not in region us-east-1 of this account', 'hint: Check --table, --region and --profile'],
  },
  {
    title: 'a region without the table',
    flags: ['--table', 'tokenz', '--region', 'eu-west-1'],
    says: ['table "tokenz" is not in region eu-west-1', '--region'],
  },
  {
    title: 'DescribeTable denied',
    prepare: deniesDescribeTable,
    says: [
      'arn:aws:iam::000000000000:user/importer may not use dynamodb:DescribeTable on table "tokens"',
      'hint: Allow dynamodb:DescribeTable, or name the primary key with --key and the rate with --wps.',
    ],
  },
  {
    title: 'DescribeTable denied, with --key alone',
    prepare: deniesDescribeTable,
    flags: ['--key', 'token'],
    says: ['may not use dynamodb:DescribeTable', '--wps'],
  },
  {
    title: 'expired credentials',
    prepare: ({ proxy }) => proxy.setOwnAnswer(expiredToken),
    says: ['the AWS credentials were refused (ExpiredTokenException)', 'hint: Set new AWS_ACCESS_KEY_ID'],
  },
  {
    title: 'no credentials',
    env: { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
    says: ['credentials', 'hint: ', 'AWS_ACCESS_KEY_ID'],
  },
  {
    title: 'a missing profile',
    flags: ['--profile', 'nobody'],
    env: { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
    says: ['nobody', 'hint: '],
  },
  {
    title: 'no region',
    env: { AWS_REGION: undefined },
    says: ['region', 'hint: ', '--region', 'AWS_REGION'],
  },
  {
    title: 'a service that answers 500',
    prepare: ({ proxy }) => proxy.setOwnAnswer(internalError),
    says: ['127.0.0.1', 'hint: '],
  },
  {
    title: 'a key column that the source lacks',
    csv: `tokn,user_id\n${planted},1\n`,
    says: ['no column gives "token", the table\'s partition key', 'hint: Pass --no-header and --columns'],
  },
  {
    title: 'the wrong account',
    flags: ['--expect-account', '123456789012'],
    says: ['--expect-account 123456789012, but the account is 000000000000', 'hint: Check --profile'],
    status: 2,
  },
  {
    title: 'an account that cannot be known',
    prepare: deniesDescribeTable,
    flags: ['--expect-account', '123456789012', '--key', 'token', '--wps', '100'],
    says: ['--expect-account 123456789012, but the account is not known'],
    status: 2,
  },
  {
    title: 'nothing left after the reserve',
    prepare: ({ table }) => {
      table.provision = { billing: 'provisioned', writeUnits: 20, readUnits: 1 };
    },
    flags: ['--reserve', '20'],
    says: ['nothing is left to import with: the table has 20 write units', '--reserve'],
    status: 2,
  },
];

test.concurrent.for(cases)('$title: the remedy is shown before a row is sent', async (row, { onTestFinished }) => {
  const { csv = `token,user_id\n${planted},1\n`, flags = [], env = {}, prepare, says, status = 4 } = row;
  const target = await dynamoTarget({}, {}, onTestFinished);
  prepare?.(target);
  const dir = workDir({ keep: true });
  onTestFinished(dir.remove);
  dir.write('tokens.csv', csv);
  const result = await dir.run(['tokens.csv', ...target.flags, ...flags], { env });
  for (const part of says) expect(result.stderr).toContain(part);
  expect(result.stderr).not.toContain('bug');
  expect(result.status).toBe(status);
  expect(target.itemsReceived()).toBe(0);
});

test('an endpoint that does not answer ends the import at once, and is named', async () => {
  const { port, close } = await listenOnLoopback(createServer());
  await close();
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(1));
  const { status, stderr } = await dir.run(['tokens.csv', '--endpoint-url', `http://127.0.0.1:${port}`]);
  expect(stderr).toContain(`error: no answer from http://127.0.0.1:${port} (ECONNREFUSED)`);
  expect(stderr).toContain('hint: Check --region, --endpoint-url, the network and the proxy settings.');
  expect(status).toBe(4);
});

test('without DescribeTable the import works with --key and --wps, using BatchWriteItem alone', async () => {
  const target = await dynamoTarget();
  deniesDescribeTable(target);
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(30));
  const { status } = await dir.run(['tokens.csv', ...target.flags, '--key', 'token', '--wps', '5000']);
  expect(status).toBe(0);
  expect(target.table.itemCount).toBe(30);
});

test('BatchWriteItem denied ends the run with exit code 4 and leaves the row to a resume', async () => {
  const { proxy, flags } = await dynamoTarget();
  proxy.setOwnAnswer((operation) =>
    operation === 'BatchWriteItem' ? accessDenied('BatchWriteItem', 'tokens') : undefined,
  );
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(1));
  const { status, stdout, stderr } = await dir.run(['tokens.csv', ...flags]);
  expect(stderr).toContain('may not use dynamodb:BatchWriteItem on table "tokens"');
  expect(stderr).toContain('hint: Allow dynamodb:BatchWriteItem');
  expect(stdout).toContain(
    '1 read = 0 written + 0 superseded + 0 kept + 0 deleted + 0 rejected + 0 skipped + 1 pending',
  );
  expect(stdout).toContain('import-tokens --resume');
  expect(status).toBe(4);
});
