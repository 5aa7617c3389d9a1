import { createHash, randomBytes } from 'node:crypto';
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectS3, type S3Connection } from '../../../src/adapters/s3/s3-connection.ts';
import { uploadFile } from '../../../src/adapters/s3/s3-upload.ts';
import { findStored } from '../../../src/adapters/s3/stored-objects.ts';
import { systemClock } from '../../../src/adapters/system/system-clock.ts';
import { withAwsEnvironment } from '../../support/aws-environment.ts';
import { type Moto, motoCommand, startMoto } from '../../support/moto.ts';
import { workDir } from '../../support/work-dir.ts';
import { faultOf } from '../packing/collect.ts';

withAwsEnvironment();

describe.runIf(motoCommand !== undefined)('against moto', () => {
  let moto: Moto;
  let connection: S3Connection;

  beforeAll(async () => {
    moto = await startMoto(motoCommand!);
    connection = await connectS3({
      ...{ region: 'us-east-1', endpointUrl: moto.url, clock: systemClock },
      random: () => 0.01,
    });
    await moto.client.send(new CreateBucketCommand({ Bucket: 'dumps' }));
  });
  afterAll(async () => {
    await connection?.close();
    await moto?.stop();
  });

  const place = (runId: string) => ({
    ...{ bucket: 'dumps', prefix: 'a b/', runId, signal: new AbortController().signal },
    warn: (text: string) => expect.fail(text),
  });

  test.each([100, 20_000_000])('a file of %i bytes arrives, is kept, and is not overwritten', async (size) => {
    const bytes = randomBytes(size);
    const path = workDir().write('staged', bytes);
    const name = `data/${size}.json.gz`;
    const file = { name, bytes: size, sha256: createHash('sha256').update(bytes).digest('hex') };
    const upload = (runId: string) => uploadFile(connection, place(runId), path, file);
    const object = { Bucket: 'dumps', Key: `a b/${name}` };
    expect(await upload('run-1')).toBe('uploaded');
    const { Body } = await moto.client.send(new GetObjectCommand(object));
    expect(bytes.equals(await Body!.transformToByteArray())).toBe(true);
    const { ChecksumSHA256 } = await moto.client.send(new HeadObjectCommand({ ...object, ChecksumMode: 'ENABLED' }));
    expect(ChecksumSHA256).toMatch(/^[A-Za-z0-9+/]{43}=/);
    expect(await findStored(connection, place('run-1'), name)).toMatchObject({ sha256: file.sha256, runId: 'run-1' });
    expect(await upload('run-1')).toBe('kept');
    expect(await faultOf(() => upload('run-2'))).toMatchObject({ code: 'usage' });
    await moto.client.send(new PutObjectCommand({ ...object, Body: 'other' }));
    expect(await faultOf(() => upload('run-1'))).toMatchObject({ code: 'usage' });
  });
});
