import { ImportError } from '../../domain/import-error.ts';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'part of the path is not a folder',
  EEXIST: 'a file of that name is in the way',
  ENOENT: 'no such folder',
  EIO: 'the disk reports a fault',
};

/** ImportError `disk-full` or `run-dir` for a file of the run directory that cannot be written or read. */
export function diskFault(path: string, cause: unknown): ImportError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const what = code === 'EDQUOT' ? 'the disk quota is used up' : 'the disk is full';
    return new ImportError('disk-full', `${path} cannot be written: ${what}`, {
      hint: 'Free some space there and resume',
      cause,
    });
  }
  return new ImportError('run-dir', `${path} cannot be used: ${reasons[code] ?? code}`, {
    hint: 'Put it right and try again; a new run can be kept elsewhere with --run-dir',
    cause,
  });
}
