import { ImportError } from '../../../domain/import-error.ts';
import { systemWords } from '../system-words.ts';

/** ImportError `source-unreadable` for what the system said when an input was opened or read. */
export function sourceUnreadable(path: string, cause: unknown): ImportError {
  const { code } = cause as NodeJS.ErrnoException;
  const forbidden = code === 'EACCES' || code === 'EPERM';
  return new ImportError('source-unreadable', `${path} cannot be read: ${systemWords(cause, 'no such file')}`, {
    hint: forbidden ? `Run as a user who may read it, or allow it: chmod u+r ${path}` : 'Put it right and resume',
    cause,
  });
}
