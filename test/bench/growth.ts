import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Measured, measured } from './costs.ts';
import { type Endpoint, startEndpoint } from './endpoint.ts';
import { runProbedImporter } from './importer-run.ts';
import type { SampleFiles } from './sample-files.ts';

export type GrowthSettings = {
  readonly rowCounts: readonly number[];
  /** Processes that share the rows of the second row count, or of the only one. */
  readonly shardCounts: readonly number[];
  readonly concurrency: number;
};

/** How cost grows with the rows of one process, and with shards that run one after another, over http. */
export async function growthCosts(settings: GrowthSettings, samples: SampleFiles): Promise<Measured[]> {
  const { rowCounts, shardCounts, concurrency } = settings;
  const endpoint = await startEndpoint('http', samples.folder);
  try {
    const shardedRows = rowCounts[1] ?? rowCounts[0]!;
    return [
      ...rowCounts.map((rows) => {
        const run = importShard(samples.file(rows), [], concurrency, endpoint, samples.folder);
        return { ...measured('one process', rows, run), peakMegabytes: run.peakMegabytes };
      }),
      ...shardCounts.map((count) => inShards(count, shardedRows, concurrency, endpoint, samples)),
    ];
  } finally {
    endpoint.stop();
  }
}

/** CPU of all shards together, the memory of the largest, and the time of the slowest. */
function inShards(
  count: number,
  rows: number,
  concurrency: number,
  endpoint: Endpoint,
  samples: SampleFiles,
): Measured {
  const runs = Array.from({ length: count }, (_, i) =>
    importShard(samples.file(rows), ['--shard', `${i + 1}/${count}`], concurrency, endpoint, samples.folder),
  );
  const cpuSeconds = runs.reduce((sum, run) => sum + run.cpuSeconds, 0);
  const wallSeconds = Math.max(...runs.map((run) => run.wallSeconds));
  return {
    ...measured(`${count} ${count === 1 ? 'shard' : 'shards'}`, rows, { cpuSeconds, wallSeconds }),
    peakMegabytes: Math.max(...runs.map((run) => run.peakMegabytes)),
  };
}

function importShard(
  file: string,
  flags: readonly string[],
  concurrency: number,
  { url, env }: Endpoint,
  folder: string,
) {
  const runDir = join(folder, 'run');
  const rate = ['--wps', '100000000', '--concurrency', `${concurrency}`];
  try {
    const args = [file, '--yes', '--endpoint-url', url, ...rate, '--run-dir', runDir, ...flags];
    return runProbedImporter(folder, args, env);
  } finally {
    rmSync(runDir, { recursive: true, force: true });
  }
}
