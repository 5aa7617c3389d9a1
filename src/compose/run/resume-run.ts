import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type IsOnLocalDisk, isOnLocalDisk } from '../../adapters/file/run/liveness.ts';
import { claimOfUnknown } from '../../adapters/file/run/run-lock.ts';
import { readManifest } from '../../adapters/file/run/run-manifest.ts';
import { processIdentity } from '../../adapters/system/process-identity.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Surroundings } from '../surroundings.ts';
import { silentMs } from './read-run.ts';
import { progressName } from './record-run.ts';

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
