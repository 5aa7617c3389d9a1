import { gzipSync } from 'node:zlib';
import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectS3, type S3Connection } from '../../../src/adapters/s3/s3-connection.ts';
import { openS3Source } from '../../../src/adapters/s3/s3-source.ts';
import { systemClock } from '../../../src/adapters/system/system-clock.ts';
import { withAwsEnvironment } from '../../support/aws-environment.ts';
import { type Moto, motoCommand, startMoto } from '../../support/moto.ts';
import { collect, faultOf } from '../packing/collect.ts';

withAwsEnvironment();

describe.runIf(motoCommand !== undefined)('against moto', () => {
  let moto: Moto;
  let connection: S3Connection;

  beforeAll(async () => {
    moto = await startMoto(motoCommand!);
    connection = await connectS3({
      region: 'us-east-1',
      endpointUrl: moto.url,
      clock: systemClock,
      random: () => 0.01,
    });
    const versioned = { Bucket: 'versioned', VersioningConfiguration: { Status: 'Enabled' as const } };
    for (const Bucket of ['plain', 'versioned']) await moto.client.send(new CreateBucketCommand({ Bucket }));
    await moto.client.send(new PutBucketVersioningCommand(versioned));
  });
  afterAll(async () => {
    await connection?.close();
    await moto?.stop();
  });

  async function put(bucket: string, key: string, body: string | Buffer, more = {}): Promise<void> {
    await moto.client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ...more }));
  }

  test('a prefix of more than a page is read in the order of its keys', async () => {
    const names = Array.from({ length: 1_050 }, (_, n) => `part-${n}`);
    await Promise.all(names.map((name) => put('plain', `many/${name}`, name)));
    const { files } = await openS3Source(connection, 's3://plain/many/');
    expect(files.map(({ name }) => name)).toEqual(names.sort().map((name) => `s3://plain/many/${name}`));
  });

  test('keys of any text, gzip and large bodies arrive', async () => {
    const key = 'a b/ü+%20&=?#.csv';
    const bytes = Buffer.alloc(5_000_000, 'token,user\n');
    await put('plain', key, gzipSync(bytes));
    const [file] = (await openS3Source(connection, 's3://plain/a b/*.csv')).files;
    expect(file!.name).toBe(`s3://plain/${key}`);
    expect((await collect(file!.read())).equals(bytes)).toBe(true);
  });

  test('an object that is overwritten is source-changed, a version is read on', async () => {
    for (const bucket of ['plain', 'versioned']) {
      await put(bucket, 'rows', 'old\n');
      const [file] = (await openS3Source(connection, `s3://${bucket}/rows`)).files;
      await put(bucket, 'rows', 'new\n');
      if (bucket === 'plain') {
        expect(await faultOf(() => collect(file!.read()))).toMatchObject({ code: 'source-changed' });
      } else {
        expect(file!.versionId).toEqual(expect.any(String));
        expect((await collect(file!.read())).toString()).toBe('old\n');
      }
    }
  });

  test('what is not there, empty or archived is told', async () => {
    await put('plain', 'empty', '');
    await put('plain', 'cold', 'a\n', { StorageClass: 'GLACIER' });
    const fault = (url: string) => faultOf(() => openS3Source(connection, url));
    expect(await fault('s3://none/rows')).toMatchObject({
      code: 'source-missing',
      message: 'bucket "none" does not exist',
    });
    expect(await fault('s3://none/rows/')).toMatchObject({
      code: 'source-missing',
      message: 'bucket "none" does not exist',
    });
    expect(await fault('s3://plain/none')).toMatchObject({ code: 'source-missing' });
    expect(await fault('s3://plain/many')).toMatchObject({ hint: expect.stringContaining('s3://plain/many/') });
    expect(await fault('s3://plain/empty')).toMatchObject({ code: 'source-empty' });
    expect(await fault('s3://plain/cold')).toMatchObject({ message: expect.stringContaining('is archived') });
  });
});
