import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { planted } from '../../support/planted.ts';
import { workDir } from '../../support/work-dir.ts';
import { tokensCsv } from './dynamo-target.ts';
import { s3Target } from './s3-target.ts';

const convert = ['convert', 'tokens.csv', '--key', 'token', '--to', 's3://dumps/night/', '--run-dir', 'run'];

test('files go to a prefix, the manifest last, and the commands to load them are printed', async () => {
  const { bucket, server, env } = await s3Target();
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(5_000));
  const args = [...convert, '--table', 'tokens', '--file-bytes', '64K', '--wps', '20000'];
  const result = await dir.run(args, { env });
  expect(result, result.stderr).toMatchObject({ status: 0 });
  const put = server.asked.filter(({ method }) => method === 'PUT').map(({ key }) => key);
  expect(put[0]).toBe('night/.import-tokens-run');
  expect(put.at(-1)).toBe('night/manifest.json');
  expect(put.length).toBeGreaterThan(4);
  expect(new Set(put).size).toBe(put.length);
  const data = put.filter((key) => key.startsWith('night/data/'));
  const lines = data.flatMap((key) => gunzipSync(bucket.bytes(key)!).toString().trimEnd().split('\n'));
  expect(lines.map((line) => JSON.parse(line).Item.token.S).sort()).toEqual(
    Array.from({ length: 5_000 }, (_, i) => `${planted}-t${i}`).sort(),
  );
  expect(JSON.parse(bucket.bytes('night/manifest.json')!.toString()).files).toHaveLength(data.length);
  expect(existsSync(join(dir.path, 'run/.data-part-00001.json.gz.tmp'))).toBe(false);
  const { runId } = JSON.parse(bucket.bytes('night/manifest.json')!.toString());
  expect(result.stdout).toMatch(/aws dynamodb start-bulk-put-items .*--max-write-request-units 20000 /);
  expect(result.stdout).toMatch(/aws dynamodb import-table .*"S3KeyPrefix":"night\/data\/"/);
  expect(result.stdout.split(`--client-token ${runId} `)).toHaveLength(3);
  expect(result.stdout).toContain('import-tokens verify tokens.csv ');

  const other = await dir.run([...convert.slice(0, -1), 'other'], { env });
  expect(other).toMatchObject({ status: 2 });
  expect(other.stderr).toContain('--to s3://dumps/night/ belongs to another run\nhint: Pass a prefix without objects');
});

test('a process that is killed between two parts leaves nothing that the resume does not finish', async () => {
  // Text that hardly packs: two parts of one object.
  const rows = Array.from({ length: 9_000 }, (_, i) => `${planted}-t${i},${randomBytes(1_000).toString('base64')}\n`);
  let isKilled = false;
  const { bucket, env } = await s3Target({
    fault({ query }) {
      if (query.get('partNumber') !== '2' || isKilled) return undefined;
      isKilled = true;
      running.child.kill('SIGKILL');
      return { kind: 'lost' };
    },
  });
  const dir = workDir();
  dir.write('tokens.csv', `token,note\n${rows.join('')}`);
  const running = dir.spawn(convert, { env });
  expect(await running.ended).toMatchObject({ signal: 'SIGKILL' });
  expect(bucket.keys()).toEqual(['night/.import-tokens-run']);
  expect(bucket.uploads.keys()).toEqual(['night/data/part-00001.json.gz']);

  const resumed = await dir.run(['convert', '--resume', 'run'], { env });
  expect(resumed, resumed.stderr).toMatchObject({ status: 0 });
  expect(bucket.uploads.keys()).toEqual([]);
  expect(bucket.keys().toSorted()).toEqual([
    'night/.import-tokens-run',
    'night/data/part-00001.json.gz',
    'night/manifest.json',
  ]);
  const lines = gunzipSync(bucket.bytes('night/data/part-00001.json.gz')!).toString().trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).Item.note.S).sort()).toEqual(
    rows.map((row) => row.split(',')[1]!.trimEnd()).sort(),
  );
});

test('a bucket that does not exist is told before any row is read', async () => {
  const { env } = await s3Target();
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(10));
  const args = ['convert', 'tokens.csv', '--key', 'token', '--run-dir', 'run'];
  const missing = await dir.run([...args, '--to', 's3://dump/night/'], { env });
  expect(missing).toMatchObject({ status: 2 });
  expect(missing.stderr).toContain('error: bucket "dump" does not exist\nhint: Create it, or check --to,');
  expect(existsSync(join(dir.path, 'run'))).toBe(false);
  const object = await dir.run([...args, '--to', 's3://dumps/night'], { env });
  expect(object).toMatchObject({ status: 2 });
  expect(object.stderr).toContain('hint: Pass a prefix, which ends with a slash: s3://dumps/night/');
});
