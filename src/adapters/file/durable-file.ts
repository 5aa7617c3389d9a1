import { constants } from 'node:fs';
import { access, appendFile, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ImportError } from '../../domain/import-error.ts';

/**
 * Replaces a file at once and for good: after a crash or a power cut it holds the old text or the new.
 * Mode 0600. Throws ImportError `disk-full` or `run-dir`; the old text is then still there.
 */
export async function writeDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await writeThrough(temporary, text);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw diskFault(path, error);
  }
}

/** Writes a file down to the disk, mode 0600. */
export async function writeThrough(path: string, text: string): Promise<void> {
  const handle = await open(path, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the names in a folder survive a power cut, where it may be read and its file system knows how. */
export async function syncFolder(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!['EACCES', 'EINVAL', 'ENOTSUP', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/**
 * Replaces a file at once, mode 0600: a reader meets the old text or the new. Unlike `writeDurably` it forces nothing to
 * the disk, for what a crash may take. Throws ImportError `disk-full` or `run-dir`.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await writeFile(temporary, text, { mode: 0o600 });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw diskFault(path, error);
  }
}

/** Throws ImportError `usage` where the file of `--summary` could not be written, which would be told hours later. */
export async function checkSummaryPath(path: string): Promise<void> {
  const { real, kind } = await lookAt(path);
  if (kind === 'stream') return;
  const folder = dirname(real);
  const reason = kind === 'folder' ? 'it is a folder' : await access(folder, constants.W_OK).catch(reasonOf);
  if (reason === undefined) return;
  throw new ImportError('usage', `--summary ${path} cannot be written: ${reason}`, {
    hint: 'make the folder, or name another file',
  });
}

/** Replaces the file durably; what is written to a pipe or a device follows what is there. Throws as `writeDurably`. */
export async function writeNamedFile(path: string, text: string): Promise<void> {
  const { real, kind } = await lookAt(path);
  if (kind === 'file') return writeDurably(real, text);
  await appendFile(path, text).catch((error: unknown) => {
    throw diskFault(path, error);
  });
}

type Named = { readonly real: string; readonly kind: 'file' | 'folder' | 'stream' };

/** A link is followed, so that it is not what is replaced: `/dev/stdout` is one. */
async function lookAt(path: string): Promise<Named> {
  const real = await realpath(path).catch(() => path);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return { real, kind: 'folder' };
  const isStream = path.startsWith('/dev/') || found?.isFile() === false;
  return { real, kind: isStream ? 'stream' : 'file' };
}

function reasonOf(cause: NodeJS.ErrnoException): string {
  return cause.code === 'ENOENT' ? 'no such folder' : 'its folder may not be written to';
}

/** ImportError `disk-full` or `run-dir` for a file of the run directory that cannot be written or read. */
export function diskFault(path: string, cause: unknown): ImportError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const what = code === 'EDQUOT' ? 'the disk quota is used up' : 'the disk is full';
    return new ImportError('disk-full', `${path} cannot be written: ${what}`, {
      hint: 'Free some space there and resume',
      cause,
    });
  }
  return new ImportError('run-dir', `${path} cannot be used: ${systemWords(cause, 'no such folder')}`, {
    hint: 'Put it right and try again; a new run can be kept elsewhere with --run-dir',
    cause,
  });
}

const words: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a directory',
  ENOTDIR: 'part of the path is not a folder',
  EEXIST: 'a file of that name is in the way',
  EIO: 'the disk reports a fault',
  EMFILE: 'too many open files',
  ELOOP: 'its links lead in a circle',
};

/** What the system said when a file was opened, read or written; its code where there are no words for that. */
export function systemWords(cause: unknown, whereMissing: string): string {
  const { code = String(cause) } = cause as NodeJS.ErrnoException;
  return code === 'ENOENT' ? whereMissing : (words[code] ?? code);
}
