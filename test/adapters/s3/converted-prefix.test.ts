import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { convertedPrefix, parseConvertedPrefix } from '../../../src/adapters/s3/converted-prefix.ts';
import { withAwsEnvironment } from '../../support/aws-environment.ts';
import { type S3Place, type S3PlaceOptions, s3Place } from '../../support/s3-place.ts';
import { workDir } from '../../support/work-dir.ts';
import { faultOf } from '../packing/collect.ts';
import { WaitingClock } from './waiting-clock.ts';

withAwsEnvironment();

const url = 's3://dumps/night/';
const owner = 'night/.import-tokens-run';

function filesAt({ connection }: S3Place, at = url) {
  const warnings: string[] = [];
  const signal = new AbortController().signal;
  const options = { stagingFolder: '/staging', signal, warn: (text: string) => warnings.push(text) };
  return { files: convertedPrefix(connection, at, options), warnings };
}

test('the place is a prefix', async () => {
  expect(parseConvertedPrefix(url)).toEqual({ bucket: 'dumps', prefix: 'night/' });
  expect(parseConvertedPrefix('s3://dumps/')).toEqual({ bucket: 'dumps', prefix: '' });
  for (const named of ['s3://dumps/night', 's3://dumps/night*']) {
    expect(await faultOf(async () => parseConvertedPrefix(named))).toMatchObject({
      code: 'usage',
      hint: 'Pass a prefix, which ends with a slash: s3://dumps/night/',
    });
  }
});

test('an empty prefix is claimed for a run, and no other run gets it', async () => {
  const place = await s3Place();
  place.bucket.put('night/', '');
  place.bucket.put('nightly/other', 'x');
  const { files, warnings } = filesAt(place);
  await files.claim('run-1');
  await filesAt(place).files.claim('run-1');
  expect(place.bucket.bytes(owner)!.toString()).toBe('run-1\n');
  expect(await faultOf(() => filesAt(place).files.claim('run-2'))).toMatchObject({
    code: 'usage',
    message: '--to s3://dumps/night/ belongs to another run',
  });
  expect(warnings).toEqual([]);
});

test('a prefix that holds anything else is refused', async () => {
  const place = await s3Place();
  place.bucket.put('night/data/part-00001.json.gz', 'x');
  expect(await faultOf(() => filesAt(place).files.claim('run-1'))).toMatchObject({
    code: 'usage',
    message: '--to s3://dumps/night/ is not empty',
  });
  expect(place.bucket.keys()).not.toContain(owner);
});

test('a file is uploaded, then removed from the disk, and its checksum is read back', async () => {
  const place = await s3Place();
  const { files } = filesAt(place);
  const path = workDir().write('staged', 'bytes');
  const sha256 = createHash('sha256').update('bytes').digest('hex');
  const name = 'data/part-00001.json.gz';
  await files.claim('run-1');
  expect(await files.sha256(name)).toBeUndefined();
  await files.put(path, { name, bytes: 5, sha256 });
  expect(existsSync(path)).toBe(false);
  expect(place.bucket.bytes(`night/${name}`)!.toString()).toBe('bytes');
  expect(await files.sha256(name)).toBe(sha256);
  place.bucket.put(`night/${name}`, 'bytes');
  expect(await files.sha256(name)).toBeUndefined();
});

test('parts that a killed process left are removed by the resume, and only below the prefix', async () => {
  const place = await s3Place();
  await filesAt(place).files.claim('run-1');
  for (const key of ['night/data/part-1', 'night/data/part-1', 'nightly/part-1']) {
    place.bucket.uploads.create('dumps', key);
  }
  await filesAt(place).files.claim('run-1');
  expect(place.bucket.uploads.keys()).toEqual(['nightly/part-1']);
});

test('expired credentials are not taken for a prefix of another run', async () => {
  let isExpired = false;
  const fault: S3PlaceOptions['fault'] = ({ method }) =>
    isExpired && method === 'HEAD' ? { kind: 'refused', status: 400, code: 'ExpiredToken' } : undefined;
  const place = await s3Place({ fault });
  await filesAt(place).files.claim('run-1');
  isExpired = true;
  expect(await faultOf(() => filesAt(place).files.claim('run-1'))).toMatchObject({ code: 'credentials-expired' });
});

test('a bucket that is missing, elsewhere or closed is told before any row is read', async () => {
  const faults: readonly [S3PlaceOptions, string, object][] = [
    [{}, 's3://dump/night/', { code: 'usage', message: 'bucket "dump" does not exist' }],
    [{ region: 'eu-west-1' }, url, { code: 'usage', hint: 'Pass --s3-region eu-west-1.' }],
    [
      { may: (action) => action !== 's3:PutObject' },
      url,
      {
        code: 'access-denied',
        message: `these credentials may not write s3://dumps/${owner}`,
        hint: expect.stringContaining('s3:AbortMultipartUpload'),
      },
    ],
    [
      { fault: () => ({ kind: 'refused', status: 400, code: 'ExpiredToken' }) },
      url,
      { code: 'credentials-expired', message: 'S3 refused the AWS credentials (ExpiredToken)' },
    ],
    [
      { fault: () => ({ kind: 'refused', status: 503, code: 'SlowDown' }), clock: new WaitingClock() },
      url,
      { message: expect.stringContaining('HTTP 503') },
    ],
  ];
  for (const [options, at, expected] of faults) {
    const place = await s3Place(options);
    const fault = await faultOf(() => filesAt(place, at).files.claim('run-1'));
    expect(fault).toMatchObject(expected);
    expect(fault.hint).toMatch(/^[A-Z].*\.$/);
    expect(place.bucket.keys()).toEqual([]);
  }
});

test('what may not be listed is told, and the run goes on', async () => {
  const may: S3PlaceOptions['may'] = (action) => !action.startsWith('s3:ListBucket');
  const { files, warnings } = filesAt(await s3Place({ may }));
  await files.claim('run-1');
  await files.claim('run-1');
  expect(warnings).toEqual([
    expect.stringContaining('needs s3:ListBucket'),
    expect.stringContaining('needs s3:ListBucketMultipartUploads'),
  ]);
});
