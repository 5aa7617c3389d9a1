import { type TableAttachments, type TableInfo, uncheckedAttachments } from '../../domain/table.ts';
import { rehearsalRate } from '../../limit/choose-rate.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import { openTable } from '../open-table.ts';
import type { Target } from '../open-target.ts';
import { type Surroundings, unlessStopped } from '../surroundings.ts';

/** What a conversion knows of its table. */
export type ConvertTarget = Omit<Target, 'openRepository'>;

/**
 * Describes the table. With `--key` nothing is connected to: the table of an ImportTable does not exist yet. Throws
 * ImportError, with what to do, for a table that cannot be described.
 */
export async function openConvertTarget(
  options: ImportOptions,
  surroundings: Pick<Surroundings, 'env' | 'signal' | 'warn'>,
): Promise<ConvertTarget> {
  if (options.key !== undefined) {
    return { ...unlimited(undefined), endpoint: 'none', region: undefined, close: async () => {} };
  }
  const { connection, table, endpoint } = await openTable(options, undefined, surroundings);
  const { describeAttachments } = await import('../../adapters/dynamodb/table/describe-table.ts');
  let attachments: Promise<TableAttachments> | undefined;
  return {
    ...unlimited(table),
    endpoint,
    region: connection.region,
    attachments: () =>
      (attachments ??= unlessStopped(surroundings.signal, describeAttachments(connection, options.table))),
    close: () => connection.close(),
  };
}

/** Nothing is written to the table, so that no rate applies. */
function unlimited(table: TableInfo | undefined) {
  const rate = rehearsalRate(undefined, undefined);
  return {
    table,
    rate,
    chooseRate: () => rate,
    attachments: async () => uncheckedAttachments('with --key no table is described'),
  };
}
