import { dirname, resolve } from 'node:path';
import { foldersInDebt, readDebt, realPlace } from '../../adapters/file/run/raise-file.ts';
import { runsFolder } from '../../adapters/file/run/run-directory.ts';
import { holderOf } from '../../adapters/file/run/run-lock.ts';
import { processIdentity } from '../../adapters/system/process-identity.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { TableInfo } from '../../domain/table.ts';
import { restoreCommand } from '../shell-command.ts';
import type { Surroundings } from '../surroundings.ts';

/** Says which runs were killed before they could put back the capacity that they had raised. */
export async function warnOfDebts(
  runDir: string | null | undefined,
  world: Pick<Surroundings, 'cwd' | 'pid' | 'warn'>,
): Promise<void> {
  for (const folder of await foldersOwing(runDir, world)) {
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

/**
 * Refuses a raise of what another run has raised: this one would take that for what was there before, and put it back
 * to that. Throws ImportError `usage`.
 */
export async function refuseSecondRaise(
  runDir: string | null | undefined,
  { arn, name }: Pick<TableInfo, 'arn' | 'name'>,
  world: Pick<Surroundings, 'cwd' | 'pid'>,
): Promise<void> {
  const own = typeof runDir === 'string' ? await realPlace(resolve(world.cwd, runDir)) : undefined;
  for (const folder of await foldersOwing(runDir, world)) {
    if (folder === own) continue;
    const debt = await readDebt(folder).catch(() => undefined);
    if (debt?.tableArn !== arn || debt.parts.length === 0) continue;
    const holder = await holderOf(folder, world.pid, processIdentity);
    throw new ImportError('usage', `--raise-wcu: table ${name} is raised already, by the run in ${folder}`, {
      hint:
        holder !== 'alive' && holder !== 'unknown'
          ? `Put that back first: ${restoreCommand(folder, world)}`
          : 'Leave --raise-wcu out, or wait for the end of that run, which puts it back.',
    });
  }
}

/** Of the places where runs are kept: beside this one, where they are by default, and where the command is given. */
export async function foldersOwing(
  runDir: string | null | undefined,
  { cwd }: Pick<Surroundings, 'cwd'>,
): Promise<readonly string[]> {
  const places = [runsFolder(cwd), cwd, ...(typeof runDir === 'string' ? [dirname(resolve(cwd, runDir))] : [])];
  const parents = new Set(await Promise.all(places.map(realPlace)));
  return (await Promise.all([...parents].map(foldersInDebt))).flat().sort();
}
