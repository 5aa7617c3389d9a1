import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleChunks } from './sample-rows.ts';

/** A folder of sample files, each made when it is first asked for. */
export class SampleFiles {
  readonly folder = mkdtempSync(join(tmpdir(), 'import-tokens-bench-'));
  readonly #made = new Set<number>();

  /** Path of a token CSV of so many rows. */
  file(rows: number): string {
    const path = join(this.folder, `sample-${rows}.csv`);
    if (this.#made.has(rows)) return path;
    const file = openSync(path, 'w');
    for (const chunk of sampleChunks({ rows, seed: 1, repeatedShare: 0 })) writeSync(file, chunk);
    closeSync(file);
    this.#made.add(rows);
    return path;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
