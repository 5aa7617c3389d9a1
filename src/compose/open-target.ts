import { credentialsText } from '../adapters/aws/credential-chain.ts';
import type { Connection } from '../adapters/dynamodb/connection.ts';
import { MemoryTokenRepository } from '../adapters/memory/memory-repository.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import { ImportError } from '../domain/import-error.ts';
import { type KeyAttribute, type TableAttachments, type TableInfo, uncheckedAttachments } from '../domain/table.ts';
import type { IfExists } from '../domain/write-result.ts';
import { type ChosenRates, chooseRate, rehearsalRate } from '../limit/choose-rate.ts';
import type { ImportOptions } from '../options/import-options.ts';
import type { TableCapacity } from '../ports/table-capacity.ts';
import type { TokenRepository } from '../ports/token-repository.ts';
import { type PreparedRaise, prepareRaise, type ResumedRun } from './capacity/prepare-raise.ts';
import { checkAccount } from './check-account.ts';
import { checkOpenFiles } from './check-open-files.ts';
import { describeIfAllowed } from './describe-if-allowed.ts';
import { openConnection } from './open-connection.ts';
import type { Surroundings } from './surroundings.ts';
import { unlessStopped } from './unless-stopped.ts';

/** Where the tokens go, before it is known what they look like. */
export type Target = {
  /** Undefined for memory, and where the table may not be described. */
  readonly table: TableInfo | undefined;
  readonly rate: ChosenRates;
  /** The rate with another `--wps`, or of the table as it is found later. Throws ImportError where nothing is left. */
  chooseRate(wps: ImportOptions['wps'], table: TableInfo | undefined): ChosenRates;
  /** Absent where there is nothing to look at again. */
  readonly capacity?: Pick<TableCapacity, 'describe'>;
  /** Where the capacity is to be raised for the import; `table` is then as it will be. */
  readonly raise?: PreparedRaise;
  /** For the operator: a URL, or `memory`. */
  readonly endpoint: string;
  readonly region: string | undefined;
  /** Where region and credentials come from, for the operator. */
  readonly origins?: { readonly region: string | undefined; readonly credentials: string };
  /** When the credentials in use end, in ms since 1970; undefined where they don't, or that is not known. */
  credentialsExpireMs?(): number | undefined;
  /** The repository for a table with this primary key. */
  openRepository(key: readonly KeyAttribute[], ifExists: IfExists): Promise<TokenRepository>;
  /** What hangs on the table; it rejects only with what the signal aborts with. */
  attachments(): Promise<TableAttachments>;
  close(): Promise<void>;
};

/** Looks at the table. Throws ImportError, saying what to do, for all that would stop the first write. */
export async function openTarget(options: ImportOptions, world: TargetWorld, run?: ResumedRun): Promise<Target> {
  if (options.repository === 'memory') return memoryTarget(options);
  if (options.repository === 'own') return ownTarget(options, world.repository);
  return dynamoTarget(options, world, run);
}

type TargetWorld = Pick<Surroundings, 'env' | 'repository' | 'signal' | 'warn'>;

function ownTarget({ wps }: ImportOptions, repository: TokenRepository | undefined): Target {
  if (repository === undefined) {
    throw new ImportError('usage', 'this run writes through a repository of another program', {
      hint: 'Resume it with that program.',
    });
  }
  return targetWithoutTable('own', { wps, memoryWcu: undefined }, () => repository);
}

function memoryTarget(options: ImportOptions): Target {
  const { latencyMs, memoryWcu: writeUnitsPerSecond, retain } = options;
  const memory = { clock: systemClock, latencyMs, writeUnitsPerSecond, retain };
  return targetWithoutTable('memory', options, (ifExists) => new MemoryTokenRepository({ ...memory, ifExists }));
}

function targetWithoutTable(
  endpoint: string,
  { wps, memoryWcu }: Pick<ImportOptions, 'wps' | 'memoryWcu'>,
  openRepository: (ifExists: IfExists) => TokenRepository,
): Target {
  return {
    table: undefined,
    rate: rehearsalRate(wps, memoryWcu),
    chooseRate: (other) => rehearsalRate(other, memoryWcu),
    endpoint,
    region: undefined,
    openRepository: async (_key, ifExists) => openRepository(ifExists),
    attachments: async () => uncheckedAttachments('needs a table, and memory has none'),
    close: async () => {},
  };
}

