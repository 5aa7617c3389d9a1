import { join } from 'node:path';
import { rehearsal, runProbedImporter } from './importer-run.ts';
import { type Cost, runNode } from './measured-run.ts';
import type { SampleFiles } from './sample-files.ts';

export type Measured = {
  readonly name: string;
  readonly rows: number;
  readonly cpuSecondsPerMillionRows: number;
  /** Elapsed time with the start of the process; undefined for stages. */
  readonly rowsPerSecond?: number;
  /** Peak resident memory, if it was asked for. */
  readonly peakMegabytes?: number;
};

const stageNames = [
  'find line ends only',
  'frame',
  'split lines only',
  'frame, decode',
  'frame, decode, find shard',
  'frame, decode, find shard by a number and a sort key',
  'frame, decode, map, encode',
  'mysqldump --tab: frame, decode',
  'mysqldump --tab: frame, decode, map, encode',
  'mysqldump --tab: frame, decode, map, check, encode',
  'SQL dump: frame, decode',
  'SQL dump: frame, decode, map, encode',
  'csv-parse with columns',
  'hash bodies only',
  'sign',
];
export const stageFileRows = 50_000;

/** CPU of each stage, run in memory. */
export function stageCosts(rows: number, samples: SampleFiles): Measured[] {
  const script = join(import.meta.dirname, 'stage.mjs');
  return stageNames.map((name) => {
    return stageCost(name, [script, name, samples.file(stageFileRows), `${rows}`]);
  });
}

/** CPU that a script reports, without its start and compilation. */
export function stageCost(name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Measured {
  const { stdout } = runNode(args, env);
  const { rows, cpuSeconds } = JSON.parse(stdout) as { rows: number; cpuSeconds: number };
  return { name, rows, cpuSecondsPerMillionRows: cpuSeconds / (rows / 1e6) };
}

/** Reading, mapping and accounting against a table that answers at once. */
export function memoryCost(rows: number, samples: SampleFiles): Measured {
  const run = runProbedImporter(samples.folder, rehearsal(samples.file(rows), '0ms'));
  return { ...measured('memory repository, no latency', rows, run), peakMegabytes: run.peakMegabytes };
}

/** CPU and time of a whole process that imports `rows` rows. */
export function measured(name: string, rows: number, { cpuSeconds, wallSeconds }: Cost): Measured {
  return { name, rows, cpuSecondsPerMillionRows: cpuSeconds / (rows / 1e6), rowsPerSecond: rows / wallSeconds };
}
