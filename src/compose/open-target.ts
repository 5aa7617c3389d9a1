import type { Connection } from '../adapters/dynamodb/connection.ts';
import { MemoryTokenRepository } from '../adapters/memory/memory-repository.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import type { ImportOptions } from '../cli/import-options.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { ImportError } from '../domain/import-error.ts';
import type { KeyAttribute, TableInfo } from '../domain/table.ts';
import { type ChosenRates, chooseRate, rehearsalRate } from '../limit/choose-rate.ts';
import type { TokenRepository } from '../ports/token-repository.ts';

/** Where the tokens go, before it is known what they look like. */
export type Target = {
  /** Undefined for memory, and where the table may not be described. */
  readonly table: TableInfo | undefined;
  readonly rate: ChosenRates;
  /** For the operator: a URL, or `memory`. */
  readonly endpoint: string;
  readonly region: string | undefined;
  /** When the credentials in use end, in ms since 1970; undefined where they don't, or that is not known. */
  credentialsExpireMs?(): number | undefined;
  /** The repository for a table with this primary key. */
  openRepository(key: readonly KeyAttribute[]): Promise<TokenRepository>;
  close(): Promise<void>;
};

/** Looks at the table. Throws ImportError, saying what to do, for all that would stop the first write. */
export async function openTarget(
  options: ImportOptions,
  world: Pick<Surroundings, 'env' | 'repository'>,
): Promise<Target> {
  if (options.repository === 'memory') return memoryTarget(options);
  return options.repository === 'own' ? ownTarget(options, world.repository) : dynamoTarget(options, world);
}

function ownTarget({ wps }: ImportOptions, repository: TokenRepository | undefined): Target {
  if (repository === undefined) {
    throw new ImportError('usage', 'this run writes through a repository of another program', {
      hint: 'Resume it with that program.',
    });
  }
  return {
    table: undefined,
    rate: rehearsalRate(wps, undefined),
    endpoint: 'own',
    region: undefined,
    openRepository: async () => repository,
    close: async () => {},
  };
}

function memoryTarget(options: ImportOptions): Target {
  const { latencyMs, memoryWcu, retain, wps } = options;
  const repository = new MemoryTokenRepository({
    clock: systemClock,
    latencyMs,
    writeUnitsPerSecond: memoryWcu,
    retain,
  });
  return {
    table: undefined,
    rate: rehearsalRate(wps, memoryWcu),
    endpoint: 'memory',
    region: undefined,
    openRepository: async () => repository,
    close: () => repository.close(),
  };
}

async function dynamoTarget(options: ImportOptions, world: Pick<Surroundings, 'env'>): Promise<Target> {
  const { connect } = await import('../adapters/dynamodb/connection.ts');
  const { region, profile, endpointUrl, requestTimeoutMs, concurrency } = options;
  const connection = await connect({
    region,
    profile,
    endpointUrl,
    requestTimeoutMs,
    concurrency,
    clock: systemClock,
    proxy: proxySettings(world.env),
  });
  try {
    const table = await describeIfAllowed(connection, options);
    checkAccount(options.expectAccount, table);
    const { origin } = await connection.endpoint(options.table);
    return {
      table,
      rate: chooseRate(options.wps, options.reserve, table),
      endpoint: origin,
      region: connection.region,
      credentialsExpireMs: () => connection.credentials.expireMs,
      openRepository: (key) => openRepository(connection, options, key, table),
      close: () => connection.close(),
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function openRepository(
  connection: Connection,
  { repository, table: tableName }: ImportOptions,
  key: readonly KeyAttribute[],
  table: TableInfo | undefined,
): Promise<TokenRepository> {
  const indexNames = table?.globalIndexes.map(({ name }) => name) ?? [];
  if (repository === 'dynamodb-sdk') {
    const { createSdkRepository } = await import('../adapters/dynamodb/sdk-repository.ts');
    return createSdkRepository(connection, { tableName, key, indexNames });
  }
  const { createDynamoRepository } = await import('../adapters/dynamodb/dynamo-repository.ts');
  return createDynamoRepository(connection, { tableName, key, indexNames });
}

/** Only BatchWriteItem is required: without DescribeTable the operator says what the table would have told. */
async function describeIfAllowed(connection: Connection, options: ImportOptions): Promise<TableInfo | undefined> {
  const { describeTable } = await import('../adapters/dynamodb/describe-table.ts');
  try {
    const table = await describeTable(connection, options.table);
    if (table.status === 'ACTIVE' || table.status === 'UPDATING') return table;
    throw new ImportError('table-not-ready', `table ${table.name} is ${table.status}`, {
      hint: 'Wait until it is ACTIVE.',
    });
  } catch (error) {
    const denied = error instanceof ImportError && error.code === 'access-denied';
    if (!denied || options.key === undefined || options.wps?.kind !== 'units') throw withRemedy(error, denied);
    return undefined;
  }
}

function withRemedy(error: unknown, denied: boolean): unknown {
  if (!denied) return error;
  const { message } = error as ImportError;
  return new ImportError('access-denied', message, {
    hint: 'Allow dynamodb:DescribeTable, or name the primary key with --key and the rate with --wps.',
    cause: error,
  });
}

function checkAccount(expected: string | undefined, table: TableInfo | undefined): void {
  if (expected === undefined || table?.account === expected) return;
  const found = table === undefined ? 'not known, since the table may not be described' : table.account;
  throw new ImportError('wrong-account', `--expect-account ${expected}, but the account is ${found}`, {
    hint: 'Check --profile and the credentials in the environment.',
  });
}

/** Both spellings are in use; the lower case goes first, as in curl. */
function proxySettings(env: Surroundings['env']) {
  return {
    httpProxy: env['http_proxy'] ?? env['HTTP_PROXY'],
    httpsProxy: env['https_proxy'] ?? env['HTTPS_PROXY'],
    noProxy: env['no_proxy'] ?? env['NO_PROXY'],
  };
}
