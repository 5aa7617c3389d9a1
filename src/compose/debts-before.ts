import { dirname, join, resolve } from 'node:path';
import { foldersInDebt, readDebt } from '../adapters/file/debt-file.ts';
import { holderOf } from '../adapters/file/run-lock.ts';
import { processIdentity } from '../adapters/system/process-identity.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { restoreCommand } from './shell-command.ts';

/** Says which runs beside this one were killed before they could put back the capacity that they had raised. */
export async function warnOfDebts(
  runDir: string | null | undefined,
  world: Pick<Surroundings, 'cwd' | 'pid' | 'warn'>,
): Promise<void> {
  const parent =
    typeof runDir === 'string' ? dirname(resolve(world.cwd, runDir)) : join(world.cwd, 'import-tokens-runs');
  for (const folder of await foldersInDebt(parent)) {
    // A run that lives will put it back itself.
    const holder = await holderOf(folder, world.pid, processIdentity);
    if (holder === 'alive') continue;
    const debt = await readDebt(folder).catch(() => undefined);
    const table = debt === undefined ? 'a table' : `table ${debt.tableName}`;
    const unless = holder === 'unknown' ? ', unless it still runs elsewhere' : '';
    world.warn(
      `a run before this one left the capacity of ${table} raised${unless}; put it back: ${restoreCommand(folder, world)}`,
    );
  }
}
