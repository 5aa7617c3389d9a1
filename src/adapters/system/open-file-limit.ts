import { readFile } from 'node:fs/promises';

/** Maximum number of open files and sockets of this process (`ulimit -n`); undefined if the system does not say. */
export async function openFileLimit(path = '/proc/self/limits'): Promise<number | undefined> {
  try {
    const [, limit] = /^Max open files\s+(\d+)/m.exec(await readFile(path, 'utf8')) ?? [];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
}
