import { dirname, join, resolve } from 'node:path';
import { writeDurably } from '../../adapters/file/durable-file.ts';
import { runsFolder } from '../../adapters/file/run/run-directory.ts';
import { holderOf } from '../../adapters/file/run/run-lock.ts';
import { foldersWithRaise, RaiseFile, readRaise, realPlace } from '../../adapters/file/run/run-stores.ts';
import { processIdentity } from '../../adapters/system/process-identity.ts';
import { jsonText, utcText } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { CapacityEnding, RunSummary } from '../../domain/run-summary.ts';
import type { CapacityRaise, RaisedPart, TableInfo } from '../../domain/table.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import { type Restored, restoreCapacity } from '../../pipeline/capacity/restore-capacity.ts';
import type { TableCapacity } from '../../ports/table-capacity.ts';
import { withCapacityRestored } from '../../report/build-summary.ts';
import { openConnection } from '../open-connection.ts';
import { type RunFolder, summaryName } from '../run/run-folder.ts';
import { restoreCommand } from '../shell-command.ts';
import { type Surroundings, unlessStopped } from '../surroundings.ts';
import { capacityWork, refuseOtherTable } from './prepare-raise.ts';

type RestoreSurroundings = Pick<Surroundings, 'cwd' | 'env' | 'warn'> & {
  readonly signal?: AbortSignal;
  tell?(text: string): void;
};

/** Restores what the run in this folder left raised. Throws ImportError if the table cannot be reached. */
export async function restoreRaise(
  folder: string,
  raise: CapacityRaise,
  options: ImportOptions,
  surroundings: RestoreSurroundings,
): Promise<CapacityEnding> {
  const { signal, warn, tell = warn } = surroundings;
  const region = options.region ?? raise.region;
  const endpointUrl = options.endpointUrl ?? raise.endpointUrl;
  const raisedTable = { ...options, table: raise.tableName, region, endpointUrl };
  return withTableCapacity(raisedTable, surroundings, async (capacity) => {
    const work = capacityWork(ofRaisedTable(capacity, raise), options, tell, signal);
    const restored = await restoreCapacity(work, raise, new RaiseFile(folder));
    if (signal?.aborted) throw signal.reason;
    return capacityEnding(raise, restored, restoreCommand(folder, surroundings));
  });
}

/** A table that is missing or another one is no reason to forget the raise: region or credentials may be wrong. */
function ofRaisedTable(capacity: TableCapacity, { tableArn }: CapacityRaise): TableCapacity {
  let isSeen = false;
  const describe = async () => {
    const table = await capacity.describe().catch((error: unknown) => {
      if (isSeen || !(error instanceof ImportError) || error.code !== 'table-missing') throw error;
      throw new ImportError('resume-mismatch', `${tableArn}, which this run raised, does not exist here`, {
        hint: 'Check --region and --profile. If the table was deleted, delete capacity.json in the run directory.',
        cause: error,
      });
    });
    refuseOtherTable(table, tableArn);
    isSeen = true;
    return table;
  };
  return { ...capacity, describe };
}

/** Runs `work` on the capacity of the table that the options name. Throws ImportError if it cannot be reached. */
export async function withTableCapacity<T>(
  options: ImportOptions,
  surroundings: Pick<Surroundings, 'env' | 'warn'> & { readonly signal?: AbortSignal },
  work: (capacity: TableCapacity) => Promise<T>,
): Promise<T> {
  const connection = await openConnection(options, surroundings);
  try {
    const { createTableCapacity } = await import('../../adapters/dynamodb/table/table-capacity.ts');
    return await work(readUnlessStopped(createTableCapacity(connection, options.table), surroundings.signal));
  } finally {
    await connection.close();
  }
}

/** A signal abandons a request that only reads; one that changes something is awaited. */
function readUnlessStopped(capacity: TableCapacity, signal: AbortSignal | undefined): TableCapacity {
  if (signal === undefined) return capacity;
  return {
    ...capacity,
    describe: () => unlessStopped(signal, capacity.describe()),
    scaling: (indexes) => unlessStopped(signal, capacity.scaling(indexes)),
  };
}

