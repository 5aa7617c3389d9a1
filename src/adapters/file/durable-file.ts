import { constants } from 'node:fs';
import {
  access,
  appendFile,
  type FileHandle,
  open,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname } from 'node:path';
import { ImportError } from '../../domain/import-error.ts';

/**
 * Replaces a file atomically and durably: after a crash or a power cut it holds the old text or the new. Mode 0600.
 * Throws ImportError `disk-full` or `run-dir`; the old text is then still there.
 */
export async function writeDurably(path: string, text: string): Promise<void> {
  await replace(path, (temporary) => writeThrough(temporary, text));
  await syncFolder(dirname(path)).catch((error: unknown) => {
    throw diskFault(path, error);
  });
}

/** Does the same without forcing the text to the disk, for what may be lost in a crash. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await replace(path, (temporary) => writeFile(temporary, text, { mode: 0o600 }));
}

/** The same for a file that other users may read, or the one that a link leads to. Mode 0644, less the umask. */
export async function replacePublicFile(path: string, text: string): Promise<void> {
  const { real } = await lookAt(path);
  await replace(real, (temporary) => writeFile(temporary, text, { mode: 0o644 }));
}

async function replace(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await write(temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw diskFault(path, error);
  }
}

/** Writes a file and forces it to the disk. Mode 0600. */
export async function writeThrough(path: string, text: string): Promise<void> {
  await withFile(path, 'w', async (handle) => {
    await handle.writeFile(text);
    await handle.sync();
  });
}

/** Makes the names in a folder survive a power cut, if it can be read and its file system supports it. */
export async function syncFolder(path: string): Promise<void> {
  try {
    await withFile(path, 'r', (handle) => handle.sync());
  } catch (error) {
    if (!['EACCES', 'EINVAL', 'ENOTSUP', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

async function withFile(path: string, flags: string, use: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(path, flags, 0o600);
  try {
    await use(handle);
  } finally {
    await handle.close();
  }
}

/**
 * Throws ImportError `usage` if the file of this flag cannot be written, which would otherwise show hours later. One that
 * is `replaced` cannot be a pipe or a device.
 */
export async function checkNamedFile(flag: string, path: string, use: 'written' | 'replaced'): Promise<void> {
  const { real, kind } = await lookAt(path);
  const reason = await whyNotWritten(real, kind, use);
  if (reason === undefined) return;
  throw new ImportError('usage', `${flag} ${path} cannot be written: ${reason}`, {
    hint: 'Create the folder, or name another file.',
  });
}

async function whyNotWritten(path: string, kind: NamedFileKind, use: 'written' | 'replaced') {
  if (kind === 'folder') return 'it is a folder';
  if (kind === 'file') return access(dirname(path), constants.W_OK).catch(reasonOf);
  return use === 'replaced' ? 'it is not a regular file' : undefined;
}

/** Replaces the file durably, or appends to a pipe or a device. Throws as `writeDurably` does. */
export async function writeNamedFile(path: string, text: string): Promise<void> {
  const { real, kind } = await lookAt(path);
  if (kind === 'file') return writeDurably(real, text);
  await appendFile(path, text).catch((error: unknown) => {
    throw diskFault(path, error);
  });
}

type NamedFileKind = 'file' | 'folder' | 'stream';

/** Follows a link, so that the link itself is not replaced: `/dev/stdout` is one. */
async function lookAt(path: string): Promise<{ real: string; kind: NamedFileKind }> {
  const real = await realpath(path).catch(() => path);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return { real, kind: 'folder' };
  return { real, kind: path.startsWith('/dev/') || found?.isFile() === false ? 'stream' : 'file' };
}

function reasonOf(cause: NodeJS.ErrnoException): string {
  return cause.code === 'ENOENT' ? 'no such folder' : 'its folder is not writable';
}

/** ImportError `disk-full` or `run-dir` for a file of the run directory that cannot be written or read. */
export function diskFault(path: string, cause: unknown): ImportError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const what = code === 'EDQUOT' ? 'the disk quota is used up' : 'the disk is full';
    return new ImportError('disk-full', `${path} cannot be written: ${what}`, {
      hint: 'Free some space there, and resume.',
      cause,
    });
  }
  return new ImportError('run-dir', `${path} cannot be used: ${systemWords(cause, 'no such folder')}`, {
    hint: 'Fix it and try again, or pass another folder with --run-dir for a new run.',
    cause,
  });
}

/** What the system reported when a file was opened, read or written: its code if there is no text for it. */
export function systemWords(cause: unknown, whenMissing: string): string {
  const { code = String(cause) } = cause as NodeJS.ErrnoException;
  return code === 'ENOENT' ? whenMissing : (words[code] ?? code);
}

const words: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a directory',
  ENOTDIR: 'part of the path is not a folder',
  EEXIST: 'a file of that name exists',
  EIO: 'the disk reports a fault',
  EMFILE: 'too many open files',
  ELOOP: 'its links lead in a circle',
};

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A JSON file of the run directory that passes `isWhole`; undefined if there is none. Throws ImportError `run-dir` if it
 * is damaged.
 */
export async function readStoredJson<T>(
  path: string,
  isWhole: (value: JsonObject) => value is JsonObject & T,
): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw diskFault(path, error);
  }
  const value = parse(text);
  if (isObject(value) && typeof value['version'] === 'number' && value['version'] > 1) {
    throw new ImportError('run-dir', `${path} was written by a newer version of import-tokens`, {
      hint: 'Resume with that version, or start a new run.',
    });
  }
  if (!isObject(value) || value['version'] !== 1 || !isWhole(value)) {
    throw new ImportError('run-dir', `${path} is damaged: it is not what this program writes there`, {
      hint: 'Start a new run, which writes all rows again.',
    });
  }
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether all the named members are counts: whole, safe and not negative. */
export function holdsCounts(value: unknown, names: readonly string[]): value is JsonObject {
  return isObject(value) && names.every((name) => isCount(value[name]));
}

export function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
