import { rename, rm, writeFile } from 'node:fs/promises';
import { diskFault } from './disk-fault.ts';

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
