import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { runsEveryCase } from '../../support/importer-command.ts';
import type { PlainBucket } from '../../support/plain-bucket.ts';
import { planted } from '../../support/planted.ts';
import { randomBelow, seededRandom } from '../../support/seeded-random.ts';
import { type WorkDir, workDir } from '../../support/work-dir.ts';
import { dynamoTarget, tokensCsv, unlessEnded } from './dynamo-target.ts';
import { s3Target } from './s3-target.ts';
import { tokensDump } from './sql-dumps.ts';

type Case = {
  readonly title: string;
  readonly sources: readonly string[];
  readonly flags?: readonly string[];
  prepare(bucket: PlainBucket, dir: WorkDir): void;
};

const header = 'token,user_id\n';
const rows = [`${planted},1\n`, 'b,2\n', 'ç,3\n'];
const csv = header + rows.join('');
const expected = { [planted]: '1', b: '2', ç: '3' };
const tabbed = rows.join('').replaceAll(',', '\t');
const schema = 'CREATE TABLE `tokens` (`token` varchar(64) NOT NULL, `user_id` varchar(9), PRIMARY KEY (`token`));\n';

const cases: readonly Case[] = [
  {
    title: 'one object',
    sources: ['s3://dumps/night 1/tokens+ü.csv'],
    prepare: (bucket) => bucket.put('night 1/tokens+ü.csv', csv),
  },
  { title: 'gzip', sources: ['s3://dumps/t'], prepare: (bucket) => bucket.put('t', gzipSync(csv)) },
  {
    title: 'a prefix, listed in pages',
    sources: ['s3://dumps/night/'],
    prepare(bucket) {
      bucket.put('night/', '');
      bucket.put('night/_SUCCESS', '');
      for (const [n, row] of rows.entries()) bucket.put(`night/part-${n}`, header + row);
      bucket.put('nightly', 'not\nthis\n');
    },
  },
  {
    title: 'a pattern, then a file',
    sources: ['s3://dumps/part*', '3.csv'],
    prepare(bucket, dir) {
      bucket.put('part-1', header + rows[1]);
      bucket.put('part-2', gzipSync(header + rows[2]));
      bucket.put('spare', 'not\nthis\n');
      dir.write('3.csv', header + rows[0]);
    },
  },
  {
    title: 'a .txt with its .sql',
    sources: ['s3://dumps/app/tokens.txt'],
    prepare(bucket) {
      bucket.put('app/tokens.txt', tabbed);
      bucket.put('app/tokens.sql', schema);
    },
  },
  {
    title: 'a prefix of what mysqldump --tab writes',
    sources: ['s3://dumps/app/'],
    prepare(bucket) {
      bucket.put('app/tokens.txt.gz', gzipSync(tabbed));
      bucket.put('app/tokens.sql', schema);
    },
  },
  {
    title: '--schema s3://',
    sources: ['s3://dumps/rows'],
    flags: ['--schema', 's3://dumps/schema/t.sql.gz'],
    prepare(bucket) {
      bucket.put('rows', tabbed);
      bucket.put('schema/t.sql.gz', gzipSync(schema));
    },
  },
  {
    title: 'a file with --schema s3://',
    sources: ['rows'],
    flags: ['--schema', 's3://dumps/t.sql'],
    prepare(bucket, dir) {
      dir.write('rows', tabbed);
      bucket.put('t.sql', schema);
    },
  },
  {
    title: 'a folder of mydumper',
    sources: ['s3://dumps/my/'],
    flags: ['--source-table', 'app.tokens'],
    prepare(bucket) {
      bucket.put('my/metadata', '[config]\n# Finished dump at: 2026-01-31 02:00:00\n');
      bucket.put('my/app.tokens-schema.sql.gz', gzipSync(schema));
      bucket.put('my/app.users-schema.sql', schema.replace('tokens', 'users'));
      bucket.put('my/app.users.00000.sql', "INSERT INTO `users` VALUES('x','9');\n");
      for (const [n, row] of rows.entries()) {
        const [token, user] = row.trim().split(',');
        bucket.put(`my/app.tokens.0000${n}.sql`, `INSERT INTO \`tokens\` VALUES('${token}','${user}');\n`);
      }
    },
  },
];

