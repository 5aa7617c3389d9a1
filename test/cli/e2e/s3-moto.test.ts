import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withAwsEnvironment } from '../../support/aws-environment.ts';
import { type Moto, motoCommand, startMoto } from '../../support/moto.ts';
import { planted } from '../../support/planted.ts';
import { workDir } from '../../support/work-dir.ts';
import { dynamoTarget } from './dynamo-target.ts';

withAwsEnvironment();

describe.runIf(motoCommand !== undefined)('against moto', () => {
  const count = 24_000;
  const size = 8_000;
  const lines = Array.from({ length: count }, (_, n) => `${planted}-${n},${n}\n`);
  let moto: Moto;

  beforeAll(async () => {
    moto = await startMoto(motoCommand!);
    await moto.client.send(new CreateBucketCommand({ Bucket: 'dumps' }));
  });
  afterAll(() => moto?.stop());

  test('a run that was killed is resumed, and every row is in the table once', { timeout: 120_000 }, async () => {
    for (let n = 0; n * size < count; n++) {
      const Body = `token,user_id\n${lines.slice(n * size, (n + 1) * size).join('')}`;
      await moto.client.send(new PutObjectCommand({ Bucket: 'dumps', Key: `night/part-${n}`, Body }));
    }
    await moto.client.send(new PutObjectCommand({ Bucket: 'dumps', Key: 'night/_SUCCESS', Body: '' }));
    const { table, proxy, flags } = await dynamoTarget();
    const dir = workDir();
    const env = { AWS_ENDPOINT_URL_S3: moto.url };
    const args = ['s3://dumps/night/', ...flags, '--yes', '--wps', '12000', '--max-ahead', '2000', '--run-dir', 'run'];
    const running = dir.spawn([...args, '--settle', '0s'], { stdin: '', env });
    await Promise.race([proxy.until(({ received }) => received.items >= 19_000), running.ended]);
    running.child.kill('SIGKILL');
    expect(await running.ended).toMatchObject({ signal: 'SIGKILL' });
    const { status, stderr } = await dir.run(['--resume', 'run'], { env });
    expect(status, stderr).toBe(0);
    const found = [...table.items().values()].map((item) => `${item['token']?.['S']},${item['user_id']?.['S']}\n`);
    expect(found.sort()).toEqual([...lines].sort());
    const summary = JSON.parse(dir.read('run/summary.json'));
    expect(summary.rows).toMatchObject({ read: count, written: count });
    expect(JSON.parse(dir.read('run/checkpoint.json')).progress.hash.before).toHaveLength(1);
  });
});
