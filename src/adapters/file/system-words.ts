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