test.concurrent.for(cases)('$title: every row comes to the table as it is', async (row, { onTestFinished }) => {
  const { sources, flags = [], prepare } = row;
  const target = await dynamoTarget({}, {}, onTestFinished);
  const { bucket, env } = await s3Target({ pageKeys: 2 }, onTestFinished);
  const dir = workDir({ keep: true });
  onTestFinished(dir.remove);
  prepare(bucket, dir);
  const { status, stderr } = await dir.run([...sources, ...target.flags, ...flags, '--yes'], { env });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  const items = [...target.table.items().values()].map((item) => [item['token']?.['S'], item['user_id']?.['S']]);
  expect(Object.fromEntries(items)).toEqual(expected);
});

test('count, bytes, region and versions are shown, and what is skipped or out of order', async () => {
  const { flags } = await dynamoTarget();
  const { bucket, env } = await s3Target({ region: 'eu-west-1', isVersioned: true });
  for (const name of ['part-10', 'part-9']) bucket.put(`night/${name}`, csv);
  bucket.put('night/_SUCCESS', '');
  bucket.put('night/x.manifest', '{}');
  const args = ['s3://dumps/night/', '--s3-region', 'eu-west-1', '--log-format', 'json', ...flags, '--yes'];
  const run = await workDir().run(args, { env });
  expect(run.status, run.stderr).toBe(0);
  const logged = run.stderr.split('\n').filter((line) => line.startsWith('{'));
  const preflight = logged.map((line) => JSON.parse(line)).find(({ event }) => event === 'preflight');
  const storedBytes = 2 * Buffer.byteLength(csv);
  expect(preflight.s3).toEqual({ objects: 2, storedBytes, region: 'eu-west-1', versions: 2 });
  expect(run.stderr).toContain('s3://dumps/night/part-10 comes before s3://dumps/night/part-9');
  expect(run.stderr).toContain('s3://dumps/night/_SUCCESS (empty), s3://dumps/night/x.manifest (a manifest)');
});

test('plan and verify read from S3', async () => {
  const { flags } = await dynamoTarget();
  const { bucket, env } = await s3Target();
  const dir = workDir();
  for (const n of [1, 2]) bucket.put(`night/${n}.sql.gz`, gzipSync(tokensDump(100)));
  const plan = await dir.run(['plan', 's3://dumps/night/', '--json', ...flags], { env });
  expect(plan.status, plan.stderr).toBe(0);
  expect(JSON.parse(plan.stdout)).toMatchObject({
    source: ['s3://dumps/night/'],
    rows: { read: 200, importable: 200 },
  });
  const imported = await dir.run(['s3://dumps/night/', ...flags, '--yes', '--run-dir', 'run'], { env });
  expect(imported.status, imported.stderr).toBe(0);
  const verify = await dir.run(['verify', 's3://dumps/night/', '--all', ...flags], { env });
  expect(verify.status, verify.stderr).toBe(0);
  expect(verify.stdout).toContain('200 read');
});

test('a signal stops a run whose body stands still, after its checkpoint', async () => {
  const target = await dynamoTarget();
  const { bucket, server, env } = await s3Target({
    fault: ({ ifMatch, range }) =>
      ifMatch !== undefined && beginOf(range) === 0 ? { kind: 'stall', afterBytes: 2_000_000 } : undefined,
  });
  bucket.put('tokens.csv', tokensCsv(200_000));
  const dir = workDir();
  const args = ['s3://dumps/tokens.csv', ...target.flags, '--yes', '--wps', '100000', '--run-dir', 'run'];
  const running = dir.spawn(args, { stdin: '', env });
  await unlessEnded(
    running,
    target.proxy.until(({ received }) => received.items > 0),
  );
  await unlessEnded(
    running,
    waitFor(() => server.bytesSent() > 1_900_000),
  );
  running.child.kill('SIGINT');
  expect(await running.ended).toMatchObject({ status: 130, stderr: expect.not.stringContaining('broke off') });
});

