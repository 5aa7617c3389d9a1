import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Connection, connect } from '../../../src/adapters/dynamodb/connection.ts';
import { createDynamoRepository } from '../../../src/adapters/dynamodb/dynamo-repository.ts';
import { createSdkRepository } from '../../../src/adapters/dynamodb/sdk-repository.ts';
import { systemClock } from '../../../src/adapters/system/system-clock.ts';
import { type Column, type FieldValue, JsonNumber, type JsonValue } from '../../../src/domain/column.ts';
import type { KeyAttribute } from '../../../src/domain/table.ts';
import { batchOf } from '../../../src/domain/token.ts';
import type { TokenRepository } from '../../../src/ports/token-repository.ts';
import { columnsOf, makeToken } from '../../contract/make-token.ts';
import { staticKeys, withAwsEnvironment } from '../../support/aws-environment.ts';
import { acceptAll, type ReceivedRequest, type ScriptedServer, startScriptedServer } from './scripted-server.ts';
import { sdkSignature } from './wire/sdk-signature.ts';

const sessionToken = 'FwoGZXIvYXdzEXAMPLE//+token==';
withAwsEnvironment({ ...staticKeys, AWS_SESSION_TOKEN: sessionToken });

const key: readonly KeyAttribute[] = [{ name: 'token', type: 'S' }];
const columns = columnsOf({
  token: 'S',
  'user "id" ä': 'S',
  plain: 'S',
  uses: 'N',
  raw: 'B',
  active: 'BOOL',
  details: 'JSON',
  expires: 'EPOCH',
});

let server: ScriptedServer;
let connection: Connection;
let fast: TokenRepository;
let reference: TokenRepository;

beforeAll(async () => {
  server = await startScriptedServer();
  connection = await connect({
    endpointUrl: server.url,
    region: 'eu-central-1',
    requestTimeoutMs: 10_000,
    concurrency: 2,
    clock: systemClock,
  });
  fast = createDynamoRepository(connection, { tableName: 'tokens', key });
  reference = createSdkRepository(connection, { tableName: 'tokens', key });
});

afterAll(async () => {
  await fast.close();
  await reference.close();
  await connection.close();
  await server.stop();
});

test("20,000 tokens of every type and hostile text leave as the SDK would send them, under the SDK's signature", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(rowArbitrary, { minLength: 25, maxLength: 25 }), async (rows) => {
      const ours = await sent(fast, rows);
      const theirs = await sent(reference, rows);
      expect(JSON.parse(ours.body.toString())).toEqual(JSON.parse(theirs.body.toString()));
      expect(ours.headers.authorization).toBe(await expectedAuthorization(ours));
    }),
    { numRuns: process.env['IMPORT_TOKENS_THOROUGH'] === '1' ? 800 : 250 },
  );
}, 60_000);

test('a payload is as many bytes in the body as its encoder says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(rowArbitrary, { minLength: 1, maxLength: 3 }), async (rows) => {
      const tokens = tokensOf(fast, columns, rows);
      const around = '{"RequestItems":{"tokens":[]},"ReturnConsumedCapacity":"INDEXES"}'.length + rows.length - 1;
      const { body } = await sent(fast, rows);
      expect(tokens.reduce((sum, token) => sum + token.bodyBytes, 0)).toBe(body.length - around);
      expect(tokensOf(reference, columns, rows).map((token) => token.bodyBytes)).toEqual(
        tokens.map((token) => token.bodyBytes),
      );
    }),
  );
});

function tokensOf(repository: TokenRepository, columns: readonly Column[], rows: readonly (readonly FieldValue[])[]) {
  const encoder = repository.encoder(columns);
  return rows.map((values) => makeToken(encoder, columns, key, values));
}

async function sent(repository: TokenRepository, rows: readonly (readonly FieldValue[])[]): Promise<ReceivedRequest> {
  let received: ReceivedRequest | undefined;
  server.script = (request, response) => {
    received = request;
    acceptAll(request, response);
  };
  const result = await repository.write(batchOf(tokensOf(repository, columns, rows)));
  expect(result.kind).toBe('accepted');
  return received!;
}

async function expectedAuthorization({ path, headers, body }: ReceivedRequest): Promise<string | undefined> {
  const date = String(headers['x-amz-date']).replace(/^(....)(..)(..T..)(..)/, '$1-$2-$3:$4:');
  const { authorization } = await sdkSignature(
    {
      path,
      host: server.host,
      region: 'eu-central-1',
      headers: { 'content-type': headers['content-type']!, 'x-amz-target': String(headers['x-amz-target']) },
      date: new Date(date),
      body,
    },
    { accessKeyId: staticKeys.AWS_ACCESS_KEY_ID, secretAccessKey: staticKeys.AWS_SECRET_ACCESS_KEY, sessionToken },
  );
  return authorization;
}

const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  // Any UTF-16, lone surrogates included.
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 10 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom('"', '\\', '\\u0000', '"}}}]}', '\u2028', '\u0000', '\u007f', '\ud800', '\udc00x', '𝄞', '</script>'),
);
const number = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.stringMatching(/^-?[1-9]\d{0,37}$/),
  fc.constantFrom('1e-130', '9.9999999999999999999999999999999999999E+125', '1.0', '-0', '9007199254740993'),
);
const json: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    text,
    number.map((digits) => new JsonNumber(digits)),
    fc.array(tie('value'), { maxLength: 4 }),
    // lib-dynamodb, the reference, loses a member of that name.
    fc
      .array(
        fc.tuple(
          text.filter((name) => name !== '__proto__'),
          tie('value'),
        ),
        { maxLength: 4 },
      )
      .map((pairs) => new Map(pairs)),
  ),
})).value;

const rowArbitrary: fc.Arbitrary<FieldValue[]> = fc.tuple(
  text,
  fc.option(text, { nil: undefined }),
  fc.option(fc.string({ unit: 'grapheme-ascii' }), { nil: undefined }),
  fc.option(number, { nil: undefined }),
  fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined }),
  fc.option(fc.boolean(), { nil: undefined }),
  fc.option(json, { nil: undefined }),
  fc.option(fc.integer().map(String), { nil: undefined }),
);
