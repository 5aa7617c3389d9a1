import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import type { ProcessIdentity } from '../../ports/process-identity.ts';

/**
 * Who has this pid now; undefined where no living process has it.
 *
 * Linux: from /proc. Elsewhere: the start time that `ps` prints, down to the second; being a date it tells boots apart too.
 */
export async function processIdentity(pid: number): Promise<ProcessIdentity | undefined> {
  const bootId = await readText('/proc/sys/kernel/random/boot_id');
  const startTime = bootId === undefined ? await startTimeFromPs(pid) : await startTimeFromProc(pid);
  if (startTime === undefined) return undefined;
  return {
    pid,
    startTime,
    bootId: bootId?.trim() ?? '',
    pidNamespace: await readlink('/proc/self/ns/pid').catch(() => ''),
    host: hostname(),
  };
}

/** Clock ticks from boot to the start of the process. */
async function startTimeFromProc(pid: number): Promise<string | undefined> {
  const stat = await readText(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name of the program, in parentheses, may hold spaces and parentheses of its own.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A killed process stays a zombie until its parent asks for it, in some containers for ever.
  const gone = ['Z', 'X', 'x'].includes(fields[0] ?? '');
  return gone ? undefined : fields[19];
}

async function startTimeFromPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'state=,lstart=', '-p', String(pid)]);
    const [state, ...date] = stdout.trim().split(/\s+/);
    return state?.startsWith('Z') ? undefined : date.join(' ');
  } catch (error) {
    // Exit code 1 means that there is no such process; anything else, that it can't be told.
    if ((error as { code?: unknown }).code === 1) return undefined;
    throw error;
  }
}

/** Undefined where there is no such file, as when the process has gone between two looks. */
async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
