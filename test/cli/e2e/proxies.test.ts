import { expect, onTestFinished, test } from 'vitest';
import { startPlainServer } from '../../support/plain-server.ts';
import { selfSigned } from '../../support/plain-table/self-signed.ts';
import { PlainTable } from '../../support/plain-table.ts';
import { startWebProxy, type WebProxyOptions } from '../../support/web-proxy.ts';
import { workDir } from '../../support/work-dir.ts';
import { tokensCsv } from './dynamo-target.ts';

const host = 'dynamodb.us-east-1.amazonaws.com';
const identity = selfSigned([host, 'localhost', 'proxy.example']);

/** A table reached through a proxy, over TLS under the name of the real service, or plain as `dyn.example:8000`. */
async function setUp(kind: 'https' | 'http', options: Partial<WebProxyOptions> = {}) {
  const table = new PlainTable({ name: 'tokens', key: [{ name: 'token', type: 'S' }] });
  const server = await startPlainServer(table, kind === 'https' ? { identity } : {});
  onTestFinished(() => server.close());
  const proxy = await startWebProxy({ targetPort: server.port, ...options });
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(60));
  const certificates = { AWS_CA_BUNDLE: dir.write('authority.pem', identity.cert) };
  const endpoint = kind === 'http' ? ['--endpoint-url', 'http://dyn.example:8000'] : [];
  const run = (env: Record<string, string>, flags: readonly string[] = []) =>
    dir.run(['tokens.csv', ...endpoint, ...flags], { env: { ...certificates, ...env } });
  return { table, server, proxy, dir, run };
}

test.each(['dynamodb', 'dynamodb-sdk'])('%s goes through HTTPS_PROXY, which needs no scheme', async (name) => {
  const { table, proxy, run } = await setUp('https');
  const { status, stderr } = await run({ HTTPS_PROXY: `localhost:${proxy.port}` }, ['--repository', name]);
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  expect(table.itemCount).toBe(60);
  expect([...proxy.asked]).toEqual([`CONNECT ${host}:443`]);
});

test('an https proxy may be signed by the authority of AWS_CA_BUNDLE', async () => {
  const { table, proxy, run } = await setUp('https', { identity });
  const { status, stderr } = await run({ HTTPS_PROXY: `https://localhost:${proxy.port}` });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  expect(table.itemCount).toBe(60);
  expect([...proxy.asked]).toEqual([`CONNECT ${host}:443`]);
});

test.each(['dynamodb', 'dynamodb-sdk'])('%s sends requests to a plain endpoint through HTTP_PROXY', async (name) => {
  const { table, proxy, run } = await setUp('http', { tunnelsOnlyTo443: true, credentials: 'me:p@ss' });
  const { status, stderr } = await run({ HTTP_PROXY: `http://me:p%40ss@127.0.0.1:${proxy.port}` }, [
    '--repository',
    name,
  ]);
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  expect(table.itemCount).toBe(60);
  expect(proxy.asked).toContain('POST http://dyn.example:8000/');
  expect([...proxy.asked].filter((asked) => !asked.includes(' http://dyn.example:8000/'))).toEqual([]);
});

test('a plain endpoint that the environment names goes through HTTP_PROXY too', async () => {
  const { table, proxy, dir } = await setUp('http');
  const env = { AWS_ENDPOINT_URL_DYNAMODB: 'http://dyn.example:8000', HTTP_PROXY: `127.0.0.1:${proxy.port}` };
  expect(await dir.run(['tokens.csv'], { env })).toMatchObject({ status: 0 });
  expect(table.itemCount).toBe(60);
  expect(proxy.asked).toContain('POST http://dyn.example:8000/');
  expect([...proxy.asked].filter((asked) => !asked.includes(' http://dyn.example:8000/'))).toEqual([]);
});

const who = 'Put user and password into the variable';
const allow = 'Have the proxy allow that host and port';

test.each([
  ['https', { credentials: 'me:secret' }, `the proxy on the way to https://${host} asks who you are (HTTP 407)`, who],
  ['http', { credentials: 'me:secret' }, 'the proxy on the way to http://dyn.example:8000 asks who you are', who],
  ['http', { denies: true }, 'dyn.example:8000, or a proxy on the way to it, refuses the request (HTTP 403)', allow],
  ['https', { tunnelsOnlyTo443: true }, 'dyn.example:8443 refuses the request (HTTP 403)', allow],
] as const)('a proxy that refuses an %s endpoint is named: %j', async (kind, options, says, hint) => {
  const { table, proxy, run } = await setUp(kind, options);
  const isOfPort = 'tunnelsOnlyTo443' in options;
  const address = `127.0.0.1:${proxy.port}`;
  const flags = isOfPort ? ['--endpoint-url', 'https://dyn.example:8443'] : [];
  const { status, stderr } = await run({ HTTPS_PROXY: address, HTTP_PROXY: address }, flags);
  expect({ status, stderr }).toEqual({ status: 4, stderr: expect.stringContaining(says) });
  expect(stderr).toContain(hint);
  expect(table.itemCount).toBe(0);
});

test.each([
  ['HTTPS_PROXY', 'http://'],
  ['https_proxy', 'not a proxy'],
  ['HTTP_PROXY', 'ftp://proxy:21'],
  ['HTTP_PROXY', 'proxy:port'],
])('an invalid proxy is refused by the name of its variable: %s=%s', async (name, value) => {
  const { table, run } = await setUp('https');
  const { status, stderr } = await run({ [name]: value });
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(`${name} does not name a proxy`) });
  expect(table.itemCount).toBe(0);
});

test('NO_PROXY excludes a host with a dot at its end', async () => {
  const { table, server, proxy, dir } = await setUp('http');
  const env = { HTTP_PROXY: `127.0.0.1:${proxy.port}`, NO_PROXY: 'other.example, localhost.' };
  const args = ['tokens.csv', '--endpoint-url', `http://localhost:${server.port}`];
  expect(await dir.run(args, { env })).toMatchObject({ status: 0 });
  expect(table.itemCount).toBe(60);
  expect([...proxy.asked]).toEqual([]);
});
