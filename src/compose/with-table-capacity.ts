import type { ImportOptions } from '../cli/import-options.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import type { TableCapacity } from '../ports/table-capacity.ts';
import { openConnection } from './open-connection.ts';

/** Does the work on the capacity of the table that the options name. Throws ImportError where there is no way to it. */
export async function withTableCapacity<T>(
  options: ImportOptions,
  world: Pick<Surroundings, 'env' | 'warn'> & { readonly signal?: AbortSignal },
  work: (capacity: TableCapacity) => Promise<T>,
): Promise<T> {
  const connection = await openConnection(options, world);
  try {
    const { createTableCapacity } = await import('../adapters/dynamodb/table-capacity.ts');
    return await work(createTableCapacity(connection, options.table));
  } finally {
    await connection.close();
  }
}
