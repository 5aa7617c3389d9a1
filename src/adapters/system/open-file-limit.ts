import { readFile } from 'node:fs/promises';

/** How many files and sockets this process may have open (`ulimit -n`); undefined where the system does not tell. */
export async function openFileLimit(path = '/proc/self/limits'): Promise<number | undefined> {
  try {
    const [, limit] = /^Max open files\s+(\d+)/m.exec(await readFile(path, 'utf8')) ?? [];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
}
