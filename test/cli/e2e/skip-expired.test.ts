import { expect, test } from 'vitest';
import type { RunSummary } from '../../../src/domain/run-summary.ts';
import { success } from '../../support/plain-table/answers.ts';
import { planted } from '../../support/planted.ts';
import { workDir } from '../../support/work-dir.ts';
import { type DynamoTarget, dynamoTarget, unlessEnded } from './dynamo-target.ts';

const rowCount = process.env['IMPORT_TOKENS_THOROUGH'] === '1' ? 1_000_000 : 2_000;
const nowSeconds = Math.floor(Date.now() / 1000);

/** Every other row has expired. */
function halfExpired(count: number): string {
  const time = (i: number) => nowSeconds + (i % 2 === 0 ? 1_000_000 : -1_000_000);
  const rows = Array.from({ length: count }, (_, i) => `${i === 0 ? planted : `t${i}`},${time(i)}\n`);
  return `token,expires\n${rows.join('')}`;
}

function tellsTimeToLive({ proxy }: DynamoTarget, AttributeName?: string): void {
  const TimeToLiveDescription = {
    TimeToLiveStatus: AttributeName === undefined ? 'DISABLED' : 'ENABLED',
    ...(AttributeName !== undefined && { AttributeName }),
  };
  proxy.setOwnAnswer((name) => (name === 'DescribeTimeToLive' ? success({ TimeToLiveDescription }) : undefined));
}

const flags = ['--types', 'expires=N', '--rename', 'expires=ttl', '--skip-expired', '--log-format', 'pretty'];

test('half of the rows expired: half of the write units, also over a resume, and verify agrees', async () => {
  const target = await dynamoTarget();
  tellsTimeToLive(target, 'ttl');
  const dir = workDir();
  dir.write('tokens.csv', halfExpired(rowCount));
  const args = ['tokens.csv', ...target.flags, ...flags];
  const plan = await dir.run(['plan', ...args, '--wps', '1000', '--json']);
  expect(JSON.parse(plan.stdout)).toMatchObject({
    rows: { read: rowCount, importable: rowCount / 2, skipped: rowCount / 2 },
    writeUnits: rowCount / 2,
    expired: { rows: rowCount / 2, writeUnits: rowCount / 2, indexUnits: [] },
    savedByExpiry: { seconds: rowCount / 2 / 1000 },
  });

  const running = dir.spawn([...args, '--wps', String(rowCount / 4), '--yes', '--run-dir', 'run'], { stdin: '' });
  await unlessEnded(
    running,
    target.proxy.until(({ written }) => written.items >= 50),
  );
  running.child.kill('SIGINT');
  expect(await running.ended).toMatchObject({ status: 130 });
  const resumed = await dir.run(['--resume', 'run']);
  expect(resumed).toMatchObject({ status: 0 });
  const summary = JSON.parse(dir.read('run/summary.json')) as RunSummary;
  expect(summary).toMatchObject({
    outcome: 'completed',
    rows: { read: rowCount, written: rowCount / 2, superseded: 0, rejected: 0, skipped: rowCount / 2, pending: 0 },
    skippedByReason: { expired: rowCount / 2 },
    expiry: { column: 'expires', graceSeconds: 0, neverDeleted: 0 },
    scopes: { wholeRun: { writeUnits: rowCount / 2 } },
  });
  expect(resumed.stdout).toContain(`that had expired at ${summary.expiry!.clock}, by column expires\n`);
  expect(dir.read('run/report.html')).toContain('were left out, because they had expired (--skip-expired)');
  // Nothing was written twice.
  expect(target.proxy.traffic.written.items).toBe(rowCount / 2);

  const [, verifyArguments = ''] = /import-tokens (verify .*)/.exec(resumed.stdout) ?? [];
  expect(verifyArguments).toContain('--skip-expired 0s');
  const verified = await dir.run([...verifyArguments.split(' '), '--all', '--rcu', '1000000']);
  expect(verified).toMatchObject({ status: 0 });
  const half = (rowCount / 2).toLocaleString('en-US');
  expect(verified.stdout).toMatch(new RegExp(`= ${half} equal .* ${half} skipped`));
}, 600_000);

test('an attribute that --set makes can tell when a row expires, also in a resume', async () => {
  const target = await dynamoTarget();
  tellsTimeToLive(target, 'at');
  const dir = workDir();
  const [live, past] = [nowSeconds + 1_000_000, nowSeconds - 1_000_000];
  dir.write('tokens.csv', `token,at,tags\na,${past},x\n${planted},${live},y|x\nb,${past},\nc,${past}.5,\n`);
  // The column of the same name becomes another attribute.
  const mapping = ['--rename', 'at=text', '--types', 'tags=SS(|)', '--set', 'at:N={at}', '--skip-expired'];
  const args = ['tokens.csv', ...target.flags, ...mapping];
  const first = await dir.run([...args, '--yes', '--wps', '1000', '--run-dir', 'run', '--max-rows', '1']);
  expect(first.stdout).toContain('1 read = 0 written + 0 superseded + 0 kept + 0 deleted + 0 rejected + 1 skipped');
  const resumed = await dir.run(['--resume', 'run', '--max-rows', 'all', '--yes']);
  expect(resumed.stdout).toContain('4 read = 1 written + 0 superseded + 0 kept + 0 deleted + 1 rejected + 2 skipped');
  expect(dir.read('run/rejects.jsonl')).toContain(
    '"attribute \\"at\\" of --set is not a whole number of seconds, but --skip-expired needs a time in seconds since 1970"',
  );
  const item = { token: { S: planted }, text: { S: String(live) }, at: { N: String(live) }, tags: { SS: ['y', 'x'] } };
  expect([...target.table.items().values()]).toEqual([item]);
  const verified = await dir.run(['verify', ...args, '--all']);
  expect(verified.stdout).toContain('4 read = 1 equal + 0 missing + 0 different');

  const text = await dir.run([...args.map((word) => word.replace('at:N=', 'at=')), '--yes']);
  expect(text).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(
      'attribute "at" of --set is S, and DynamoDB expires only numbers\nhint: Pass --set \'at:N={COLUMN}\'.',
    ),
  });
}, 30_000);

test('a table without a TTL attribute, or one that no column gives, is refused with the remedy', async () => {
  const target = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', halfExpired(4));
  const args = ['tokens.csv', ...target.flags, ...flags];
  tellsTimeToLive(target);
  expect(await dir.run(args)).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/the table has no TTL attribute\nhint: Name the column with --ttl-column, or/),
  });
  tellsTimeToLive(target, 'gone_at');
  expect(await dir.run(args)).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/no column becomes "gone_at", the TTL attribute of the table\nhint: Pass --rename/),
  });
  expect(target.itemsReceived()).toBe(0);
});
