import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { uploadFile } from '../../../src/adapters/s3/s3-upload.ts';
import { withAwsEnvironment } from '../../support/aws-environment.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { type S3PlaceOptions, s3Place } from '../../support/s3-place.ts';
import { workDir } from '../../support/work-dir.ts';
import { faultOf } from '../packing/collect.ts';
import { WaitingClock } from './waiting-clock.ts';

withAwsEnvironment();

const name = 'data/part 1.json.gz';
const key = `night/${name}`;
const small = Buffer.from('a few bytes');
/** Three parts, the last one shorter. */
const large = randomBytes(2 * 8 * 1024 * 1024 + 1_000);

async function placeWith(bytes: Buffer, options: S3PlaceOptions = {}) {
  const place = await s3Place(options);
  const dir = workDir();
  const path = dir.write('part.json.gz', bytes);
  const warnings: string[] = [];
  const stop = new AbortController();
  const warn = (text: string) => warnings.push(text);
  const upload = (of = bytes, runId = 'run-1') => {
    dir.write('part.json.gz', of);
    const file = { name, bytes: of.length, sha256: createHash('sha256').update(of).digest('hex') };
    const to = { bucket: 'dumps', prefix: 'night/', runId, signal: stop.signal, warn };
    return uploadFile(place.connection, to, path, file);
  };
  return { ...place, upload, warnings, stop };
}

const isPart = (query: URLSearchParams) => query.has('partNumber');
const isCompletion = (method: string, query: URLSearchParams) => method === 'POST' && query.has('uploadId');

test('a small file is one request, and a large one is sent in parts', async () => {
  for (const [bytes, requests] of [
    [small, 'HEAD PUT'],
    [large, 'HEAD POST PUT PUT PUT POST'],
  ] as const) {
    const { bucket, server, upload, warnings } = await placeWith(bytes);
    expect(await upload()).toBe('uploaded');
    expect(bucket.bytes(key)!.equals(bytes)).toBe(true);
    expect(server.asked.map(({ method }) => method).join(' ')).toBe(requests);
    expect(bucket.uploads.keys()).toEqual([]);
    expect(warnings).toEqual([]);
  }
});

test('an object of this run is kept if it is the same, else replaced', async () => {
  for (const bytes of [small, large]) {
    const { bucket, server, upload } = await placeWith(bytes);
    await upload();
    const before = server.asked.length;
    expect(await upload()).toBe('kept');
    expect(server.asked.slice(before).map(({ method }) => method)).toEqual(['HEAD']);
    const other = Buffer.from(bytes).fill('x', 0, 5);
    expect(await upload(other)).toBe('uploaded');
    expect(bucket.bytes(key)!.equals(other)).toBe(true);
  }
});

test('an object of anybody else is never overwritten', async () => {
  for (const bytes of [small, large]) {
    const { bucket, upload } = await placeWith(bytes);
    await upload(bytes, 'run-2');
    const theirs = { ...taken, message: `s3://dumps/${key} exists already, and it was not written by this run` };
    expect(await faultOf(() => upload())).toMatchObject(theirs);
    bucket.put(key, 'other');
    expect(await faultOf(() => upload())).toMatchObject(theirs);
    expect(bucket.bytes(key)!.toString()).toBe('other');
  }
});

const taken = { code: 'usage', hint: 'Pass another prefix with --to, or remove the object.' };

test('an object that appears during the upload is not overwritten', async () => {
  for (const bytes of [small, large]) {
    const fault: S3PlaceOptions['fault'] = ({ method, query }) => {
      if (bytes === small ? method === 'PUT' : isCompletion(method, query)) bucket.put(key, 'other');
      return undefined;
    };
    const { bucket, upload } = await placeWith(bytes, { fault });
    expect(await faultOf(() => upload())).toMatchObject(taken);
    expect(bucket.bytes(key)!.toString()).toBe('other');
    expect(bucket.uploads.keys()).toEqual([]);
  }
});

test('an object that may not be looked at is never overwritten either', async () => {
  const may: S3PlaceOptions['may'] = (action) => action !== 's3:GetObject';
  const { bucket, upload } = await placeWith(small, { may });
  expect(await upload()).toBe('uploaded');
  bucket.put(key, 'other');
  expect(await faultOf(() => upload())).toMatchObject({
    message: `s3://dumps/${key} exists already, and these credentials may not look at it`,
  });
  expect(bucket.bytes(key)!.toString()).toBe('other');
});

test('bytes that change on their way are refused and sent again', async () => {
  for (const bytes of [small, large]) {
    let changed = 0;
    const fault: S3PlaceOptions['fault'] = ({ method }) =>
      method === 'PUT' && changed++ < 2 ? { kind: 'changed' } : undefined;
    const { bucket, upload } = await placeWith(bytes, { fault });
    expect(await upload()).toBe('uploaded');
    expect(bucket.bytes(key)!.equals(bytes)).toBe(true);
    expect(changed).toBeGreaterThan(2);
  }
});