async function dynamoTarget(options: ImportOptions, world: TargetWorld, run: ResumedRun | undefined): Promise<Target> {
  await checkOpenFiles(options.concurrency);
  const connection = await openConnection(options, world);
  try {
    const told = { key: options.key !== undefined, rate: options.wps?.kind === 'units', rateFlag: '--wps' } as const;
    const found = await describeIfAllowed(connection, options.table, told, world.signal);
    checkAccount(options, found);
    const raise = await unlessStopped(world.signal, raiseIfAsked(connection, options, world, found, run));
    const table = raise?.table ?? found;
    const { origin } = await connection.endpoint(options.table);
    const choose: Target['chooseRate'] = (wps, info) => chooseRate(wps, options.reserve, info, raise?.baseline);
    return {
      table,
      rate: choose(options.wps, table),
      chooseRate: choose,
      ...(table !== undefined && { capacity: { describe: () => describe(connection, options.table) } }),
      ...(raise !== undefined && { raise }),
      endpoint: origin,
      region: connection.region,
      ...originsOf(connection),
      credentialsExpireMs: () => connection.credentials.expireMs,
      openRepository: (key, ifExists) => openRepository(connection, options, { key, ifExists, table }),
      attachments: () => unlessStopped(world.signal, attachmentsOf(connection, options.table)),
      close: () => connection.close(),
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

function originsOf({ options: { aws } }: Connection): Pick<Target, 'origins'> {
  if (aws === undefined) return {};
  const { settings } = aws;
  return { origins: { region: settings.region?.from, credentials: credentialsText(settings) } };
}

async function raiseIfAsked(
  connection: Connection,
  options: ImportOptions,
  world: TargetWorld,
  table: TableInfo | undefined,
  run: ResumedRun | undefined,
): Promise<PreparedRaise | undefined> {
  if (options.raiseWcu === undefined && (run?.owed === undefined || table === undefined)) return undefined;
  if (table === undefined) {
    throw new ImportError('access-denied', '--raise-wcu: the table may not be described', {
      hint: 'Allow dynamodb:DescribeTable and dynamodb:UpdateTable, or leave --raise-wcu out.',
    });
  }
  const { createTableCapacity } = await import('../adapters/dynamodb/table/table-capacity.ts');
  const capacity = createTableCapacity(connection, options.table);
  return prepareRaise({ capacity, table, options, world, run }, options.raiseWcu ?? 0);
}

async function openRepository(
  connection: Connection,
  { repository, table: tableName }: ImportOptions,
  { key, ifExists, table }: { key: readonly KeyAttribute[]; ifExists: IfExists; table: TableInfo | undefined },
): Promise<TokenRepository> {
  const indexNames = table?.globalIndexes.map(({ name }) => name) ?? [];
  if (ifExists.kind !== 'replace') {
    const { createConditionalRepository } = await import('../adapters/dynamodb/conditional-repository.ts');
    return createConditionalRepository(connection, { tableName, key, indexNames }, ifExists);
  }
  if (repository === 'dynamodb-sdk') {
    const { createSdkRepository } = await import('../adapters/dynamodb/sdk-repository.ts');
    return createSdkRepository(connection, { tableName, key, indexNames });
  }
  const { createDynamoRepository } = await import('../adapters/dynamodb/dynamo-repository.ts');
  return createDynamoRepository(connection, { tableName, key, indexNames });
}

async function describe(connection: Connection, tableName: string): Promise<TableInfo> {
  const { describeTable } = await import('../adapters/dynamodb/table/describe-table.ts');
  return describeTable(connection, tableName);
}

async function attachmentsOf(connection: Connection, tableName: string): Promise<TableAttachments> {
  const { describeAttachments } = await import('../adapters/dynamodb/table/describe-attachments.ts');
  return describeAttachments(connection, tableName);
}
