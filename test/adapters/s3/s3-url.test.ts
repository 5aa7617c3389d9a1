import { expect, test } from 'vitest';
import { parseS3Url } from '../../../src/adapters/s3/s3-url.ts';

test.each([
  ['s3://dumps/tokens.csv', 'dumps', 'tokens.csv', 'object'],
  ['s3://dumps/a b/100%25+ü?#.csv', 'dumps', 'a b/100%25+ü?#.csv', 'object'],
  ['s3://dumps//tokens.csv', 'dumps', '/tokens.csv', 'object'],
  ['s3://dumps/', 'dumps', '', 'prefix'],
  ['s3://dumps/2026/', 'dumps', '2026/', 'prefix'],
  ['s3://dumps/2026/part*', 'dumps', '2026/part*', 'pattern'],
  ['s3://dumps/*.csv.gz', 'dumps', '*.csv.gz', 'pattern'],
  [
    's3://arn:aws:s3:eu-central-1:123456789012:accesspoint/nightly/tokens.csv',
    'arn:aws:s3:eu-central-1:123456789012:accesspoint/nightly',
    'tokens.csv',
    'object',
  ],
])('%s is read', (url, bucket, key, kind) => {
  expect(parseS3Url(url)).toEqual({ bucket, key, kind });
});

test.each([
  ['s3://', 'is not an s3:// URL'],
  ['s3:///tokens.csv', 'is not an s3:// URL'],
  ['s3:/dumps/tokens.csv', 'is not an s3:// URL'],
  ['s3://dumps', 'names a bucket, but nothing in it'],
  ['s3://dumps/20*/tokens.csv', 'has a * before its last /'],
])('%s is refused with the forms that there are', (url, why) => {
  expect(() => parseS3Url(url)).toThrow(
    expect.objectContaining({ code: 'usage', message: `${url} ${why}`, hint: expect.stringMatching(/^[A-Z].*\.$/s) }),
  );
});
