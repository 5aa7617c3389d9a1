import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect as connectSocket, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConnectionOptions } from '../../../../src/adapters/aws/dispatcher.ts';
import { type Connection, connect } from '../../../../src/adapters/dynamodb/connection.ts';
import { createDynamoRepository } from '../../../../src/adapters/dynamodb/dynamo-repository.ts';
import { createSdkRepository } from '../../../../src/adapters/dynamodb/sdk-repository.ts';
import { describeTable } from '../../../../src/adapters/dynamodb/table/describe-table.ts';
import { systemClock } from '../../../../src/adapters/system/system-clock.ts';
import { type Batch, batchOf } from '../../../../src/domain/token.ts';
import type { TokenRepository } from '../../../../src/ports/token-repository.ts';
import { columnsOf, makeToken } from '../../../contract/make-token.ts';
import { certificate, startTlsForwarder } from '../../../contract/tls-forwarder.ts';
import { staticKeys, withAwsEnvironment } from '../../../support/aws-environment.ts';
import { startDynalite } from '../../../support/engines.ts';
import { acceptAll, answer, type ScriptedServer, startScriptedServer } from '../scripted-server.ts';

withAwsEnvironment({});

describe.each([
  { name: 'dynamodb', create: createDynamoRepository, batches: 4_000 },
  { name: 'dynamodb-sdk', create: createSdkRepository, batches: 400 },
])('$name', ({ create, batches }) => {
  const stops: (() => Promise<unknown>)[] = [];
  let server: ScriptedServer;

  beforeEach(async () => {
    server = await startScriptedServer();
    stops.push(() => server.stop());
  });
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });

  async function open(told: Partial<ConnectionOptions> = {}): Promise<{
    connection: Connection;
    repository: TokenRepository;
    batch: Batch;
  }> {
    const connection = await connect({
      endpointUrl: server.url,
      region: 'us-east-1',
      requestTimeoutMs: 10_000,
      concurrency: 64,
      clock: systemClock,
      ...told,
    });
    stops.push(() => connection.close());
    const key = [{ name: 'token', type: 'S' }] as const;
    const repository = create(connection, { tableName: 'tokens', key });
    stops.push(() => repository.close());
    const columns = columnsOf({ token: 'S', value: 'S' });
    const encoder = repository.encoder(columns);
    const tokens = Array.from({ length: 25 }, (_, n) => makeToken(encoder, columns, key, [`token ${n}`, 'value']));
    return { connection, repository, batch: batchOf(tokens) };
  }

  test(`${batches} batches open no more connections than may be in flight, and those are counted`, async () => {
    Object.assign(process.env, staticKeys);
    const concurrency = 60;
    const { repository, batch } = await open({ concurrency });
    let bodyBytes = 0;
    server.script = (request, response) => {
      bodyBytes += request.body.length;
      acceptAll(request, response);
    };
    let left = batches;
    const writeOn = async () => {
      while (left-- > 0) expect((await repository.write(batch)).kind).toBe('accepted');
    };
    await Promise.all(Array.from({ length: concurrency }, writeOn));
    expect(server.connections()).toBeLessThanOrEqual(concurrency);
    // More than the SDK's default of 50, so that the setting is seen to hold.
    expect(server.connections()).toBeGreaterThan(50);
    expect(repository.traffic().connectionsOpened).toBe(server.connections());
    expect(repository.traffic().bytesSent).toBeGreaterThan(bodyBytes);
  });

  test('a clock that is wrong by a day is found out by the first refusal, and the next attempt is signed right', async () => {
    Object.assign(process.env, staticKeys);
    const serverMs = Date.now() + 24 * 3_600_000;
    server.script = ({ headers }, response) => {
      const date = { date: new Date(serverMs).toUTCString() };
      const signedAt = String(headers['x-amz-date']).replace(/^(....)(..)(..T..)(..)/, '$1-$2-$3:$4:');
      if (Math.abs(Date.parse(signedAt) - serverMs) < 300_000) answer(response, 200, { UnprocessedItems: {} }, date);
      else answer(response, 400, { __type: 'x#InvalidSignatureException', message: 'Signature expired' }, date);
    };
    const { repository, batch } = await open();
    const first = await Promise.all([repository.write(batch), repository.write(batch)]);
    const skewed = { kind: 'transient', reason: 'clock skew', fateUnknown: false };
    expect(first).toEqual([skewed, skewed]);
    expect((await repository.write(batch)).kind).toBe('accepted');
  });

  test('a signature refused for another reason than the clock is no matter of the clock', async () => {
    Object.assign(process.env, staticKeys);
    server.script = (_request, response) =>
      answer(response, 400, { __type: 'x#InvalidSignatureException', message: 'The request signature' });
    const { repository, batch } = await open();
    expect((await repository.write(batch)).kind).toBe('expired');
  });

  test('credentials that expire are read anew from their file, and every batch gets through', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'credentials-'));
    stops.push(() => rm(folder, { recursive: true }));
    const file = join(folder, 'credentials');
    const writeKey = (id: string) =>
      writeFile(file, `[default]\naws_access_key_id = ${id}\naws_secret_access_key = x\naws_session_token = t${id}\n`);
    await writeKey('AKIDOLD');
    for (const name of Object.keys(staticKeys)) delete process.env[name];
    process.env['AWS_SHARED_CREDENTIALS_FILE'] = file;
    let good = 'AKIDOLD';
    server.script = ({ headers }, response) => {
      const valid = headers.authorization?.includes(`Credential=${good}/`);
      const token = headers['x-amz-security-token'] === `t${good}`;
      if (valid && token) answer(response, 200, { UnprocessedItems: {} });
      else answer(response, 400, { __type: 'x#ExpiredTokenException', message: 'expired' });
    };
    const { repository, batch } = await open();
    expect((await repository.write(batch)).kind).toBe('accepted');

    good = 'AKIDNEW';
    const refused = await Promise.all(Array.from({ length: 5 }, () => repository.write(batch)));
    for (const result of refused) expect(result).toMatchObject({ kind: 'expired', renewable: true });
    expect(await repository.renewCredentials!()).toBe(false);

    await writeKey('AKIDNEW');
    expect(await Promise.all(refused.map(() => repository.renewCredentials!()))).toEqual(refused.map(() => true));
    const retried = await Promise.all(refused.map(() => repository.write(batch)));
    for (const result of retried) expect(result.kind).toBe('accepted');
  });

  describe('through a proxy', () => {
    let proxy: Server;
    let tunnels: string[];
    let proxyUrl: string;
    beforeEach(async () => {
      Object.assign(process.env, staticKeys);
      tunnels = [];
      const sockets = new Set<Socket>();
      proxy = createServer((_request, response) => response.writeHead(501).end());
      proxy.on('connect', (request, client: Socket, head: Buffer) => {
        tunnels.push(request.url ?? '');
        const { hostname, port } = new URL(`http://${request.url}`);
        const onward = connectSocket(Number(port), hostname, () => {
          client.write('HTTP/1.1 200 Connection established\r\n\r\n');
          onward.write(head);
          onward.pipe(client).pipe(onward);
        });
        for (const socket of [client, onward]) {
          sockets.add(socket);
          socket.on('error', () => socket.destroy());
        }
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      stops.push(async () => {
        for (const socket of sockets) socket.destroy();
        proxy.closeAllConnections();
        await new Promise((resolve) => proxy.close(resolve));
      });
    });

    test('HTTPS_PROXY carries control plane and batches as tunnels', async () => {
      const engine = await startDynalite();
      stops.push(() => engine.stop());
      await engine.createTable('tokens', [{ name: 'token', type: 'S' }]);
      const forwarder = await startTlsForwarder(engine.endpointUrl);
      stops.push(() => forwarder.stop());
      const { connection, repository, batch } = await open({
        endpointUrl: forwarder.url,
        certificateAuthority: certificate,
        proxy: { httpsProxy: new URL(proxyUrl) },
      });
      expect((await describeTable(connection, 'tokens')).name).toBe('tokens');
      expect(await repository.write(batch)).toMatchObject({ kind: 'accepted', unprocessed: [] });
      expect(tunnels).toEqual([new URL(forwarder.url).host, new URL(forwarder.url).host]);
      expect(repository.traffic().connectionsOpened).toBeGreaterThanOrEqual(1);
    });

    test('NO_PROXY goes past it', async () => {
      const { repository, batch } = await open({ proxy: { httpProxy: new URL(proxyUrl), noProxy: '127.0.0.1' } });
      expect((await repository.write(batch)).kind).toBe('accepted');
      expect(tunnels).toEqual([]);
      expect(server.connections()).toBe(1);
    });
  });
});
