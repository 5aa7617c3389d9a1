import { ImportError } from '../../domain/import-error.ts';
import { systemWords } from './system-words.ts';

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
