import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { replaceFile } from '../../adapters/file/durable-file.ts';
import { runsFolder } from '../../adapters/file/run/run-directory.ts';
import { holderOf } from '../../adapters/file/run/run-lock.ts';
import { manifestName, type RunManifest, readManifest } from '../../adapters/file/run/run-manifest.ts';
import { loadCheckpoint, readRaise } from '../../adapters/file/run/run-stores.ts';
import { loadVerifyState } from '../../adapters/file/run/verify-state.ts';
import { processIdentity } from '../../adapters/system/process-identity.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import type { HashedStretch } from '../../domain/checkpoint.ts';
import { ImportError } from '../../domain/import-error.ts';
import { type Shard, shardFolderName, shardOfFolder } from '../../domain/token.ts';
import { flagOf, optionNames, options } from '../../options/import-options.ts';
import type { RunHistory } from '../../report/page/run-history.ts';
import { shardsPage } from '../../report/page/shards-page.ts';
import type { RunEntry, RunStatus, VerifyStatus } from '../../report/watch/run-status.ts';
import { judgeShards, type ShardState, type ShardStatus, type ShardsStatus } from '../../report/watch/shards-status.ts';
import { restoreCommand, shownPath } from '../shell-command.ts';
import type { RunPlace } from '../surroundings.ts';
import { readRun, storedReport } from './read-run.ts';
import { readHistory, reportName } from './record-run.ts';
import { isConversion } from './run-folder.ts';

/** The status of a run with the time now, that of shards, or the report of a verification. Throws ImportError `run-dir` if it holds none. */
export async function composeStatus(
  folder: string,
  place: RunPlace,
): Promise<
  | { readonly status: RunStatus; readonly nowMs: number }
  | { readonly shards: ShardsStatus }
  | { readonly verification: VerifyStatus }
> {
  const verification = await readVerification(resolve(place.cwd, folder), place);
  if (verification !== undefined) return { verification: verification.status };
  const shards = await readShards(folder, place);
  if (shards !== undefined) return { shards };
  return { status: await readRun(folder, place), nowMs: systemClock.wallMs() };
}

/** The status of the run or the shards in a folder once a second, until none is running. Throws ImportError as `composeStatus` does. */
export async function* watchStatus(
  folder: string,
  place: RunPlace,
): AsyncGenerator<Awaited<ReturnType<typeof composeStatus>>> {
  for (;;) {
    const seen = await composeStatus(folder, place);
    yield seen;
    if (!isRunning(seen)) return;
    await systemClock.sleep(1000);
  }
}

function isRunning(seen: Awaited<ReturnType<typeof composeStatus>>): boolean {
  if ('shards' in seen) return judgeShards(seen.shards).state === 'running';
  return ('verification' in seen ? seen.verification : seen.status).state === 'running';
}

async function readVerification(
  folder: string,
  { pid }: RunPlace,
): Promise<{ readonly status: VerifyStatus; readonly table: string } | undefined> {
  const state = await loadVerifyState(folder);
  if (state === undefined) return undefined;
  const [holder, report] = await Promise.all([
    holderOf(folder, pid, processIdentity),
    storedReport(folder).catch(() => undefined),
  ]);
  const { table } = state.options as { readonly table?: string };
  const ended = state.finished === true || report !== undefined;
  const status: VerifyStatus = {
    runDir: folder,
    state: holder === 'alive' ? 'running' : ended ? 'ended' : 'stopped',
    sources: state.source.map(({ name }) => name),
    rowsRead: report?.rows.read ?? state.progress?.mark.ordinal,
    report,
  };
  return { status, table: report?.table ?? table ?? '' };
}

/** The state of the shards in a folder; undefined if it holds none. Throws ImportError `run-dir`. */
async function readShards(folder: string, place: RunPlace): Promise<ShardsStatus | undefined> {
  const runDir = resolve(place.cwd, folder);
  const names = await readdir(runDir).catch((): string[] => []);
  const found = names.map(shardOfFolder).filter((shard) => shard !== undefined);
  if (found.length === 0 || names.includes(manifestName)) return undefined;
  const present = new Set(found.map(({ index }) => index));
  const count = shardCountOf(runDir, found);
  const shards: FoundShard[] = [];
  // One after the other, because thousands of shards would need as many open files.
  for (let index = 1; index <= count; index++) {
    const folder = join(runDir, shardFolderName({ index, count }));
    shards.push(present.has(index) ? await readShard(index, folder, place) : missing(index));
  }
  const [first] = shards.filter(({ kept }) => kept !== undefined);
  return {
    runDir,
    shards: shards.map(({ kept, ...shard }) => ({
      ...shard,
      differs: kept === undefined || first === undefined ? [] : differencesOf(kept, first.kept!),
    })),
  };
}

