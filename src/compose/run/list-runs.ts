import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readRaise } from '../../adapters/file/run/raise-file.ts';
import { runsFolder } from '../../adapters/file/run/run-directory.ts';
import { holderOf } from '../../adapters/file/run/run-lock.ts';
import { readManifest } from '../../adapters/file/run/run-manifest.ts';
import { loadVerifyState } from '../../adapters/file/run/verify-state.ts';
import { processIdentity } from '../../adapters/system/process-identity.ts';
import { shardOfFolder } from '../../domain/token.ts';
import type { RunEntry } from '../../report/watch/run-status.ts';
import { judgeShards, type ShardsStatus } from '../../report/watch/shards-status.ts';
import { restoreCommand, shownPath } from '../shell-command.ts';
import type { RunPlace } from '../surroundings.ts';
import { readRun, storedReport } from './read-run.ts';
import { isConversion } from './run-folder.ts';
import { readShards } from './show-run.ts';

/** The runs in `import-tokens-runs`, the newest first, and that folder. What cannot be read is left out. */
export async function composeRuns(
  place: RunPlace,
): Promise<{ readonly runs: readonly RunEntry[]; readonly folder: string }> {
  const folder = runsFolder(place.cwd);
  const names = await readdir(folder).catch(() => []);
  const entries = await Promise.all(names.map((name) => entriesOf(join(folder, name), place).catch(() => [])));
  const runs = entries.flat();
  return { runs: runs.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1)), folder: shownPath(folder, place) };
}

/** The run in a folder, or the import whose shards it holds; shards that do not make one import stand for themselves. */
async function entriesOf(folder: string, place: RunPlace): Promise<readonly RunEntry[]> {
  const entry = await entryOf(folder, place);
  if (entry !== undefined) return [entry];
  const names = (await readdir(folder)).filter((name) => shardOfFolder(name) !== undefined);
  const status = await readShards(folder, place).catch(() => undefined);
  if (status !== undefined) return shardsEntry(status, place);
  const entries = await Promise.all(names.map((name) => entryOf(join(folder, name), place)));
  return entries.filter((each) => each !== undefined);
}

function shardsEntry(status: ShardsStatus, place: RunPlace): readonly RunEntry[] {
  const { runDir, shards } = status;
  const begun = shards.flatMap(({ run }) => (run?.startedAt === undefined ? [] : { ...run, startedAt: run.startedAt }));
  const [first] = begun.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  if (first === undefined) return [];
  const { state, faults, rows } = judgeShards(status);
  const outcome = faults.length > 0 ? 'shards-differ' : rows.rejected > 0 ? 'completed-with-rejects' : 'completed';
  const { startedAt, sources, table } = first;
  return [
    {
      ...{ kind: 'import', runDir, name: shownPath(runDir, place), startedAt, sources, table },
      ...(state === 'done' ? { state: 'ended', outcome } : { state }),
      rows: rows.own,
      shards: shards.length,
    },
  ];
}

async function entryOf(folder: string, place: RunPlace): Promise<RunEntry | undefined> {
  const common = { runDir: folder, name: shownPath(folder, place) };
  const manifest = await readManifest(folder);
  if (manifest === undefined) return verifyEntry(folder, place, common);
  const [{ state, summary, counts, table, sources }, raise] = await Promise.all([
    readRun(folder, place),
    readRaise(folder).catch(() => undefined),
  ]);
  const rows = summary?.rows.read ?? counts?.read;
  return {
    ...common,
    kind: isConversion(manifest) ? 'convert' : 'import',
    startedAt: manifest.createdAt,
    sources,
    table,
    state: state === 'gone' ? 'stopped' : state,
    ...(summary !== undefined && { outcome: summary.outcome }),
    ...(rows !== undefined && { rows }),
    ...(raise !== undefined && { restoreCommand: restoreCommand(folder, place) }),
  };
}

async function verifyEntry(
  folder: string,
  { pid }: RunPlace,
  common: Pick<RunEntry, 'runDir' | 'name'>,
): Promise<RunEntry | undefined> {
  const state = await loadVerifyState(folder);
  if (state === undefined) return undefined;
  const [holder, { birthtimeMs }, report] = await Promise.all([
    holderOf(folder, pid, processIdentity),
    stat(folder),
    storedReport(folder).catch(() => undefined),
  ]);
  const rows = report?.rows.read ?? state.progress?.mark.ordinal;
  const { table } = state.options as { readonly table?: string };
  return {
    ...common,
    kind: 'verify',
    startedAt: new Date(birthtimeMs).toISOString(),
    sources: state.source.map(({ name }) => basename(name)),
    table: report?.table ?? table ?? '',
    state: holder === 'alive' ? 'running' : report === undefined ? 'stopped' : 'ended',
    ...(report !== undefined && { outcome: report.outcome }),
    ...(rows !== undefined && { rows }),
  };
}
