import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import type { ProcessIdentity } from '../../ports/run-stores.ts';

/**
 * The process that has this pid now; undefined if none does. On Linux from /proc; elsewhere from the start time that `ps`
 * prints to the second, which as a date also differs between boots.
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
  // The name of the program, in parentheses, may itself contain spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A killed process stays a zombie until its parent reaps it, in some containers forever.
  const gone = ['Z', 'X', 'x'].includes(fields[0] ?? '');
  return gone ? undefined : fields[19];
}

async function startTimeFromPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'state=,lstart=', '-p', String(pid)]);
    const [state, ...date] = stdout.trim().split(/\s+/);
    return state?.startsWith('Z') ? undefined : date.join(' ');
  } catch (error) {
    // Exit code 1 means that there is no such process, any other that `ps` failed.
    if ((error as { code?: unknown }).code === 1) return undefined;
    throw error;
  }
}

/** Undefined if there is no such file, for example because the process has ended. */
async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** Maximum number of open files and sockets of this process (`ulimit -n`); undefined if the system does not say. */
export async function openFileLimit(path = '/proc/self/limits'): Promise<number | undefined> {
  try {
    const [, limit] = /^Max open files\s+(\d+)/m.exec(await readFile(path, 'utf8')) ?? [];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
}
