import { join } from 'node:path';
import { credentialsText } from '../adapters/aws/credential-chain.ts';
import type { Connection } from '../adapters/dynamodb/connection.ts';
import { rateFile } from '../adapters/file/run/run-directory.ts';
import { MemoryTokenRepository } from '../adapters/memory/memory-repository.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import { type Amount, amountText, readAmount } from '../domain/amount.ts';
import { ImportError } from '../domain/import-error.ts';
import { type KeyAttribute, type TableAttachments, type TableInfo, uncheckedAttachments } from '../domain/table.ts';
import type { IfExists } from '../domain/write-result.ts';
import { type ChosenRates, chooseRate, rehearsalRate, shareBurst, shareRates } from '../limit/choose-rate.ts';
import { LimitWatch } from '../limit/limit-watch.ts';
import { Pace } from '../limit/pace.ts';
import type { ImportOptions } from '../options/import-options.ts';
import type { RunObserver } from '../ports/run-observer.ts';
import type { TableCapacity } from '../ports/table-capacity.ts';
import type { TokenRepository } from '../ports/token-repository.ts';
import { type ImportStart, type PreparedRaise, prepareRaise } from './capacity/prepare-raise.ts';
import { openTable } from './open-connection.ts';
import { shardOf } from './resolve-shard.ts';
import { shownPath } from './shell-command.ts';
import { type Surroundings, unlessStopped } from './surroundings.ts';

/** The destination of the tokens, before their columns are known. */
export type Target = {
  /** Undefined for memory, and if the table may not be described. */
  readonly table: TableInfo | undefined;
  /** In a shard, its part of the rate. */
  readonly rate: ChosenRates;
  /** In a shard, the rate of all shards together. */
  readonly wholeRate?: ChosenRates;
  /** The rate for another `--wps`, or for the table as it is found later. Throws ImportError if no capacity is left. */
  chooseRate(wps: ImportOptions['wps'], table: TableInfo | undefined): ChosenRates;
  /** Absent if there is no table to describe again. */
  readonly capacity?: Pick<TableCapacity, 'describe'>;
  /** Present if the capacity is raised for the import; `table` is then as it will be. */
  readonly raise?: PreparedRaise;
  /** For the operator: a URL, or `memory`. */
  readonly endpoint: string;
  readonly region: string | undefined;
  /** The settings that region and credentials come from, for the operator. */
  readonly origins?: { readonly region: string | undefined; readonly credentials: string };
  /** When the credentials expire, in ms since 1970; undefined if they do not or it is not known. */
  credentialsExpireMs?(): number | undefined;
  /** The repository for a table with this primary key. */
  openRepository(key: readonly KeyAttribute[], ifExists: IfExists): Promise<TokenRepository>;
  /** What is attached to the table, looked up once; rejects only with the reason of the signal. */
  attachments(): Promise<TableAttachments>;
  close(): Promise<void>;
};

/** A target that nothing is written to. */
export type DescribedTarget = Omit<Target, 'openRepository'>;

/** Describes the table. Throws ImportError, with what to do, for everything that would stop the first write. */
export async function openTarget(
  options: ImportOptions,
  surroundings: TargetSurroundings,
  start?: ImportStart,
): Promise<Target> {
  const target = await openWholeTarget(options, surroundings, start);
  const shard = shardOf(options);
  if (shard === undefined) return target;
  return {
    ...target,
    rate: shareRates(target.rate, shard),
    wholeRate: target.rate,
    chooseRate: (wps, table) => shareRates(target.chooseRate(wps, table), shard),
  };
}

/** With the rates of all shards. */
async function openWholeTarget(
  options: ImportOptions,
  surroundings: TargetSurroundings,
  start: ImportStart | undefined,
): Promise<Target> {
  if (options.repository === 'memory') return memoryTarget(options);
  if (options.repository === 'own') return ownTarget(options, surroundings.repository);
  return dynamoTarget(options, surroundings, start);
}

type TargetSurroundings = Pick<Surroundings, 'env' | 'repository' | 'signal' | 'warn'>;

