import { rememberedRows } from '../adapters/dynamodb/remembered-items.ts';
import type { Mark } from '../domain/checkpoint.ts';
import { RowReader } from '../input/row-reader.ts';
import { RunningHash } from '../input/source-hash.ts';
import type { ImportOptions } from '../options/import-options.ts';
import type { RowMapper } from '../pipeline/map-row.ts';
import { BlockRows } from '../pipeline/take-rows.ts';
import type { TokenRepository } from '../ports/token-repository.ts';
import type { OpenedRows } from './source/open-rows.ts';
import { withSource } from './source/open-source.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Tells the repository about the rows below the mark, whose items may be in the table. Only the last `rememberedRows`
 * are told, as it forgets older ones.
 */
export async function rememberRows(
  options: ImportOptions,
  { dialect, source }: OpenedRows,
  mapper: RowMapper,
  repository: TokenRepository,
  mark: Mark,
  surroundings: Surroundings,
): Promise<void> {
  if (source.live === undefined && source.files.some(({ path }) => path === undefined)) {
    surroundings.warn('a pipe cannot be read again, so items that rows done before have written are kept');
    return;
  }
  // A warning about their order was given before.
  const quiet = { ...surroundings, warn: () => {} };
  await withSource(options, quiet, undefined, async ({ files }) => {
    let ordinal = 0;
    const first = Math.max(options.skipRows, mark.ordinal - rememberedRows);
    for await (const block of new RowReader({ files }, dialect, new RunningHash()).blocks()) {
      surroundings.signal.throwIfAborted();
      const taken = new BlockRows(block);
      while (ordinal < mark.ordinal && taken.advance()) {
        const row = taken.row(ordinal++);
        const token = row.ordinal < first ? undefined : mapper.map(block.rows, taken.index, row);
        if (token !== undefined) repository.remember?.(token);
      }
      if (ordinal >= mark.ordinal) return;
    }
  });
}
