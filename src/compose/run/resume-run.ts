import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { rememberedRows } from '../../adapters/dynamodb/remembered-items.ts';
import { type IsOnLocalDisk, isOnLocalDisk } from '../../adapters/file/run/liveness.ts';
import { claimOfUnknown } from '../../adapters/file/run/run-lock.ts';
import { type ManifestTable, readManifest } from '../../adapters/file/run/run-manifest.ts';
import { processIdentity } from '../../adapters/system/process-identity.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import type { Mark } from '../../domain/checkpoint.ts';
import { ImportError } from '../../domain/import-error.ts';
import { shardFolderName, shardText } from '../../domain/token.ts';
import { RowReader } from '../../input/row-reader.ts';
import { RunningHash } from '../../input/source-hash.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { RowMapper } from '../../pipeline/map-row.ts';
import { BlockRows } from '../../pipeline/take-rows.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TokenRepository } from '../../ports/token-repository.ts';
import type { RunEntry } from '../../report/watch/run-status.ts';
import type { DescribedTarget } from '../open-target.ts';
import { shardOf } from '../resolve-shard.ts';
import type { OpenedRows } from '../source/open-rows.ts';
import { withSource } from '../source/open-source.ts';
import type { RunPlace, Surroundings } from '../surroundings.ts';
import { silentMs } from './read-run.ts';
import { progressName } from './record-run.ts';
import { composeRuns } from './show-run.ts';

/** With `--resume auto`: the options that resume the run in `--run-dir`, or that start it if none has begun there. */
export async function withRunToResume(
  options: ImportOptions,
  { cwd }: Pick<Surroundings, 'cwd'>,
): Promise<ImportOptions> {
  if (options.resume !== 'auto' || typeof options.runDir !== 'string') return options;
  const runDir = resolve(cwd, options.runDir);
  const hasBegun = (await readManifest(runDir)) !== undefined;
  return hasBegun ? { ...options, resume: runDir, runDir: undefined } : { ...options, resume: undefined };
}

/**
 * The folder of `--resume`, where `latest` stands for the newest run of this kind, with `--shard` for that of this shard.
 * Throws ImportError `run-dir`.
 */
export async function resumedFolder(
  given: Pick<ImportOptions, 'resume' | 'shard'>,
  kind: RunEntry['kind'],
  place: RunPlace,
): Promise<string> {
  const { resume } = given;
  if (resume !== undefined && resume !== 'latest') return resume;
  const { runs, folder } = await composeRuns(place);
  const ofKind = runs.filter((run) => run.kind === kind);
  const shard = shardOf(given);
  const latest = shard === undefined ? ofKind[0] : await shardRun(ofKind, shardFolderName(shard));
  if (latest === undefined) {
    const what = `${kindNames[kind]}${shard === undefined ? '' : ` of shard ${shardText(shard)}`}`;
    throw new ImportError('run-dir', `--resume latest: ${folder} holds no ${what}`, {
      hint: 'Name the directory of the run, or ./latest for one of that name.',
    });
  }
  if (latest.shards === undefined) return latest.runDir;
  throw new ImportError('run-dir', `--resume latest: the newest run, ${latest.name}, is an import in shards`, {
    hint: 'Say which one to continue with --shard, or name the directory of a run.',
  });
}

const kindNames = { import: 'run', convert: 'conversion', verify: 'verification' };

/** The newest run whose folder has this name, alone or among the shards of an import. */
async function shardRun(runs: readonly RunEntry[], folderName: string): Promise<RunEntry | undefined> {
  for (const { shards, ...run } of runs) {
    if (shards === undefined && basename(run.runDir) === folderName) return run;
    const runDir = join(run.runDir, folderName);
    if (shards !== undefined && (await readManifest(runDir)) !== undefined) return { ...run, runDir };
  }
  return undefined;
}

/**
 * The claim on the folder of an earlier attempt that ran where its process cannot be checked from here, as on another
 * machine, once that run has been silent for a minute. The scheduler answers for its end: it starts an attempt after the
 * one before. Undefined if there is no claim, or if its process gives a sign of life.
 */
export async function abandonedClaim(
  folder: string,
  { pid, signal, warn }: Pick<Surroundings, 'pid' | 'signal' | 'warn'>,
  { clock, isLocal }: { readonly clock: Clock; readonly isLocal: IsOnLocalDisk } = {
    clock: systemClock,
    isLocal: isOnLocalDisk,
  },
): Promise<string | undefined> {
  const claim = await claimOfUnknown(folder, pid, processIdentity, isLocal);
  if (claim === undefined) return undefined;
  warn(`the previous attempt cannot be checked from here: waiting until it has been silent for ${silentMs / 1000} s`);
  const seen = await lastSign(folder);
  const sinceMs = clock.nowMs();
  while (clock.nowMs() - sinceMs < silentMs) {
    await clock.sleep(1000, signal);
    if (signal.aborted || (await lastSign(folder)) !== seen) return undefined;
  }
  return claim;
}

/** A process that imports renews its figures once a second. */
async function lastSign(folder: string): Promise<string> {
  return readFile(join(folder, progressName), 'utf8').catch(() => '');
}

/** Another region or account may have a table of this name: half of the rows must not go there. */
export function checkSameTable(before: ManifestTable | undefined, target: DescribedTarget): void {
  if (before === undefined) return;
  const now = manifestTable(target);
  const canBeCompared = (before.arn === undefined) === (now.arn === undefined);
  if (!canBeCompared || inWords(before) === inWords(now)) return;
  throw new ImportError('resume-mismatch', `this run was begun with ${inWords(before)}, but here is ${inWords(now)}`, {
    hint: 'Check --region, --profile and the environment. To import into another table, start a new run without --resume.',
  });
}

/** What tells the table from others of its name: its ARN, or region and endpoint if it may not be described. */
export function manifestTable({ table, region, endpoint }: DescribedTarget): ManifestTable {
  if (table !== undefined) return { arn: table.arn };
  return { endpoint, ...(region !== undefined && { region }) };
}

function inWords({ arn, region, endpoint }: ManifestTable): string {
  return arn ?? `a table in region ${region ?? 'unknown'} at ${endpoint}`;
}

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
