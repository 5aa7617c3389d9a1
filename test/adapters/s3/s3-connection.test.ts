import { expect, onTestFinished, test } from 'vitest';
import { readAwsSettings } from '../../../src/adapters/aws/aws-settings.ts';
import { connectS3, type S3Connection, type S3Options } from '../../../src/adapters/s3/s3-connection.ts';
import { openS3Source } from '../../../src/adapters/s3/s3-source.ts';
import { systemClock } from '../../../src/adapters/system/system-clock.ts';
import { withAwsEnvironment } from '../../support/aws-environment.ts';
import { PlainBucket } from '../../support/plain-bucket.ts';
import { selfSigned } from '../../support/plain-table/self-signed.ts';
import { type S3Server, startS3Server } from '../../support/s3-server.ts';
import { startWebProxy } from '../../support/web-proxy.ts';
import { workDir } from '../../support/work-dir.ts';
import { collect, faultOf } from '../packing/collect.ts';

withAwsEnvironment();

async function serve(options: Partial<Parameters<typeof startS3Server>[0]> = {}): Promise<S3Server> {
  const bucket = new PlainBucket({ name: 'dumps' });
  bucket.put('rows.txt', 'a,b\n');
  const server = await startS3Server({ buckets: [bucket], ...options });
  onTestFinished(server.close);
  return server;
}

async function connected(options: Partial<S3Options>): Promise<S3Connection> {
  const connection = await connectS3({ region: 'us-east-1', clock: systemClock, random: () => 0.01, ...options });
  onTestFinished(() => connection.close());
  return connection;
}

async function rowsOver(connection: S3Connection): Promise<string> {
  const { files } = await openS3Source(connection, 's3://dumps/rows.txt');
  return (await collect(files[0]!.read())).toString();
}

test('the endpoint of AWS_ENDPOINT_URL_S3 goes before that of AWS_ENDPOINT_URL, and has its buckets in the path', async () => {
  const server = await serve();
  process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:1';
  process.env['AWS_ENDPOINT_URL_S3'] = server.url.replace('127.0.0.1', 'localhost');
  onTestFinished(() => {
    delete process.env['AWS_ENDPOINT_URL'];
    delete process.env['AWS_ENDPOINT_URL_S3'];
  });
  const connection = await connected({});
  expect(connection.origin).toBe(process.env['AWS_ENDPOINT_URL_S3']);
  expect(await rowsOver(connection)).toBe('a,b\n');
});

test('S3 itself is asked at the host of the bucket, through a proxy and with the authority to trust', async () => {
  const identity = selfSigned(['dumps.s3.eu-central-1.amazonaws.com']);
  const bucket = new PlainBucket({ name: 'dumps', region: 'eu-central-1' });
  bucket.put('rows.txt', 'a,b\n');
  const server = await serve({ buckets: [bucket], identity });
  const proxy = await startWebProxy({ targetPort: server.port, credentials: 'user:word' });
  const connection = await connected({
    region: 'eu-central-1',
    proxy: { httpsProxy: new URL(`http://user:word@127.0.0.1:${proxy.port}`) },
    certificateAuthority: identity.cert,
  });
  expect(connection).toMatchObject({ region: 'eu-central-1', origin: 'https://s3.eu-central-1.amazonaws.com' });
  expect(await rowsOver(connection)).toBe('a,b\n');
  expect([...proxy.asked]).toEqual(['CONNECT dumps.s3.eu-central-1.amazonaws.com:443']);
});

test('a proxy that asks for a password, and a certificate that nobody trusts, are told', async () => {
  const server = await serve({ identity: selfSigned() });
  const proxy = await startWebProxy({ targetPort: server.port, credentials: 'user:word' });
  const proxied = await connected({ proxy: { httpsProxy: new URL(`http://127.0.0.1:${proxy.port}`) } });
  expect(await faultOf(() => rowsOver(proxied))).toMatchObject({
    code: 'endpoint-unreachable',
    message: expect.stringContaining('(HTTP 407)'),
    hint: expect.stringContaining('HTTPS_PROXY'),
  });
  const untrusted = await connected({ endpointUrl: server.url });
  expect(await faultOf(() => rowsOver(untrusted))).toMatchObject({
    code: 'endpoint-unreachable',
    message: expect.stringContaining('SELF_SIGNED_CERT'),
  });
});

test('the profile gives region and credentials, as for DynamoDB', async () => {
  const config = workDir().write(
    'config',
    '[profile night]\nregion = eu-west-1\naws_access_key_id = AKIDNIGHT\naws_secret_access_key = s\n',
  );
  const env = { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: '/nonexistent', HOME: '/nonexistent' };
  const settings = await readAwsSettings({ profile: 'night' }, env);
  expect(settings.region?.value).toBe('eu-west-1');
  process.env['AWS_CONFIG_FILE'] = config;
  onTestFinished(() => {
    process.env['AWS_CONFIG_FILE'] = '/nonexistent/config';
  });
  const bucket = new PlainBucket({ name: 'dumps', region: 'eu-west-1' });
  bucket.put('rows.txt', 'a,b\n');
  const server = await serve({ buckets: [bucket] });
  const connection = await connected({
    region: settings.region!.value,
    ...{ profile: 'night', endpointUrl: server.url, aws: { settings, env } },
  });
  expect(await connection.credentials.current()).toMatchObject({ accessKeyId: 'AKIDNIGHT' });
  expect(await rowsOver(connection)).toBe('a,b\n');
});

test('credentials that expire in the middle are read again, and the body goes on at its byte', async () => {
  const folder = workDir();
  const keys = (id: string) => `[default]\naws_access_key_id = ${id}\naws_secret_access_key = s\n`;
  const path = folder.write('credentials', keys('AKIDFIRST'));
  const env = { AWS_SHARED_CREDENTIALS_FILE: path, AWS_CONFIG_FILE: '/nonexistent', HOME: '/nonexistent' };
  const saved = { ...process.env };
  delete process.env['AWS_ACCESS_KEY_ID'];
  process.env['AWS_SHARED_CREDENTIALS_FILE'] = path;
  onTestFinished(() => {
    process.env = saved;
  });
  const bytes = Buffer.alloc(500_000, 'rows\n');
  const bucket = new PlainBucket({ name: 'dumps' });
  bucket.put('rows.txt', bytes);
  let bodies = 0;
  const server = await serve({
    buckets: [bucket],
    fault: ({ ifMatch }) =>
      ifMatch !== undefined && ++bodies === 1 ? { kind: 'cut', afterBytes: 100_000 } : undefined,
  });
  const settings = await readAwsSettings({}, env);
  const connection = await connected({ endpointUrl: server.url, aws: { settings, env } });
  const { files } = await openS3Source(connection, 's3://dumps/rows.txt');
  const chunks = files[0]!.read()[Symbol.asyncIterator]();
  const first = await chunks.next();
  bucket.refuse('AKIDFIRST');
  folder.write('credentials', keys('AKIDSECOND'));
  const rest = await collect({ [Symbol.asyncIterator]: () => chunks });
  expect(Buffer.concat([first.value, rest]).equals(bytes)).toBe(true);
});
