import { expect, test } from 'vitest';
import { namesBelow, openS3Source } from '../../../src/adapters/s3/s3-source.ts';
import { withAwsEnvironment } from '../../support/aws-environment.ts';
import { s3Place } from '../../support/s3-place.ts';
import { collect, faultOf } from '../packing/collect.ts';

withAwsEnvironment();

test('a prefix is its objects in the order of their keys, however many pages list them', async () => {
  const { bucket, server, connection } = await s3Place({ pageKeys: 3 });
  const names = [
    'part-10',
    'part-9',
    'part-1',
    'Part-2',
    'deep/part-3',
    'ü',
    '\u{1f600}',
    '\uffee',
    'a b+c%20',
    'x\u0007',
  ];
  for (const name of names) bucket.put(`night/${name}`, name);
  bucket.put('nightly', 'not below it');
  const { files, skipped } = await openS3Source(connection, 's3://dumps/night/');
  const sorted = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect(files.map(({ name }) => name)).toEqual(sorted.map((name) => `s3://dumps/night/${name}`));
  for (const [at, file] of files.entries()) expect((await collect(file.read())).toString()).toBe(sorted[at]);
  expect(skipped).toEqual([]);
  expect(server.asked.filter(({ query }) => query.has('list-type'))).toHaveLength(4);
});

test('a pattern stands for what it matches in its folder, as in a shell', async () => {
  const { bucket, connection } = await s3Place();
  for (const key of ['n/part-1', 'n/part-2.csv', 'n/part/3', 'n/spart', 'n/part.+']) bucket.put(key, 'a\n');
  const names = async (url: string) => (await openS3Source(connection, url)).files.map(({ name }) => name);
  expect(await names('s3://dumps/n/part*')).toEqual([
    's3://dumps/n/part-1',
    's3://dumps/n/part-2.csv',
    's3://dumps/n/part.+',
  ]);
  expect(await names('s3://dumps/n/*.csv')).toEqual(['s3://dumps/n/part-2.csv']);
  expect(await names('s3://dumps/n/part.*')).toEqual(['s3://dumps/n/part.+']);
});

test('what holds no rows is skipped and named', async () => {
  const { bucket, connection } = await s3Place();
  const rows = ['n/0000_part_00', 'n/manifests.csv', 'n/tokens.txt', 'n/users.sql'];
  for (const key of rows) bucket.put(key, 'a\n');
  const others = {
    'n/': ['', 'a folder'],
    'n/deep/': ['', 'a folder'],
    'n/deep_$folder$': ['', 'a folder'],
    'n/part-3': ['', 'empty'],
    'n/_SUCCESS': ['', 'empty'],
    'n/_committed_123': ['{}', 'a marker'],
    'n/.part-0.crc': ['x', 'a marker'],
    'n/manifest': ['{}', 'a manifest'],
    'n/unload_manifest': ['{}', 'a manifest'],
    'n/manifest-files.json': ['{}', 'a manifest'],
    'n/manifest-summary.md5': ['x', 'a manifest'],
    'n/tokens.sql': ['CREATE TABLE', 'the table definition of a .txt'],
  };
  for (const [key, [text]] of Object.entries(others)) bucket.put(key, text!);
  const { files, skipped } = await openS3Source(connection, 's3://dumps/n/');
  expect(files.map(({ name }) => name)).toEqual(rows.map((key) => `s3://dumps/${key}`));
  const expected = Object.entries(others).map(([key, [, why]]) => ({ url: `s3://dumps/${key}`, why }));
  expect(skipped).toHaveLength(expected.length);
  expect(skipped).toEqual(expect.arrayContaining(expected));
});

test('a prefix or pattern without rows is named', async () => {
  const { bucket, connection } = await s3Place();
  bucket.put('n/_SUCCESS', '');
  const fault = (url: string) => faultOf(() => openS3Source(connection, url));
  expect(await fault('s3://dumps/none/')).toMatchObject({
    code: 'source-missing',
    message: 's3://dumps/none/: no object is below it',
  });
  expect(await fault('s3://dumps/n/part*')).toMatchObject({ message: 's3://dumps/n/part*: no object matches it' });
  expect(await fault('s3://dumps/n/')).toMatchObject({
    code: 'source-missing',
    message: 's3://dumps/n/: none of the 1 objects below it holds rows',
  });
});

test('each object has its version and its ETag', async () => {
  const { bucket, connection } = await s3Place({ isVersioned: true });
  bucket.put('n/a', 'a\n');
  bucket.put('n/a', 'b\n');
  const [file] = (await openS3Source(connection, 's3://dumps/n/')).files;
  expect(file).toMatchObject({ storedBytes: 2, mtimeMs: Date.UTC(2026, 0, 1, 0, 0, 1) });
  expect(file!.etag).toMatch(/^"[0-9a-f]{32}"$/);
  expect(file!.versionId).toMatch(/^[0-9a-f]{32}$/);
  bucket.put('n/a', 'c\n');
  expect((await collect(file!.read())).toString()).toBe('b\n');
});

test('a resume finds the version of before, and the current object where it is gone or may not be named', async () => {
  for (const mayName of [true, false]) {
    const { bucket, connection } = await s3Place({
      isVersioned: true,
      may: (action) => mayName || action !== 's3:GetObjectVersion',
    });
    bucket.put('a', 'old\n');
    const { versionId } = (await openS3Source(connection, 's3://dumps/a')).files[0]!;
    bucket.put('a', 'new\n');
    const rows = async (version: string) =>
      (await collect((await openS3Source(connection, 's3://dumps/a', version)).files[0]!.read())).toString();
    expect(await rows(versionId!)).toBe(mayName ? 'old\n' : 'new\n');
    expect(await rows('gone')).toBe('new\n');
  }
});

test('the names in a prefix are listed without those below it', async () => {
  const { bucket, connection } = await s3Place({ pageKeys: 2 });
  for (const key of ['n/', 'n/metadata', 'n/db.t-schema.sql', 'n/db.t.00000.sql', 'n/deep/x', 'm'])
    bucket.put(key, 'x');
  expect(await namesBelow(connection, 's3://dumps/n/')).toEqual(['db.t-schema.sql', 'db.t.00000.sql', 'metadata']);
});
