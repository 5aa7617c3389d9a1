import { openFileSource } from '../../adapters/file/source/file-source.ts';
import { isNamed, readSqlHead } from '../../input/sql/sql-head.ts';
import { SqlHeadFinder } from '../../input/sql/sql-head-finder.ts';
import type { ImportOptions } from '../../options/import-options.ts';

/**
 * What of a dump of several tables comes before the rows of `--source-table`, where its first bytes do not show them.
 * Undefined where they do, and for a pipe, which can be read only once. What stands before them is read twice.
 */
export async function findSqlHead(
  { sourceTable, format }: Pick<ImportOptions, 'sourceTable' | 'format'>,
  path: string | undefined,
  shape: Buffer,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  if (sourceTable === undefined || path === undefined || (format !== undefined && format !== 'sql')) return undefined;
  const tables = readSqlHead(shape)?.tables;
  const table = tables?.find((one) => isNamed(one, sourceTable));
  const hasRows = table?.list !== undefined || table?.valueCount !== undefined;
  if (tables === undefined || hasRows) return undefined;
  const { files } = await openFileSource([path], () => {
    throw new Error('a path is never standard input');
  });
  const finder = new SqlHeadFinder(sourceTable);
  for await (const chunk of files[0]!.read()) {
    signal.throwIfAborted();
    if (finder.push(chunk)) break;
  }
  return finder.head;
}