test('a lost reply to the request that makes the object visible is judged by what is stored', async () => {
  for (const bytes of [small, large]) {
    let lost = 0;
    const fault: S3PlaceOptions['fault'] = ({ method, query }) => {
      const isLast = bytes === small ? method === 'PUT' : isCompletion(method, query);
      return isLast && lost++ === 0 ? { kind: 'lost' } : undefined;
    };
    const { bucket, upload, warnings } = await placeWith(bytes, { fault });
    expect(await upload()).toBe('uploaded');
    expect(lost).toBe(2);
    expect(bucket.bytes(key)!.equals(bytes)).toBe(true);
    expect(warnings).toEqual([]);
  }
});

test('SlowDown, a lost reply and an internal error are waited out', async () => {
  const trouble = [
    { kind: 'refused', status: 503, code: 'SlowDown' },
    { kind: 'lost' },
    { kind: 'refused', status: 500, code: 'InternalError' },
  ] as const;
  let n = 0;
  const fault: S3PlaceOptions['fault'] = ({ query }) => (isPart(query) ? trouble[n++] : undefined);
  const { bucket, upload } = await placeWith(large, { fault });
  expect(await upload()).toBe('uploaded');
  expect(n).toBe(6);
  expect(bucket.bytes(key)!.equals(large)).toBe(true);
});

test('an upload that fails leaves neither an object nor parts', async () => {
  for (const failing of ['part', 'completion']) {
    const fault: S3PlaceOptions['fault'] = ({ method, query }) =>
      (failing === 'part' ? query.get('partNumber') === '2' : isCompletion(method, query))
        ? { kind: 'refused', status: 503, code: 'SlowDown' }
        : undefined;
    const { bucket, upload, warnings } = await placeWith(large, { fault, clock: new WaitingClock() });
    expect(await faultOf(() => upload())).toMatchObject({
      code: 'service-refused',
      message: expect.stringContaining(`refused to take s3://dumps/${key} (SlowDown, HTTP 503)`),
    });
    expect(bucket.keys()).toEqual([]);
    expect(bucket.uploads.keys()).toEqual([]);
    expect(warnings).toEqual([]);
  }
});

test('parts that cannot be removed are told', async () => {
  const fault: S3PlaceOptions['fault'] = ({ query }) =>
    isPart(query) ? { kind: 'refused', status: 403, code: 'AccessDenied' } : undefined;
  const may: S3PlaceOptions['may'] = (action) => action !== 's3:AbortMultipartUpload';
  const { bucket, upload, warnings } = await placeWith(large, { fault, may });
  expect(await faultOf(() => upload())).toMatchObject({ code: 'access-denied' });
  expect(bucket.uploads.keys()).toEqual([key]);
  expect(warnings).toEqual([expect.stringContaining(`parts of s3://dumps/${key} are left`)]);
});

test('a stop ends the upload, and removes its parts', async () => {
  const fault: S3PlaceOptions['fault'] = ({ query }) => {
    if (query.get('partNumber') === '2') stop.abort(new Error('stopped'));
    return undefined;
  };
  const { bucket, upload, stop } = await placeWith(large, { fault });
  await expect(upload()).rejects.toThrow('stopped');
  expect(bucket.keys()).toEqual([]);
  expect(bucket.uploads.keys()).toEqual([]);
});

test('a stop ends the pause before a repeated request', async () => {
  let pauses = 0;
  const clock = new (class extends FakeClock {
    override sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
      pauses++;
      setImmediate(() => stop.abort(new Error('stopped')));
      return super.sleep(delayMs, signal);
    }
  })();
  const fault: S3PlaceOptions['fault'] = ({ method }) =>
    method === 'PUT' ? { kind: 'refused', status: 503, code: 'SlowDown' } : undefined;
  const { upload, stop } = await placeWith(small, { fault, clock });
  expect(await faultOf(() => upload())).toMatchObject({ message: 'stopped' });
  expect(pauses).toBe(1);
});

test('a file that is not as long as it was is refused', async () => {
  const { connection, bucket } = await s3Place();
  const path = workDir().write('part.json.gz', small);
  const to = { bucket: 'dumps', prefix: '', runId: 'run-1', signal: new AbortController().signal, warn: () => {} };
  const file = { name, bytes: small.length + 1, sha256: '' };
  expect(await faultOf(() => uploadFile(connection, to, path, file))).toMatchObject({ code: 'run-dir' });
  expect(bucket.keys()).toEqual([]);
});
