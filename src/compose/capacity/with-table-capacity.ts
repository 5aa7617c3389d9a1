import type { ImportOptions } from '../../options/import-options.ts';
import type { TableCapacity } from '../../ports/table-capacity.ts';
import { openConnection } from '../open-connection.ts';
import type { Surroundings } from '../surroundings.ts';
import { unlessStopped } from '../unless-stopped.ts';

/** Does the work on the capacity of the table that the options name. Throws ImportError where there is no way to it. */
export async function withTableCapacity<T>(
  options: ImportOptions,
  world: Pick<Surroundings, 'env' | 'warn'> & { readonly signal?: AbortSignal },
  work: (capacity: TableCapacity) => Promise<T>,
): Promise<T> {
  const connection = await openConnection(options, world);
  try {
    const { createTableCapacity } = await import('../../adapters/dynamodb/table/table-capacity.ts');
    return await work(readUnlessStopped(createTableCapacity(connection, options.table), world.signal));
  } finally {
    await connection.close();
  }
}

/** What only looks is left to itself when the signal comes; a change that was asked for is waited for. */
function readUnlessStopped(capacity: TableCapacity, signal: AbortSignal | undefined): TableCapacity {
  if (signal === undefined) return capacity;
  return {
    describe: () => unlessStopped(signal, capacity.describe()),
    scaling: (indexes) => unlessStopped(signal, capacity.scaling(indexes)),
    update: (changes) => capacity.update(changes),
    suspendScaling: (index, suspended) => capacity.suspendScaling(index, suspended),
  };
}
