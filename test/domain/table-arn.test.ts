import { expect, test } from 'vitest';
import { bareTableName, parseTableArn } from '../../src/domain/table.ts';

test.each([
  ['arn:aws:dynamodb:us-east-1:123456789012:table/tokens', 'us-east-1', 'tokens'],
  ['arn:aws-cn:dynamodb:cn-north-1:123456789012:table/my.to-ken_s', 'cn-north-1', 'my.to-ken_s'],
  ['arn:aws-us-gov:dynamodb:us-gov-west-1:123456789012:table/tokens', 'us-gov-west-1', 'tokens'],
])('%s tells region, account and name', (arn, region, name) => {
  expect(parseTableArn(arn)).toEqual({ region, account: '123456789012', name });
  expect(bareTableName(arn)).toBe(name);
});

test.each([
  'tokens',
  'arn:aws:dynamodb:us-east-1:123456789012:table/tokens/index/by-user',
  'arn:aws:dynamodb:us-east-1:123456789012:table/tokens/stream/2026-01-31T02:00:00.000',
  'arn:aws:dynamodb:us-east-1:12345:table/tokens',
  'arn:aws:s3:us-east-1:123456789012:table/tokens',
  ' arn:aws:dynamodb:us-east-1:123456789012:table/tokens',
])('%s is not the ARN of a table', (text) => {
  expect(parseTableArn(text)).toBeUndefined();
  expect(bareTableName(text)).toBe(text);
});
