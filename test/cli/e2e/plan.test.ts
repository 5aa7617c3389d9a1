import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Plan } from '../../../src/report/plan/plan-text.ts';
import { sampleChunks } from '../../bench/sample-rows.ts';
import { type Answer, accessDenied, success } from '../../support/plain-table/answers.ts';
import { planted } from '../../support/planted.ts';
import { workDir } from '../../support/work-dir.ts';
import { dynamoTarget, tokensCsv } from './dynamo-target.ts';

const csv = `token,n\n${planted},1\nb,2\nc,x\n`;

test('plan reads and maps the source, previews the import, and writes nothing', async () => {
  const dir = workDir();
  dir.write('tokens.csv', csv);
  const { status, stdout, stderr } = await dir.run([
    ...['plan', 'tokens.csv', '--repository', 'memory', '--types', 'n=N', '--wps', '1'],
  ]);
  expect([status, stderr]).toEqual([5, '']);
  expect(stdout).toContain('1 row would be rejected. Nothing was written.');
  expect(stdout).toContain('3 read = 2 to import + 1 to reject + 0 to skip');
  expect(stdout).toMatch(/time +2 s at the full rate, 4 s at 50 %, 8 s at 25 %\n/);
  expect(stdout).toContain('  1  not-a-number');
});

test('--if-exists has a request for each row, and names a column that the source has', async () => {
  const dir = workDir();
  dir.write('tokens.csv', csv);
  const flags = ['plan', 'tokens.csv', '--repository', 'memory', '--types', 'n=N'];
  const [replace, newer, wrong] = await Promise.all([
    dir.run(flags),
    dir.run([...flags, '--if-exists', 'newer:n']),
    dir.run([...flags, '--if-exists', 'newer:m']),
  ]);
  expect(replace.stdout).toMatch(/requests +1\n/);
  expect(newer.stdout).toMatch(/requests +2, one for each row; a row whose item stays costs/);
  expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining('newer:m: the source has no such column') });
});

test('--dry-run is the same as plan, and --json gives its figures', async () => {
  const dir = workDir();
  dir.write('tokens.csv', csv);
  const flags = ['tokens.csv', '--repository', 'memory', '--json'];
  const [dry, plan] = await Promise.all([dir.run([...flags, '--dry-run']), dir.run(['plan', ...flags])]);
  expect([dry.status, plan.status]).toEqual([0, 0]);
  expect(dry.stdout).toBe(plan.stdout);
  expect(JSON.parse(plan.stdout)).toMatchObject({ version: 1, outcome: 'ready', rows: { read: 3, importable: 3 } });
});

test('a plan that is stopped does not show partial figures as complete', async () => {
  const dir = workDir();
  const running = dir.spawn(['plan', '-', '--repository', 'memory', '--progress', 'none']);
  running.child.stdin.write(`token,n\n${'a,1\n'.repeat(300_000)}`);
  // Reading has begun once the pipe accepts more than it and the reader hold.
  await new Promise<void>((resolve) => running.child.stdin.once('drain', () => resolve()));
  running.child.kill('SIGINT');
  const { status, stdout, stderr } = await running.ended;
  expect([status, stdout]).toEqual([130, '']);
  expect(stderr).toMatch(/stopped by SIGINT after [\d,]+ rows?: no plan/);
});

test('the mapping of a MySQL dump is shown without a value, and works offline', async () => {
  const dir = workDir({ planted: ['12345678901234567890'] });
  for (const name of ['tokens.txt', 'tokens.sql']) {
    dir.write(name, readFileSync(new URL(`../../fixtures/mysql/tab/${name}`, import.meta.url)));
  }
  const { stdout } = await dir.run([
    'plan',
    'tokens.txt',
    '--repository',
    'memory',
    '--types',
    'expires_at=EPOCH,label=S,raw=B',
  ]);
  expect(stdout).toMatch(/\n {2}column +type +becomes +NULL +empty +bytes +dates +rejects\n/);
  expect(stdout).toMatch(/\n {2}amount +decimal\(30,10\) +N +1 +0 +12 to 31\n/);
  expect(stdout).toMatch(/\n {2}score +double +N +1 +0 +1 to 22 +2 number-out-of-range\n/);
  expect(stdout).toMatch(/\n {2}expires_at +timestamp +EPOCH +10 +0 +19 +20\d\d-\d\d-\d\d/);
  expect(stdout).not.toContain('12345678901234567890');
  const shown = await dir.run(['plan', 'tokens.txt', '--repository', 'memory', '--show-values']);
  expect(shown.stdout).toContain('longest   12345678901234567890.0123456789');
});

