import { afterAll, beforeAll } from 'vitest';
import type { ConnectionOptions } from '../../src/adapters/aws/dispatcher.ts';
import { connect } from '../../src/adapters/dynamodb/connection.ts';
import { createDynamoRepository } from '../../src/adapters/dynamodb/dynamo-repository.ts';
import { createSdkRepository } from '../../src/adapters/dynamodb/sdk-repository.ts';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import type { KeyAttribute } from '../../src/domain/table.ts';
import type { Batch } from '../../src/domain/token.ts';
import type { WriteResult } from '../../src/domain/write-result.ts';
import { isDirect, type Lease, type TokenRepository } from '../../src/ports/token-repository.ts';
import { withAwsEnvironment } from '../support/aws-environment.ts';
import { type Engine, testRegion } from '../support/engines.ts';
import { overEngines } from './over-engines.ts';
import { certificate, startTlsForwarder, type TlsForwarder } from './tls-forwarder.ts';
import { type ContractSubject, tokenRepositoryContract } from './token-repository-contract.ts';

const repositories = {
  dynamodb: createDynamoRepository,
  'dynamodb without promises': createDirectly,
  'dynamodb-sdk': createSdkRepository,
};

withAwsEnvironment();

overEngines((start) => {
  let engine: Engine;
  let forwarder: TlsForwarder;
  let tables = 0;

  beforeAll(async () => {
    engine = await start();
    forwarder = await startTlsForwarder(engine.endpointUrl);
  });
  afterAll(async () => {
    await forwarder.stop();
    await engine.stop();
  });

  for (const [name, create] of Object.entries(repositories)) {
    for (const scheme of ['http', 'https'] as const) {
      tokenRepositoryContract(`${name} over ${scheme}`, async (key) => subject(create, scheme, key));
    }
  }

  async function subject(
    create: typeof createDynamoRepository,
    scheme: 'http' | 'https',
    key: readonly KeyAttribute[],
  ): Promise<ContractSubject> {
    const tableName = `tokens-${++tables}`;
    await engine.createTable(tableName, key);
    const connection = await connect(connectionOptions(scheme));
    return {
      repository: create(connection, { tableName, key }),
      readItems: () => engine.readItems(tableName),
      stop: () => connection.close(),
    };
  }

  function connectionOptions(scheme: 'http' | 'https'): ConnectionOptions {
    const shared = { region: testRegion, requestTimeoutMs: 10_000, concurrency: 8, clock: systemClock };
    if (scheme === 'http') return { ...shared, endpointUrl: engine.endpointUrl };
    return { ...shared, endpointUrl: forwarder.url, certificateAuthority: certificate };
  }
});

/** Writes through the methods of the repository that return no promise. */
function createDirectly(...given: Parameters<typeof createDynamoRepository>): TokenRepository {
  const repository = createDynamoRepository(...given);
  if (!isDirect(repository)) throw new Error('the repository knows no attempt without a promise');
  return {
    maxBatchTokens: repository.maxBatchTokens,
    maxBatchBytes: repository.maxBatchBytes,
    encoder: (columns) => repository.encoder(columns),
    lease: () => repository.lease(),
    async write(batch: Batch, given?: Lease): Promise<WriteResult> {
      const lease = given ?? (await repository.lease());
      if (lease.kind !== 'lease') return lease;
      return new Promise((resolve) => repository.start(batch, lease, resolve));
    },
    traffic: () => repository.traffic(),
    close: () => repository.close(),
  };
}
