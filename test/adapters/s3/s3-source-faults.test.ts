import { expect, test } from 'vitest';
import { connectS3 } from '../../../src/adapters/s3/s3-connection.ts';
import { openS3Source } from '../../../src/adapters/s3/s3-source.ts';
import { systemClock } from '../../../src/adapters/system/system-clock.ts';
import { withAwsEnvironment } from '../../support/aws-environment.ts';
import { type S3PlaceOptions, s3Place } from '../../support/s3-place.ts';
import { faultOf } from '../packing/collect.ts';
import { WaitingClock } from './waiting-clock.ts';

withAwsEnvironment();

const url = 's3://dumps/rows.txt';

async function faultOn(
  options: S3PlaceOptions,
  opened = url,
  stored: { storageClass?: string; restore?: string } = {},
) {
  const { bucket, connection } = await s3Place({ clock: new WaitingClock(), ...options });
  bucket.put('rows.txt', 'a,b\n', stored);
  bucket.put('night/part-1', 'a,b\n');
  bucket.put('empty.csv', '');
  const fault = await faultOf(() => openS3Source(connection, opened));
  expect(fault.hint).toMatch(/^[A-Z].*(\.|import-tokens -)$/);
  return fault;
}

test('a missing bucket is named', async () => {
  for (const key of ['rows.txt', 'night/', 'part*']) {
    expect(await faultOn({}, `s3://dump/${key}`)).toMatchObject({
      code: 'source-missing',
      message: 'bucket "dump" does not exist',
    });
  }
});

test('a missing object is named, and a prefix of that name is suggested', async () => {
  expect(await faultOn({}, 's3://dumps/Rows.txt')).toMatchObject({
    code: 'source-missing',
    message: 's3://dumps/Rows.txt does not exist',
  });
  expect(await faultOn({}, 's3://dumps/night')).toMatchObject({
    code: 'source-missing',
    hint: 'Pass s3://dumps/night/ to import what is below it.',
  });
});

test('a missing right is told with what it takes', async () => {
  const without = (right: string): S3PlaceOptions => ({ may: (action) => action !== right });
  const fault = await faultOn(without('s3:GetObject'));
  expect(fault).toMatchObject({ code: 'access-denied', message: expect.stringContaining(`may not read ${url}`) });
  expect(fault.hint).toContain('s3:GetObject');
  expect(await faultOn(without('s3:ListBucket'), 's3://dumps/night/')).toMatchObject({
    code: 'access-denied',
    hint: expect.stringContaining('s3:ListBucket'),
  });
  expect(await faultOn(without('s3:ListBucket'), 's3://dumps/none.txt')).toMatchObject({
    code: 'access-denied',
    message: expect.stringContaining('or it does not exist'),
  });
});

test('a bucket in another region is told with the flag that names it', async () => {
  for (const key of ['rows.txt', 'night/']) {
    expect(await faultOn({ region: 'eu-west-1' }, `s3://dumps/${key}`)).toMatchObject({
      code: 'usage',
      message: 'bucket "dumps" is in region eu-west-1, not us-east-1',
      hint: 'Pass --s3-region eu-west-1.',
    });
  }
});

test('an archived object is refused until it is restored', async () => {
  for (const storageClass of ['GLACIER', 'DEEP_ARCHIVE']) {
    const fault = await faultOn({}, url, { storageClass, restore: 'ongoing-request="true"' });
    expect(fault).toMatchObject({
      code: 'source-unreadable',
      message: `${url} is archived (${storageClass}), so it cannot be read`,
      hint: expect.stringContaining('restore-object'),
    });
  }
  const { bucket, connection } = await s3Place();
  bucket.put('rows.txt', 'a\n', { storageClass: 'GLACIER', restore: 'ongoing-request="false", expiry-date="x"' });
  bucket.put('instant.txt', 'a\n', { storageClass: 'GLACIER_IR' });
  expect((await openS3Source(connection, 's3://dumps/*.txt')).files).toHaveLength(2);
});

test('a bucket whose readers pay is told, with the command that agrees to', async () => {
  const fault = await faultOn({ isRequesterPays: true });
  expect(fault).toMatchObject({ code: 'access-denied', message: expect.stringContaining('requester pays') });
  expect(fault.hint).toContain(`aws s3 cp --request-payer requester ${url} - | import-tokens -`);
});

test('an empty object is refused where it is named', async () => {
  expect(await faultOn({}, 's3://dumps/empty.csv')).toMatchObject({
    code: 'source-empty',
    message: 's3://dumps/empty.csv is empty (0 bytes)',
  });
});

test('an object that is packed otherwise, or no text, is refused with the command that reads it', async () => {
  const { bucket, connection } = await s3Place();
  const packed = {
    'a.csv.xz': ['\xfd7zXZ\x00\x00\x04', 'aws s3 cp s3://dumps/a.csv.xz - | xz -dc | import-tokens -'],
    'a.txt.bz2': [
      'BZh91AY&SY\x00\x00',
      'aws s3 cp s3://dumps/a.txt.bz2 - | bzip2 -dc | import-tokens - --schema s3://dumps/a.sql',
    ],
    'a.zip': ['PK\x03\x04\x14\x00\x00\x00', 'aws s3 cp s3://dumps/a.zip - | funzip | import-tokens -'],
    'a.tar': [`${'a'.repeat(257)}ustar`, 'aws s3 cp s3://dumps/a.tar - | tar -xOf - | import-tokens -'],
  };
  for (const [key, [bytes, command]] of Object.entries(packed)) {
    bucket.put(key, Buffer.from(bytes!, 'latin1'));
    const fault = await faultOf(() => openS3Source(connection, `s3://dumps/${key}`));
    expect(fault.message).toContain(`s3://dumps/${key}`);
    const what = /xz|bz2/.test(key) ? 'it' : 'its content';
    expect(fault.hint).toBe(`Pipe ${what}, with the same options: ${command}`);
  }
});

test('refused credentials are told by what refused them', async () => {
  for (const [id, code] of [
    ['AKIDUNKNOWN', 'InvalidAccessKeyId'],
    ['AKIDEXPIRED', 'ExpiredToken'],
  ] as const) {
    process.env['AWS_ACCESS_KEY_ID'] = id;
    const fault = await faultOn({}).finally(() => {
      process.env['AWS_ACCESS_KEY_ID'] = 'AKIDTEST';
    });
    expect(fault).toMatchObject({ code: 'credentials-expired', message: `S3 refused the AWS credentials (${code})` });
  }
});

test('an endpoint that does not answer, or not as S3 does, is told', async () => {
  const { server, connection } = await s3Place({ clock: new WaitingClock() });
  await server.close();
  expect(await faultOf(() => openS3Source(connection, url))).toMatchObject({
    code: 'endpoint-unreachable',
    message: `no answer from ${server.url} (ECONNREFUSED)`,
  });
  expect(await faultOn({ fault: () => ({ kind: 'refused', status: 500, code: 'InternalError' }) })).toMatchObject({
    code: 'service-refused',
    message: expect.stringContaining('(InternalError, HTTP 500)'),
  });
});

test('an endpoint that is no URL, and a missing region, are told before any request', async () => {
  const shared = { clock: systemClock, random: () => 0.5 };
  expect(
    await faultOf(() => connectS3({ ...shared, region: 'us-east-1', endpointUrl: 'localhost:9000' })),
  ).toMatchObject({
    code: 'usage',
    hint: expect.stringContaining('AWS_ENDPOINT_URL_S3'),
  });
  expect(await faultOf(() => connectS3(shared))).toMatchObject({
    code: 'region-missing',
    hint: expect.stringContaining('--s3-region'),
  });
});