test('--wps 20000 on a table of 20 units is planned with 16, and with the command to raise it', async () => {
  const { flags, itemsReceived } = await dynamoTarget({
    provision: { billing: 'provisioned', writeUnits: 20, readUnits: 5 },
  });
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(9_600));
  const { status, stdout } = await dir.run(['plan', 'tokens.csv', ...flags, '--wps', '20000']);
  expect(status).toBe(0);
  // 20 less the reserve of 20 % are 16 a second: 9,600 units take 600 s.
  expect(stdout).toMatch(/rate +16 write units a second: below --wps 20000, because the table has 20/);
  expect(stdout).toMatch(/time +10 min at the full rate, 20 min at 50 %, 40 min at 25 %/);
  expect(stdout).toMatch(/faster +20,000 write units a second would take 480 ms, with --raise-wcu 20020, which/);
  expect(stdout).toMatch(/ {2}aws dynamodb update-table --table-name tokens .*WriteCapacityUnits=25000 --region/);
  expect(stdout).toMatch(
    /not checked +Kinesis streams, point-in-time recovery, time-to-live, quotas \(needs an endpoint/,
  );
  expect(stdout).toContain('    20  the table: provisioned, below what is asked for\n');
  expect(itemsReceived()).toBe(0);
});

test('without access to the table, --key is enough, and without --key it is required', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(3));
  const offline = ['plan', 'tokens.csv', '--endpoint-url', 'http://127.0.0.1:9', '--wps', '1'];
  const [keyed, keyless] = await Promise.all([dir.run([...offline, '--key', 'token']), dir.run(offline)]);
  expect(keyed.status).toBe(0);
  expect(keyed.stderr).toContain('planned without the table: no answer from http://127.0.0.1:9');
  expect(keyed.stdout).toMatch(/rate +1 write units a second: --wps; the table was not looked at/);
  expect([keyless.status, keyless.stdout]).toEqual([4, '']);
  expect(keyless.stderr).toContain('or plan without the table by naming its key: --key NAME');
});

test('a plan of a source with another number of rows than --expect-rows fails', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(3));
  const { status, stdout } = await dir.run(['plan', 'tokens.csv', '--repository', 'memory', '--expect-rows', '4']);
  expect(status).toBe(4);
  expect(stdout).toContain('it would fail, as --expect-rows is 4 and the source holds 3.');
});

test('the sample at 20,000 a second has the figures of ten million rows', async () => {
  // An item has 43 bytes of names (token, user_id, created_at, expires_at, scope, status) and on average 114 of values:
  // 44 + 7 + 19 + 19 + (12 + 26 + 14 + 23) / 4 + (3 × 6 + 7) / 4. So it is 157 bytes, one unit: 10,000,000 units, 500 s.
  // In a body: 26 for the put, 11 around each of six attributes, 5 commas, names and values: 26 + 66 + 5 + 157 = 254, and
  // one comma a row but the last of 25, and 665 a batch (see import-pace.test.ts): 254 + 0.96 + 26.6 = 281.56 a row.
  // × 20,000 a second × 8 bits = 45.05 Mb/s, at 800 requests a second.
  const dir = workDir({ planted: ['tok_'] });
  dir.write('sample.csv', [...sampleChunks({ rows: 20_000, seed: 1, repeatedShare: 0 })].join(''));
  const { stdout } = await dir.run([
    'plan',
    'sample.csv',
    '--repository',
    'memory',
    '--key',
    'token',
    '--wps',
    '20000',
    '--json',
  ]);
  const plan = JSON.parse(stdout) as Plan;
  expect(plan.writeUnits).toBe(20_000);
  expect(plan.itemBytes.total / 20_000).toBeCloseTo(157, 0);
  expect(plan.bodyBytes / 20_000).toBeCloseTo(254, 0);
  expect(plan.estimate.times[0]!.seconds * 500).toBe(500);
  expect(plan.estimate.traffic!.requestsPerSecond).toBe(800);
  expect(plan.estimate.traffic!.megabitsPerSecond).toBeCloseTo(45.05, 1);
});