describe('a run that was killed', () => {
  const count = 24_000;
  const size = 8_000;
  const lines = Array.from({ length: count }, (_, n) => `${planted}-${n},${'x'.repeat(60)}${n}\n`);
  const object = (n: number) => header + lines.slice(n * size, (n + 1) * size).join('');

  async function killed(isVersioned: boolean, packed = false) {
    const random = seededRandom(7);
    let isFaulty = false;
    const s3 = await s3Target({
      isVersioned,
      fault: ({ ifMatch }) =>
        isFaulty && ifMatch !== undefined && random() < 0.5
          ? { kind: 'cut', afterBytes: randomBelow(random, 300_000) }
          : undefined,
    });
    const target = await dynamoTarget();
    const dir = workDir();
    for (let n = 0; n < 3; n++) s3.bucket.put(`night/part-${n}`, packed ? gzipSync(object(n)) : object(n));
    isFaulty = true;
    const args = [
      's3://dumps/night/',
      ...target.flags,
      '--yes',
      '--wps',
      '12000',
      '--run-dir',
      'run',
      '--settle',
      '0s',
    ];
    const running = dir.spawn([...args, '--max-ahead', '2000'], { stdin: '', env: s3.env });
    await Promise.race([target.proxy.until(({ received }) => received.items >= 19_000), running.ended]);
    running.child.kill('SIGKILL');
    expect(await running.ended).toMatchObject({ signal: 'SIGKILL' });
    const resume = (...more: readonly string[]) => dir.run(['--resume', 'run', ...more], { env: s3.env });
    return { ...s3, ...target, dir, resume, askedBefore: s3.server.asked.length };
  }

  function expectAll(table: Awaited<ReturnType<typeof killed>>['table']): void {
    expect(table.items().size).toBe(count);
    const users = [...table.items().values()].map((item) => `${item['token']?.['S']},${item['user_id']?.['S']}\n`);
    expect(users.sort()).toEqual([...lines].sort());
  }

  test('is resumed at its checkpoint, without reading what is done', { timeout: 120_000 }, async () => {
    const run = await killed(false);
    const mark = JSON.parse(run.dir.read('run/checkpoint.json')).progress.mark;
    expect(mark.fileIndex).toBeGreaterThan(0);
    const { status, stderr } = await run.resume();
    expect(status, stderr).toBe(0);
    expectAll(run.table);
    const asked = run.server.asked.slice(run.askedBefore).filter(({ ifMatch }) => ifMatch !== undefined);
    const from = asked.filter(({ key }) => key === `night/part-${mark.fileIndex}`).map(({ range }) => beginOf(range));
    expect(Math.min(...from)).toBeGreaterThan(0);
    expect(Math.min(...from)).toBeLessThanOrEqual(mark.byteOffset);
    const done = mark.fileIndex > 1 ? asked.filter(({ key }) => key === 'night/part-1') : [];
    expect(done).toEqual([]);
    expect(JSON.parse(run.dir.read('run/checkpoint.json')).progress.hash.before).toHaveLength(1);
  });

  test.runIf(runsEveryCase)('is resumed from compressed objects too', { timeout: 120_000 }, async () => {
    const run = await killed(false, true);
    const { status, stderr } = await run.resume();
    expect(status, stderr).toBe(0);
    expectAll(run.table);
  });

  test('is not resumed from an object that was overwritten, but from its version', { timeout: 120_000 }, async () => {
    for (const isVersioned of [false, true]) {
      const run = await killed(isVersioned);
      run.bucket.put('night/part-2', object(2).replaceAll('xx', 'yy'));
      const { status, stderr } = await run.resume();
      if (isVersioned) {
        expect(status, stderr).toBe(0);
        expectAll(run.table);
      } else {
        expect(status).toBe(4);
        expect(stderr).toContain('s3://dumps/night/part-2 was overwritten');
      }
    }
  });

  test.runIf(runsEveryCase)('is resumed from files, every byte of which is checked', { timeout: 120_000 }, async () => {
    const run = await killed(false);
    const paths = [0, 1, 2].map((n) => run.dir.write(`part-${n}`, object(n)));
    const wrong = run.dir.write('wrong', object(0).replace('xx', 'xy'));
    const refused = await run.resume(wrong, ...paths.slice(1));
    expect(refused.stderr).toContain('the source is not the one this run began with');
    const { status, stderr } = await run.resume(...paths);
    expect(status, stderr).toBe(0);
    expectAll(run.table);
  });
});

