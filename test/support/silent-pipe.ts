import { spawnSync } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { WorkDir } from './work-dir.ts';

/** A named pipe in the folder that nobody writes to; `opened` resolves once it is read. */
export function silentPipe(dir: WorkDir): { readonly path: string; readonly opened: Promise<void> } {
  const path = join(dir.path, 'silent');
  const { status } = spawnSync('mkfifo', [path]);
  if (status !== 0) throw new Error(`mkfifo ${path} failed`);
  const opening = open(path, 'w');
  onTestFinished(async () => (await opening).close());
  return { path, opened: opening.then(() => undefined) };
}
