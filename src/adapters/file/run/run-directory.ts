import { access, chmod, constants, mkdir, open, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { utcText } from '../../../domain/format.ts';
import { ImportError } from '../../../domain/import-error.ts';
import type { IdentifyProcess, RateOverride } from '../../../ports/run-stores.ts';
import { diskFault, syncFolder } from '../durable-file.ts';
import { isOnLocalDisk } from './liveness.ts';
import { type RunLock, takeRunLock } from './run-lock.ts';
import { manifestName } from './run-manifest.ts';
import { checkpointName } from './run-stores.ts';
import { verifyStateName } from './verify-state.ts';

/** The folder of one run; its files are named by those who write them. */
export class RunDirectory {
  /** Absolute. */
  readonly path: string;
  #lock: RunLock | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Keeps all other processes out until `close`. Throws ImportError `run-locked`, `run-dir`, `disk-full`.
   * @param abandoned the claim of a process that is known to have ended
   */
  async lock(pid: number, identify: IdentifyProcess, abandoned?: string): Promise<void> {
    this.#lock ??= await takeRunLock(this.path, pid, identify, isOnLocalDisk, abandoned);
  }

  async close(): Promise<void> {
    await this.#lock?.release();
    this.#lock = undefined;
  }
}

/**
 * A new folder (mode 0700) at `path`, which may exist if it is empty; by default one in `import-tokens-runs` that is named
 * after the time, or the folder `shard` in that. Throws ImportError `run-dir` or `disk-full`.
 */
export async function createRunDirectory(
  path: string | undefined,
  { nowMs, cwd, shard = '.' }: { readonly nowMs: number; readonly cwd: string; readonly shard?: string | undefined },
): Promise<RunDirectory> {
  const made = path === undefined ? await makeDefault(cwd, nowMs, shard) : await makeGiven(resolve(cwd, path));
  return new RunDirectory(made);
}

/** The folder of an earlier run. Throws ImportError `run-dir` if there is none. */
export async function openRunDirectory(path: string, { cwd }: { readonly cwd: string }): Promise<RunDirectory> {
  const absolute = resolve(cwd, path);
  const names = await namesIn(absolute);
  if (!names.includes(manifestName) && !names.includes(checkpointName)) {
    throw new ImportError(
      'run-dir',
      `${absolute} holds no run: neither ${manifestName} nor ${checkpointName} is there`,
      {
        hint: names.includes(verifyStateName)
          ? 'Pass it to import-tokens verify --resume, because it is the folder of a verification.'
          : 'Pass the folder that the run printed when it started.',
      },
    );
  }
  return new RunDirectory(absolute);
}

/** Where runs are kept without `--run-dir`. */
export function runsFolder(cwd: string): string {
  return join(cwd, 'import-tokens-runs');
}

async function makeDefault(cwd: string, nowMs: number, shard: string): Promise<string> {
  const first = join(runsFolder(cwd), utcText(nowMs).replaceAll(':', '-'));
  for (let number = 1; ; number++) {
    const path = join(number === 1 ? first : `${first}-${number}`, shard);
    await makeParents(path);
    if (await makeFolder(path)) return path;
  }
}

async function makeGiven(path: string): Promise<string> {
  await makeParents(path);
  if (await makeFolder(path)) return path;
  // A process that was killed before it began leaves a lock, which the next one checks, and maybe half a manifest.
  if ((await namesIn(path)).some((name) => !name.startsWith('lock') && name !== `${manifestName}.tmp`)) {
    throw new ImportError('run-dir', `${path} is not empty`, {
      hint: `Pass a new folder with --run-dir, or continue the run in this one with --resume ${path}.`,
    });
  }
  try {
    await chmod(path, 0o700);
    await access(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw diskFault(path, error);
  }
  return path;
}

async function makeParents(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw diskFault(dirname(path), error);
  }
}

/** False if something of that name exists. */
async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
    await syncFolder(dirname(path));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw diskFault(path, error);
  }
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new ImportError('run-dir', `${path}: no such folder`, { hint: 'Check the path.' });
    if (code === 'ENOTDIR') throw new ImportError('run-dir', `${path} is not a folder`, { hint: 'Check the path.' });
    throw diskFault(path, error);
  }
}

/** More than any rate takes; the rest of another file is not read. */
const maxBytes = 64;

/** The file `rate` that an operator creates in the run directory: write units a second, or a share. */
export function rateFile(folder: string): RateOverride {
  const path = join(folder, 'rate');
  return {
    async read() {
      try {
        const file = await open(path, 'r');
        try {
          const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes), 0, maxBytes, 0);
          return buffer.toString('utf8', 0, bytesRead).trim();
        } finally {
          await file.close();
        }
      } catch (cause) {
        const { code } = cause as NodeJS.ErrnoException;
        if (code === 'ENOENT') return undefined;
        throw new ImportError('run-dir', `${path} can't be read (${code})`, { cause });
      }
    },
  };
}
