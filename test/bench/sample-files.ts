import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endOfDump, sampleChunks, sampleSchema, sqlText, tabText } from './sample-rows.ts';

/** A folder of sample files, each made when it is first asked for. */
export class SampleFiles {
  readonly folder = mkdtempSync(join(tmpdir(), 'import-tokens-bench-'));
  readonly #made = new Set<number>();

  /** Path of a token CSV of `rows` rows. */
  file(rows: number): string {
    const path = join(this.folder, `sample-${rows}.csv`);
    if (this.#made.has(rows)) return path;
    const file = openSync(path, 'w');
    for (const chunk of sampleChunks({ rows, seed: 1, repeatedShare: 0 })) writeSync(file, chunk);
    closeSync(file);
    this.#made.add(rows);
    return path;
  }

  /** The same rows as `mysqldump --tab` writes them, with the CREATE TABLE next to them. */
  dump(rows: number): string {
    const path = join(this.folder, `sample-${rows}.txt`);
    const file = openSync(path, 'w');
    for (const chunk of tabText([readFileSync(this.file(rows))])) writeSync(file, chunk);
    closeSync(file);
    writeFileSync(join(this.folder, `sample-${rows}.sql`), sampleSchema);
    return path;
  }

  /** The same rows in INSERT statements after their CREATE TABLE. */
  sqlDump(rows: number): string {
    const path = join(this.folder, `dump-${rows}.sql`);
    const file = openSync(path, 'w');
    for (const chunk of sqlText([readFileSync(this.file(rows))])) writeSync(file, chunk);
    writeSync(file, endOfDump);
    closeSync(file);
    return path;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