/** The summary of a finished run, after restoring what that run left raised. */
export async function repeatedSummary(
  { directory, options }: RunFolder,
  summary: RunSummary,
  surroundings: RestoreSurroundings,
): Promise<RunSummary> {
  const folder = directory!.path;
  const raise = await readRaise(folder);
  if (raise === undefined) return summary;
  return saveRestored(folder, summary, await restoreRaise(folder, raise, options, surroundings));
}

/** Saves the summary with what became of the capacity, so that the run does not repeat an outdated exit code. */
export async function saveRestored(folder: string, summary: RunSummary, ending: CapacityEnding): Promise<RunSummary> {
  const restored = withCapacityRestored(summary, ending);
  await writeDurably(join(folder, summaryName), jsonText(restored));
  return restored;
}

/** Resumes with what a killed process left raised. A fault before the new raise leaves it raised, and says so. */
export async function resumeRaised<T>(
  folder: string | undefined,
  surroundings: RestoreSurroundings,
  resume: (raised: CapacityRaise | undefined) => Promise<T>,
): Promise<T> {
  const raised = folder === undefined ? undefined : await readRaise(folder);
  if (folder === undefined || raised === undefined) return resume(undefined);
  surroundings.warn(`this run left the capacity of table ${raised.tableName} raised; it is restored at its end`);
  try {
    return await resume(raised);
  } catch (fault) {
    const left = await readRaise(folder);
    const isBug = !(fault instanceof ImportError) && fault !== surroundings.signal?.reason;
    if (left === undefined || isBug || (fault as ImportError).code === 'capacity-not-restored') throw fault;
    const command = restoreCommand(folder, surroundings);
    throw stillRaisedFault(fault, capacityEnding(left, { unrestored: left, leftAlone: [] }, command));
  }
}

/** What became of the capacity, for the summary. */
export function capacityEnding(
  raise: CapacityRaise,
  { unrestored, fault, allowedAtMs, leftAlone }: Restored,
  command: string,
): CapacityEnding {
  const isLeftAlone = (index: string | undefined) => leftAlone.some((part) => part.index === index);
  const parts = unrestored?.parts ?? raise.parts.filter(({ index }) => !isLeftAlone(index));
  return {
    state: unrestored === undefined ? 'restored' : 'still-raised',
    raised: parts.map(raisedInShort),
    leftAlone: leftAlone.map(({ index, foundWriteUnits = null }) => ({
      ...(index !== undefined && { index }),
      found: foundWriteUnits,
    })),
    ...(fault !== undefined && { because: fault.message }),
    ...(allowedAtMs !== undefined && { allowedAt: utcText(allowedAtMs) }),
    ...(unrestored !== undefined && { restoreCommand: command, awsCommand: raise.undoCommand }),
  };
}

/** A raised part as pages and summaries show it. */
export function raisedInShort({
  index,
  beforeWriteUnits,
  raisedWriteUnits,
}: RaisedPart): CapacityEnding['raised'][number] {
  return { ...(index !== undefined && { index }), before: beforeWriteUnits, raised: raisedWriteUnits };
}

/** The fault that ended the run, with the capacity that it left raised. */
export function stillRaisedFault(fault: unknown, { because, allowedAt, restoreCommand, awsCommand }: CapacityEnding) {
  const what = fault instanceof ImportError ? fault.message : 'the run was stopped before the first write';
  const when = allowedAt === undefined ? '' : ` after ${allowedAt}`;
  return new ImportError(
    'capacity-not-restored',
    `${what}; and the capacity is STILL RAISED: ${because ?? 'not restored'}`,
    { hint: `Restore it${when}: ${restoreCommand}\nor, from any machine: ${awsCommand}`, cause: fault },
  );
}

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
