import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readRaise } from '../../adapters/file/run/raise-file.ts';
import { runsFolder } from '../../adapters/file/run/run-directory.ts';
import { holderOf } from '../../adapters/file/run/run-lock.ts';
import { readManifest } from '../../adapters/file/run/run-manifest.ts';
import { loadVerifyState } from '../../adapters/file/run/verify-state.ts';
import { processIdentity } from '../../adapters/system/process-identity.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { RunEntry } from '../../report/watch/run-status.ts';
import { restoreCommand, shownPath } from '../shell-command.ts';
import type { RunPlace } from '../surroundings.ts';
import { readRun, storedReport } from './read-run.ts';
import { isConversion } from './run-folder.ts';

/** The runs in `import-tokens-runs`, the newest first, and that folder. What cannot be read is left out. */
export async function composeRuns(
  place: RunPlace,
): Promise<{ readonly runs: readonly RunEntry[]; readonly folder: string }> {
  const folder = runsFolder(place.cwd);
  const names = await readdir(folder).catch(() => []);
  const entries = await Promise.all(names.map((name) => entryOf(join(folder, name), place).catch(() => undefined)));
  const runs = entries.filter((entry) => entry !== undefined);
  return { runs: runs.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1)), folder: shownPath(folder, place) };
}

/** The folder of `--resume`, where `latest` stands for the newest run of this kind. Throws ImportError `run-dir`. */
export async function resumedFolder(resume: string, kind: RunEntry['kind'], place: RunPlace): Promise<string> {
  if (resume !== 'latest') return resume;
  const { runs, folder } = await composeRuns(place);
  const latest = runs.find((run) => run.kind === kind);
  if (latest !== undefined) return latest.runDir;
  throw new ImportError('run-dir', `--resume latest: ${folder} holds no ${kindNames[kind]}`, {
    hint: 'Name the directory of the run, or ./latest for one of that name.',
  });
}

const kindNames = { import: 'run', convert: 'conversion', verify: 'verification' };

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
