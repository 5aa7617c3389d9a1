import { rememberedRows } from '../adapters/dynamodb/remembered-items.ts';
import type { Mark } from '../domain/checkpoint.ts';
import { ImportError } from '../domain/import-error.ts';
import type { IfExists } from '../domain/write-result.ts';
import { RowReader } from '../input/row-reader.ts';
import { RunningHash } from '../input/source-hash.ts';
import type { ImportOptions } from '../options/import-options.ts';
import { BlockRows } from '../pipeline/block-rows.ts';
import type { RowMapper } from '../pipeline/map-row.ts';
import type { TokenRepository } from '../ports/token-repository.ts';
import type { MappedRows } from './source/map-columns.ts';
import type { OpenedRows } from './source/open-rows.ts';
import { openSource } from './source/open-source.ts';
import type { Surroundings } from './surroundings.ts';

/** `--if-exists` with the attribute in place of the column. Throws ImportError `usage` where it can't be compared by. */
export function resolveIfExists({ ifExists }: ImportOptions, { columns, keyNames }: MappedRows): IfExists {
  if (ifExists.kind !== 'newer') return ifExists;
  const column = columns.find(({ sourceName }) => sourceName === ifExists.column);
  const refuse = (what: string, hint: string) =>
    new ImportError('usage', `--if-exists newer:${ifExists.column}: ${what}`, { hint });
  if (column === undefined) {
    const names = columns.map(({ sourceName }) => `"${sourceName}"`).join(', ');
    throw refuse('the source has no such column', `Its columns are ${names}.`);
  }
  if (keyNames.includes(column.name)) {
    throw refuse(
      "it is part of the key, so it never differs from the item's",
      'Name the column that says when a row was changed.',
    );
  }
  if (column.type === 'BOOL' || column.type === 'JSON') {
    throw refuse(`a column of type ${column.type} has no order`, 'Name one of type N, EPOCH, S or B.');
  }
  return { kind: 'newer', column: column.name };
}

/**
 * Tells the repository once more of the rows below the mark, whose items may be in the table; all but the last
 * `rememberedRows` it would forget again.
 */
export async function rememberRows(
  options: ImportOptions,
  world: Surroundings,
  { dialect, source }: OpenedRows,
  { mapper, repository }: { readonly mapper: RowMapper; readonly repository: TokenRepository },
  mark: Mark,
): Promise<void> {
  if (source.files.some(({ path }) => path === undefined)) {
    world.warn('rows done before are not read again from a pipe: an item that one of them wrote is kept');
    return;
  }
  // Their order has been warned of.
  const { files } = await openSource(options, { ...world, warn: () => {} });
  let ordinal = 0;
  const first = Math.max(options.skipRows, mark.ordinal - rememberedRows);
  for await (const block of new RowReader({ files }, dialect, new RunningHash()).blocks()) {
    world.signal.throwIfAborted();
    const taken = new BlockRows(block);
    while (ordinal < mark.ordinal && taken.advance()) {
      const row = taken.row(ordinal++);
      const token = row.ordinal < first ? undefined : mapper.map(block.rows, taken.index, row);
      if (token !== undefined) repository.remember?.(token);
    }
    if (ordinal >= mark.ordinal) return;
  }
}