/** Writes one report of all shards in a folder, and returns its path; undefined if it holds none. Throws ImportError `run-dir`, `disk-full`. */
export async function reportShards(folder: string, place: RunPlace): Promise<string | undefined> {
  const status = await readShards(folder, place);
  if (status === undefined) return undefined;
  const histories: (RunHistory | undefined)[] = [];
  for (const { run } of status.shards) histories.push(run && (await readHistory(run.runDir)));
  const path = join(status.runDir, reportName);
  await replaceFile(path, shardsPage(status, histories));
  return path;
}

/** Two numbers of shards in one folder are two imports, whose rows do not add up. */
function shardCountOf(folder: string, found: readonly Shard[]): number {
  const counts = [...new Set(found.map(({ count }) => count))].sort((a, b) => a - b);
  if (counts.length === 1) return counts[0]!;
  const of = counts.map((count) => `shards of ${count}`).join(' and ');
  throw new ImportError('run-dir', `${folder} holds ${of}, which are different imports`, {
    hint: 'Move the folders of one import out of it, and give each import its own --run-dir.',
  });
}

/** What has to be the same in all shards. */
type Kept = { readonly manifest: RunManifest; readonly hash: HashedStretch | undefined };

type FoundShard = Omit<ShardStatus, 'differs'> & { readonly kept: Kept | undefined };

function missing(index: number): FoundShard {
  return { index, state: 'missing', run: undefined, kept: undefined };
}

async function readShard(index: number, folder: string, place: RunPlace): Promise<FoundShard> {
  const manifest = await readManifest(folder);
  if (manifest === undefined) {
    if ((await loadVerifyState(folder)) === undefined) return { ...missing(index), state: 'not-started' };
    throw new ImportError('run-dir', `${folder} is one shard of a verification`, {
      hint: 'Pass that folder to import-tokens status.',
    });
  }
  const [run, checkpoint] = await Promise.all([readRun(folder, place), loadCheckpoint(folder)]);
  const hash = checkpoint?.progress.hash;
  const isWhole = hash !== undefined && hash.before === undefined;
  return { index, state: stateOf(run), run, kept: { manifest, hash: isWhole ? hash : undefined } };
}

function stateOf({ state, summary }: Awaited<ReturnType<typeof readRun>>): ShardState {
  if (state === 'running') return 'running';
  return summary?.outcome === 'completed' || summary?.outcome === 'completed-with-rejects' ? 'done' : 'stopped';
}

/** Options that decide which items are written; each shard has another `--shard`. */
const compared = optionNames.filter((name) => options[name].scope === 'items' && name !== 'shard');

function differencesOf({ manifest, hash }: Kept, { manifest: other, hash: otherHash }: Kept): readonly string[] {
  const flags = compared.filter((name) => !isSame(manifest.options[name], other.options[name]));
  const isSamePlace = hash?.fileIndex === otherHash?.fileIndex && hash?.byteOffset === otherHash?.byteOffset;
  const isSameSource = isSame(identityOf(manifest), identityOf(other)) && (!isSamePlace || isSame(hash, otherHash));
  return [
    ...(isSameSource ? [] : ['source']),
    ...(isSame(manifest.table, other.table) ? [] : ['table']),
    ...flags.map(flagOf),
    ...(isSame(manifest.reading, other.reading) ? [] : ['reading of the source']),
  ];
}

/** A copy at another path is the same source. */
function identityOf({ source, columns }: RunManifest): unknown {
  return [columns, ...source.map(({ storedBytes, etag, versionId }) => [storedBytes, etag, versionId])];
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

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
      kind: 'import',
      runDir,
      name: shownPath(runDir, place),
      startedAt,
      sources,
      table,
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
  place: RunPlace,
  common: Pick<RunEntry, 'runDir' | 'name'>,
): Promise<RunEntry | undefined> {
  const verification = await readVerification(folder, place);
  if (verification === undefined) return undefined;
  const { state, sources, rowsRead, report } = verification.status;
  const { birthtimeMs } = await stat(folder);
  return {
    ...common,
    kind: 'verify',
    startedAt: new Date(birthtimeMs).toISOString(),
    sources: sources.map((name) => basename(name)),
    table: verification.table,
    state: state === 'ended' && report === undefined ? 'stopped' : state,
    ...(report !== undefined && { outcome: report.outcome }),
    ...(rowsRead !== undefined && { rows: rowsRead }),
  };
}