function ownTarget({ wps }: ImportOptions, repository: TokenRepository | undefined): Target {
  if (repository === undefined) {
    throw new ImportError('usage', 'this run writes through the repository of another program', {
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

async function dynamoTarget(
  options: ImportOptions,
  surroundings: TargetSurroundings,
  start: ImportStart | undefined,
): Promise<Target> {
  const { connection, table: found, endpoint } = await openTable(options, '--wps', surroundings);
  try {
    const [{ describeTable }, { describeAttachments }] = await Promise.all([
      import('../adapters/dynamodb/table/describe-table.ts'),
      import('../adapters/dynamodb/table/describe-table.ts'),
    ]);
    const { signal } = surroundings;
    const raise = await unlessStopped(signal, raiseIfAsked(connection, found, options, surroundings, start));
    const table = raise?.table ?? found;
    const choose: Target['chooseRate'] = (wps, info) => chooseRate(wps, options.reserve, info, raise?.baseline);
    const { aws } = connection.options;
    let attachments: Promise<TableAttachments> | undefined;
    return {
      table,
      rate: choose(options.wps, table),
      chooseRate: choose,
      ...(table !== undefined && { capacity: { describe: () => describeTable(connection, options.table) } }),
      ...(raise !== undefined && { raise }),
      endpoint,
      region: connection.region,
      ...(aws !== undefined && {
        origins: { region: aws.settings.region?.from, credentials: credentialsText(aws.settings) },
      }),
      credentialsExpireMs: () => connection.credentials.expireMs,
      openRepository: (key, ifExists) => openRepository(connection, options, table, key, ifExists),
      attachments: () => (attachments ??= unlessStopped(signal, describeAttachments(connection, options.table))),
      close: () => connection.close(),
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function raiseIfAsked(
  connection: Connection,
  table: TableInfo | undefined,
  options: ImportOptions,
  surroundings: TargetSurroundings,
  start: ImportStart | undefined,
): Promise<PreparedRaise | undefined> {
  if (options.raiseWcu === undefined && (start?.raised === undefined || table === undefined)) return undefined;
  if (table === undefined) {
    throw new ImportError('access-denied', '--raise-wcu needs to describe the table, which is not allowed', {
      hint: 'Allow dynamodb:DescribeTable and dynamodb:UpdateTable, or leave --raise-wcu out.',
    });
  }
  const { createTableCapacity } = await import('../adapters/dynamodb/table/table-capacity.ts');
  const capacity = createTableCapacity(connection, options.table);
  return prepareRaise(capacity, table, options, surroundings, start);
}

async function openRepository(
  connection: Connection,
  { repository, table: tableName }: ImportOptions,
  table: TableInfo | undefined,
  key: readonly KeyAttribute[],
  ifExists: IfExists,
): Promise<TokenRepository> {
  const names = { tableName, key, indexNames: table?.globalIndexes.map(({ name }) => name) ?? [] };
  if (ifExists.kind !== 'replace') {
    const { createConditionalRepository } = await import('../adapters/dynamodb/conditional-repository.ts');
    return createConditionalRepository(connection, names, ifExists);
  }
  if (repository === 'dynamodb-sdk') {
    const { createSdkRepository } = await import('../adapters/dynamodb/sdk-repository.ts');
    return createSdkRepository(connection, names);
  }
  const { createDynamoRepository } = await import('../adapters/dynamodb/dynamo-repository.ts');
  return createDynamoRepository(connection, names);
}

/**
 * The pace of an import into this repository, and the watch over what limits it. The burst is that of a full batch, even
 * if each request is a single put. Shards share that burst too.
 * @param folder the run directory, if there is one
 */
export function openPace(
  options: ImportOptions,
  target: Omit<Target, 'openRepository'>,
  { maxBatchBytes, maxBatchTokens }: TokenRepository,
  observer: RunObserver,
  folder: string | undefined,
): { readonly pace: Pace; readonly limits: LimitWatch } {
  const { batchSize, wps } = options;
  const shard = shardOf(options);
  const pace = new Pace({
    clock: systemClock,
    observer,
    rates: target.rate,
    maxBodyBytes: maxBatchBytes,
    maxTokens: Math.min(batchSize, maxBatchTokens),
    smallestBurst: shareBurst(batchSize, shard),
  });
  const limits = new LimitWatch({
    clock: systemClock,
    pace,
    observer,
    wps,
    table: target.table,
    readAmount,
    choose: target.chooseRate,
    shards: shard?.count,
    capacity: target.capacity,
    override: folder === undefined ? undefined : rateFile(folder),
  });
  return { limits, pace };
}

/** The target with the rate that an operator left in the run directory, which goes before `--wps`. */
export async function withRateFile(
  target: Target,
  { wps }: ImportOptions,
  folder: string,
  { cwd }: Pick<Surroundings, 'cwd'>,
): Promise<Target> {
  const told = readAmount(
    (await rateFile(folder)
      .read()
      .catch(() => undefined)) ?? '',
  );
  const rate = told && ratesOf(target, told);
  // The run tells about a rate file that cannot be used.
  if (rate === undefined) return target;
  const path = shownPath(join(folder, 'rate'), { cwd });
  const over = wps === undefined ? '' : `, over --wps ${amountText(wps)}`;
  return { ...target, rate: { ...rate, chosen: `from ${rate.chosen.replaceAll('--wps', path)}${over}` } };
}

function ratesOf({ chooseRate: choose, table }: Target, wps: Amount): ChosenRates | undefined {
  try {
    return choose(wps, table);
  } catch (error) {
    if (error instanceof ImportError) return undefined;
    throw error;
  }
}
