import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { ImportError } from '../../../domain/import-error.ts';
import type { RateOverride } from '../../../ports/run-stores.ts';

/** Of a run directory; the operator makes it. */
const rateFileName = 'rate';

/** More than any rate takes; the rest of a file that is none is not read. */
const mostBytes = 64;

/** The file of this name in the run directory: a number of write units a second, or a share. */
export function rateFile(folder: string): RateOverride {
  const path = join(folder, rateFileName);
  return {
    async read() {
      try {
        const file = await open(path, 'r');
        try {
          const { buffer, bytesRead } = await file.read(Buffer.alloc(mostBytes), 0, mostBytes, 0);
          return buffer.toString('utf8', 0, bytesRead).trim();
        } finally {
          await file.close();
        }
      } catch (cause) {
        const { code } = cause as NodeJS.ErrnoException;
        if (code === 'ENOENT') return undefined;
        throw new ImportError('run-dir', `${path} can't be read (${code})`, { cause });
      }
    },
  };
}
