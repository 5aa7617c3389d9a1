import { ImportError } from '../../domain/import-error.ts';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EIO: 'the disk reports a fault',
  EMFILE: 'too many open files',
  ELOOP: 'its links lead in a circle',
};

/** ImportError `source-unreadable` for what the system said when an input was opened or read. */
export function sourceUnreadable(path: string, cause: unknown): ImportError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const forbidden = code === 'EACCES' || code === 'EPERM';
  return new ImportError('source-unreadable', `${path} cannot be read: ${reasons[code] ?? code}`, {
    hint: forbidden ? `Run as a user who may read it, or allow it: chmod u+r ${path}` : 'Put it right and resume',
    cause,
  });
}
