import type { Connection } from '../adapters/dynamodb/connection.ts';
import type { ManifestTable } from '../adapters/file/run/run-manifest.ts';
import { ImportError } from '../domain/import-error.ts';
import type { TableInfo } from '../domain/table.ts';
import { notReady, parseTableArn } from '../domain/table.ts';
import type { ImportOptions } from '../options/import-options.ts';
import { checkOpenFiles, openConnection } from './open-connection.ts';
import { type Surroundings, unlessStopped } from './surroundings.ts';

/** A connection to the table that the options name, and the table; undefined if it may not be described. */
type OpenedTable = {
  readonly connection: Connection;
  readonly table: TableInfo | undefined;
  readonly endpoint: string;
};

/**
 * Connects and describes the table. Throws ImportError, with what to do, for everything that would stop the first
 * request, and the reason of the signal.
 * @param rateFlag the flag that tells the rate if the table may not be described; undefined if there is no rate
 */
export async function openTable(
  options: ImportOptions,
  rateFlag: '--wps' | '--rcu' | undefined,
  surroundings: Pick<Surroundings, 'env' | 'signal' | 'warn'>,
): Promise<OpenedTable> {
  await checkOpenFiles(options.concurrency);
  const connection = await openConnection(options, surroundings);
  try {
    const table = await describeIfAllowed(connection, options, rateFlag, surroundings.signal);
    checkAccount(options, table);
    return { connection, table, endpoint: (await connection.endpoint(options.table)).origin };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/**
 * Undefined if DescribeTable is denied and the options tell what the table would have told: key and rate. Throws
 * ImportError for everything else that is in the way, and the reason of `signal`.
 */
async function describeIfAllowed(
  connection: Connection,
  { table: tableName, key, wps, rcu }: ImportOptions,
  rateFlag: '--wps' | '--rcu' | undefined,
  signal: AbortSignal,
): Promise<TableInfo | undefined> {
  const { describeTable } = await import('../adapters/dynamodb/table/describe-table.ts');
  try {
    const table = await unlessStopped(signal, describeTable(connection, tableName));
    if (table.status === 'ACTIVE' || table.status === 'UPDATING') return table;
    throw notReady(table);
  } catch (error) {
    if (!(error instanceof ImportError) || error.code !== 'access-denied') throw error;
    const tellsRate = rateFlag === '--wps' ? wps?.kind === 'units' : rcu !== undefined;
    if (key !== undefined && tellsRate) return undefined;
    const rate = rateFlag === undefined ? '' : ` and the rate with ${rateFlag}`;
    throw new ImportError('access-denied', error.message, {
      hint: `Allow dynamodb:DescribeTable, or name the primary key with --key${rate}.`,
      cause: error,
    });
  }
}

/** Throws ImportError `wrong-account` if `--expect-account` names another account than the table's. */
export function checkAccount(
  { expectAccount: expected, table: asked }: Pick<ImportOptions, 'expectAccount' | 'table'>,
  table: TableInfo | undefined,
): void {
  const account = table?.account ?? parseTableArn(asked)?.account;
  if (expected === undefined || account === expected) return;
  const found = account ?? 'not known, since the table may not be described';
  throw new ImportError('wrong-account', `--expect-account ${expected}, but the account is ${found}`, {
    hint: 'Check --profile and the credentials in the environment.',
  });
}

/** Where rows go. `table`: undefined for memory, and if it may not be described. */
type Destination = {
  readonly table: TableInfo | undefined;
  readonly region: string | undefined;
  readonly endpoint: string;
};

/** Another region or account may have a table of this name: half of the rows must not go there. */
export function checkSameTable(before: ManifestTable | undefined, target: Destination): void {
  if (before === undefined) return;
  const now = manifestTable(target);
  const canBeCompared = (before.arn === undefined) === (now.arn === undefined);
  if (!canBeCompared || inWords(before) === inWords(now)) return;
  throw new ImportError('resume-mismatch', `this run was begun with ${inWords(before)}, but here is ${inWords(now)}`, {
    hint: 'Check --region, --profile and the environment. To import into another table, start a new run without --resume.',
  });
}

/** What tells the table from others of its name: its ARN, or region and endpoint if it may not be described. */
export function manifestTable({ table, region, endpoint }: Destination): ManifestTable {
  if (table !== undefined) return { arn: table.arn };
  return { endpoint, ...(region !== undefined && { region }) };
}

function inWords({ arn, region, endpoint }: ManifestTable): string {
  return arn ?? `a table in region ${region ?? 'unknown'} at ${endpoint}`;
}
