import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Credentials } from '../../../../src/adapters/aws/credentials.ts';
import { RequestSigner } from '../../../../src/adapters/dynamodb/wire/request-signer.ts';
import { sdkSignature } from './sdk-signature.ts';

const suiteCredentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const suiteToken =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';
const suiteTimeMs = Date.UTC(2015, 7, 30, 12, 36, 0);

type Vector = {
  readonly name: string;
  readonly method: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly sessionToken?: string;
  readonly signedHeaders: string;
  readonly signature: string;
};

/** Of AWS's published Signature Version 4 test suite, those without a query: BatchWriteItem has none. */
const vectors: Vector[] = [
  {
    name: 'get-vanilla',
    method: 'GET',
    signedHeaders: 'host;x-amz-date',
    signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  },
  {
    name: 'get-header-key-duplicate',
    method: 'GET',
    headers: { 'my-header1': 'value2,value2,value1' },
    signedHeaders: 'host;my-header1;x-amz-date',
    signature: 'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
  },
  {
    name: 'get-header-value-order',
    method: 'GET',
    headers: { 'my-header1': 'value4,value1,value3,value2' },
    signedHeaders: 'host;my-header1;x-amz-date',
    signature: '08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01',
  },
  {
    name: 'get-header-value-trim',
    method: 'GET',
    headers: { 'my-header1': ' value1', 'my-header2': ' "a   b   c"' },
    signedHeaders: 'host;my-header1;my-header2;x-amz-date',
    signature: 'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  },
  {
    name: 'get-unreserved',
    method: 'GET',
    path: '/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
    signedHeaders: 'host;x-amz-date',
    signature: '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
  },
  {
    name: 'get-utf8',
    method: 'GET',
    path: '/ሴ',
    signedHeaders: 'host;x-amz-date',
    signature: '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85',
  },
  {
    name: 'post-vanilla',
    method: 'POST',
    signedHeaders: 'host;x-amz-date',
    signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  },
  {
    name: 'post-header-key-sort',
    method: 'POST',
    headers: { 'my-header1': 'value1' },
    signedHeaders: 'host;my-header1;x-amz-date',
    signature: 'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
  },
  {
    name: 'post-header-value-case',
    method: 'POST',
    headers: { 'my-header1': 'VALUE1' },
    signedHeaders: 'host;my-header1;x-amz-date',
    signature: 'cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d',
  },
  {
    name: 'post-sts-header-before',
    method: 'POST',
    sessionToken: suiteToken,
    signedHeaders: 'host;x-amz-date;x-amz-security-token',
    signature: '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
  },
  {
    name: 'post-x-www-form-urlencoded',
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Param1=value1',
    signedHeaders: 'content-type;host;x-amz-date',
    signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  },
];

test.each(vectors)('signs $name of the published test suite', ({ name: _, ...vector }) => {
  const signer = new RequestSigner({
    method: vector.method,
    host: 'example.amazonaws.com',
    path: vector.path ?? '/',
    headers: vector.headers ?? {},
    region: 'us-east-1',
    service: 'service',
  });
  const credentials = { ...suiteCredentials, ...(vector.sessionToken && { sessionToken: vector.sessionToken }) };
  const { date, authorization } = signer.sign(vector.body ?? '', suiteTimeMs, credentials);
  expect(date).toBe('20150830T123600Z');
  expect(authorization).toBe(
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ' +
      `SignedHeaders=${vector.signedHeaders}, Signature=${vector.signature}`,
  );
});

const text = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 40 }).filter((s) => s.trim() === s);
const credentialsArbitrary: fc.Arbitrary<Credentials> = fc.oneof(
  fc.record({ accessKeyId: fc.stringMatching(/^[A-Z0-9]{4,20}$/), secretAccessKey: text }),
  fc.record({
    accessKeyId: fc.stringMatching(/^[A-Z0-9]{4,20}$/),
    secretAccessKey: text,
    sessionToken: fc.base64String({ minLength: 4, maxLength: 400 }),
  }),
);

test("agrees with the SDK's signer for any body, second, path, region and credentials", async () => {
  const attempt = fc.record({
    body: fc.string({ unit: 'binary', maxLength: 300 }),
    seconds: fc.integer({ min: 0, max: 4_000_000_000 }),
    credentials: credentialsArbitrary,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(attempt, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('/', '/prefix', '/a b/(c)*!', '/%C3%A4/+'),
      fc.constantFrom('eu-central-1', 'us-gov-west-1'),
      async (attempts, path, region) => {
        const headers = {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': 'DynamoDB_20120810.BatchWriteItem',
        };
        const host = 'dynamodb.test:8000';
        // One signer for all, so that what it keeps from one signature to the next is tested too.
        const signer = new RequestSigner({ method: 'POST', host, path, headers, region, service: 'dynamodb' });
        for (const { body, seconds, credentials } of attempts) {
          const ours = signer.sign(Buffer.from(body), seconds * 1000 + 999, credentials);
          const request = { path, host, headers, body: Buffer.from(body), date: new Date(seconds * 1000), region };
          expect(ours).toEqual(await sdkSignature(request, credentials));
        }
      },
    ),
    { numRuns: 300 },
  );
});
