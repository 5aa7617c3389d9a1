import { constants } from 'node:fs';
import { access, appendFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ImportError } from '../../domain/import-error.ts';
import { diskFault } from './disk-fault.ts';
import { writeDurably } from './durable-file.ts';

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