test('index, stream, replicas, recovery and TTL are shown, and what may not be read', async () => {
  const target = await dynamoTarget({
    key: [{ name: 'token', type: 'S' }],
    indexes: [{ name: 'by-user', key: [{ name: 'user_id', type: 'S' }], writeUnits: 1_000 }],
    provision: { billing: 'provisioned', writeUnits: 25_000, readUnits: 5 },
  });
  const { Table } = JSON.parse(target.table.answer('DescribeTable', { TableName: 'tokens' }).body) as { Table: object };
  const followed = {
    ...Table,
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    Replicas: [{ RegionName: 'us-east-1' }, { RegionName: 'eu-west-1' }],
  };
  const replies: Record<string, Answer> = {
    DescribeTable: success({ Table: followed }),
    DescribeContinuousBackups: accessDenied('DescribeContinuousBackups', 'tokens'),
    DescribeTimeToLive: success({
      TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' },
    }),
    DescribeLimits: success({ TableMaxWriteCapacityUnits: 40_000, AccountMaxWriteCapacityUnits: 80_000 }),
    DescribeKinesisStreamingDestination: success({
      KinesisDataStreamDestinations: [
        { StreamArn: 'arn:aws:kinesis:us-east-1:1:stream/audit', DestinationStatus: 'ACTIVE' },
      ],
    }),
  };
  target.proxy.setOwnAnswer((operation) => replies[operation]);
  const dir = workDir();
  // 8,000 rows: one long expired, one in milliseconds; half of them with one of two users.
  const row = (i: number) =>
    `${planted}-${i},u${i < 4_000 ? 0 : i},${i === 0 ? '2001-01-01 00:00:00' : '2100-01-01 00:00:00'}\n`;
  dir.write('tokens.csv', `token,user_id,expires\n${Array.from({ length: 8_000 }, (_, i) => row(i)).join('')}`);
  const flags = [...target.flags, '--wps', '20000', '--types', 'expires=EPOCH'];
  const { status, stdout } = await dir.run(['plan', 'tokens.csv', ...flags]);
  expect(status).toBe(0);
  for (const part of [
    / write units +8,000 of the table, 8,000 of index by-user\n/,
    // 1,000 of the index less 20 %: 8,000 units take 10 s, where the table at 20,000 takes 400 ms.
    / time +10 s at the full rate, .*; index by-user holds it back/,
    / faster +20,000 write units a second would take 400 ms, with --raise-wcu 21000/,
    / aws dynamodb update-table .*IndexName=by-user.*WriteCapacityUnits=25000/,
    // Two regions: 16,000 units × 2 × 0.625 $ / 1,000,000 = 0.02 $.
    / cost +\$0\.02 on demand in 2 regions \(table \$0\.01, by-user \$0\.01\)/,
    / beware +a stream is on \(NEW_IMAGE\): 8,000 records will reach its consumers/,
    / beware +Kinesis stream audit is attached: 8,000 records/,
    / beware +every write is copied to eu-west-1/,
    / beware +time-to-live goes by "expires", which is more than five years past in 1 row/,
    / not checked +point-in-time recovery \(needs dynamodb:DescribeContinuousBackups\)\n/,
    /\n +1,000 {2}index by-user: provisioned, below what is asked for\n/,
    /\n +40,000 {2}any table or index: quota\n/,
    /\n +80,000 {2}the account: quota of all/,
    /\n {2}expires +EPOCH +0 +0 +19 +2001-01-01 to 2100-01-01\n/,
  ]) {
    expect(stdout).toMatch(part);
  }
  expect(target.itemsReceived()).toBe(0);
});

test('a table that does not exist is planned with --key, and ImportTable is advised', async () => {
  const { flags } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', `token\n${`${planted}\n`.repeat(1_000_000)}`);
  const { status, stdout } = await dir.run(['plan', 'tokens.csv', ...flags, '--table', 'new-one', '--key', 'token']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/best way +ImportTable of AWS, .*\n +because +the table does not exist/);
  expect(stdout).toMatch(/rate +not known, as the table was not looked at/);
  expect(stdout).toMatch(/crowded +all rows bear one value in "token"/);
});
