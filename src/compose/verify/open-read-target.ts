import type { KeyAttribute, TableInfo } from '../../domain/table.ts';
import { type ChosenReadRate, chooseReadRate } from '../../limit/choose-rate.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { TokenReader } from '../../ports/token-reader.ts';
import { checkAccount } from '../check-account.ts';
import { checkOpenFiles } from '../check-open-files.ts';
import { describeIfAllowed } from '../describe-if-allowed.ts';
import { openConnection } from '../open-connection.ts';
import type { Surroundings } from '../surroundings.ts';

/** The table that rows are compared with. */
export type ReadTarget = {
  /** Undefined where the table may not be described. */
  readonly table: TableInfo | undefined;
  readonly rate: ChosenReadRate;
  readonly endpoint: string;
  readonly region: string;
  openReader(key: readonly KeyAttribute[]): Promise<TokenReader>;
  close(): Promise<void>;
};

/** Throws ImportError, saying what to do, for all that would stop the first read. */
export async function openReadTarget(
  options: ImportOptions,
  world: Pick<Surroundings, 'env' | 'warn' | 'signal'>,
): Promise<ReadTarget> {
  const { table: tableName, consistent, showValues } = options;
  await checkOpenFiles(options.concurrency);
  const connection = await openConnection(options, world);
  try {
    const told = { key: options.key !== undefined, rate: options.rcu !== undefined, rateFlag: '--rcu' } as const;
    const table = await describeIfAllowed(connection, tableName, told, world.signal);
    checkAccount(options, table);
    const { origin } = await connection.endpoint(tableName);
    return {
      table,
      rate: chooseReadRate(options.rcu, options.reserve, table),
      endpoint: origin,
      region: table?.region ?? connection.region,
      async openReader(key) {
        const { createDynamoReader } = await import('../../adapters/dynamodb/dynamo-reader.ts');
        return createDynamoReader(connection, { tableName, key, consistent, showValues });
      },
      close: () => connection.close(),
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}
