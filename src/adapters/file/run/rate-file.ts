import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { ImportError } from '../../../domain/import-error.ts';
import type { RateOverride } from '../../../ports/run-stores.ts';

/** More than any rate takes; the rest of another file is not read. */
const maxBytes = 64;

/** The file `rate` that an operator creates in the run directory: write units a second, or a share. */
export function rateFile(folder: string): RateOverride {
  const path = join(folder, 'rate');
  return {
    async read() {
      try {
        const file = await open(path, 'r');
        try {
          const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes), 0, maxBytes, 0);
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
