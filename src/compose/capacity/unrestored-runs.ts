import { dirname, resolve } from 'node:path';
import { foldersWithRaise, readRaise, realPlace } from '../../adapters/file/run/raise-file.ts';
import { runsFolder } from '../../adapters/file/run/run-directory.ts';
import { holderOf } from '../../adapters/file/run/run-lock.ts';
import { processIdentity } from '../../adapters/system/process-identity.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { TableInfo } from '../../domain/table.ts';
import { restoreCommand } from '../shell-command.ts';
import type { Surroundings } from '../surroundings.ts';

/** Warns of runs nearby that were killed before they could restore the capacity they had raised. */
export async function warnOfUnrestored(
  runDir: string | null | undefined,
  surroundings: Pick<Surroundings, 'cwd' | 'pid' | 'warn'>,
): Promise<void> {
  for (const folder of await unrestoredFolders(runDir, surroundings)) {
    const holder = await holderOf(folder, surroundings.pid, processIdentity);
    // A run that is alive restores it itself.
    if (holder === 'alive') continue;
    const raise = await readRaise(folder).catch(() => undefined);
    const table = raise === undefined ? 'a table' : `table ${raise.tableName}`;
    const unless = holder === 'unknown' ? ', unless it still runs elsewhere' : '';
    const command = restoreCommand(folder, surroundings);
    surroundings.warn(`an earlier run left the capacity of ${table} raised${unless}; restore it: ${command}`);
  }
}

/**
 * Refuses to raise a table that another run has raised: this run would take that figure for the one to restore. Throws
 * ImportError `usage`.
 */
export async function refuseSecondRaise(
  runDir: string | null | undefined,
  { arn, name }: Pick<TableInfo, 'arn' | 'name'>,
  surroundings: Pick<Surroundings, 'cwd' | 'pid'>,
): Promise<void> {
  const own = typeof runDir === 'string' ? await realPlace(resolve(surroundings.cwd, runDir)) : undefined;
  for (const folder of await unrestoredFolders(runDir, surroundings)) {
    if (folder === own) continue;
    const raise = await readRaise(folder).catch(() => undefined);
    if (raise?.tableArn !== arn || raise.parts.length === 0) continue;
    const holder = await holderOf(folder, surroundings.pid, processIdentity);
    throw new ImportError('usage', `--raise-wcu: table ${name} is already raised by the run in ${folder}`, {
      hint:
        holder !== 'alive' && holder !== 'unknown'
          ? `Restore it first: ${restoreCommand(folder, surroundings)}`
          : 'Leave --raise-wcu out, or wait until that run ends and restores it.',
    });
  }
}

/** Folders with unrestored capacity: next to this run, in the default folder of runs, and in the working directory. */
export async function unrestoredFolders(
  runDir: string | null | undefined,
  { cwd }: Pick<Surroundings, 'cwd'>,
): Promise<readonly string[]> {
  const places = [runsFolder(cwd), cwd, ...(typeof runDir === 'string' ? [dirname(resolve(cwd, runDir))] : [])];
  const parents = new Set(await Promise.all(places.map(realPlace)));
  return (await Promise.all([...parents].map(foldersWithRaise))).flat().sort();
}