describe('what stops it is told before the first write, with its exit code:', () => {
  const faults: readonly (readonly [
    title: string,
    source: string,
    exitCode: number,
    says: readonly string[],
    options?: Parameters<typeof s3Target>[0],
  ])[] = [
    ['a bucket that is not there', 's3://none/tokens.csv', 4, ['bucket "none" does not exist', '--s3-region']],
    ['an object that is not there', 's3://dumps/none.csv', 4, ['s3://dumps/none.csv does not exist']],
    ['a prefix without its /', 's3://dumps/night', 4, ['Pass s3://dumps/night/']],
    ['a prefix without objects', 's3://dumps/none/', 4, ['s3://dumps/none/: no object is below it']],
    ['a URL of nothing', 's3://dumps', 2, ['names a bucket, but nothing in it']],
    ['an archived object', 's3://dumps/cold.csv', 4, ['is archived (GLACIER)', 'restore-object']],
    ['an empty object', 's3://dumps/empty.csv', 4, ['is empty (0 bytes)']],
    ['another region', 's3://dumps/tokens.csv', 2, ['--s3-region eu-west-1'], { region: 'eu-west-1' }],
    ['a missing right', 's3://dumps/tokens.csv', 4, ['may not read', 's3:GetObject'], { may: () => false }],
    ['readers who pay', 's3://dumps/tokens.csv', 4, ['--request-payer requester'], { isRequesterPays: true }],
  ];

  test.concurrent.for(faults)('%s', async ([, source, exitCode, says, options], { onTestFinished }) => {
    const { bucket, env } = await s3Target(options, onTestFinished);
    bucket.put('tokens.csv', tokensCsv(3));
    bucket.put('night/part-1', tokensCsv(3));
    bucket.put('empty.csv', '');
    bucket.put('cold.csv', tokensCsv(3), { storageClass: 'GLACIER' });
    const dir = workDir({ keep: true });
    onTestFinished(dir.remove);
    const run = await dir.run([source, '--repository', 'memory', '--key', 'token'], { env });
    expect(run.status, run.stderr).toBe(exitCode);
    const said = run.stderr.replaceAll(/\s+/g, ' ');
    for (const text of says) expect(said).toContain(text);
  });

  test('a --schema that is not there, and a region that is not set', async () => {
    const { bucket, env } = await s3Target();
    bucket.put('rows', tabbed);
    const dir = workDir();
    const rehearsal = ['--repository', 'memory', '--no-run-dir'];
    const schemaless = await dir.run(['s3://dumps/rows', '--schema', 's3://dumps/t.sql', ...rehearsal], { env });
    expect(schemaless).toMatchObject({
      status: 4,
      stderr: expect.stringContaining('s3://dumps/t.sql does not exist'),
    });
    const placeless = await dir.run(['s3://dumps/rows', ...rehearsal], { env: { ...env, AWS_REGION: undefined } });
    expect(placeless).toMatchObject({ status: 4, stderr: expect.stringContaining('--s3-region') });
  });
});

async function waitFor(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

function beginOf(range: string | undefined): number {
  return Number(/\d+/.exec(range ?? '')![0]);
}
