import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { rehearsal, runImporter } from './importer-run.ts';
import { type Cost, runNode } from './measured-run.ts';
import type { SampleFiles } from './sample-files.ts';

export type Measured = {
  readonly name: string;
  readonly rows: number;
  readonly cpuSecondsPerMillionRows: number;
  /** By the clock on the wall, the process's start included; stages have none. */
  readonly rowsPerSecond?: number;
};

const stageNames = [
  'find line ends only',
  'frame',
  'split lines only',
  'frame, decode',
  'frame, decode, map, encode',
  'mysqldump --tab: frame, decode',
  'mysqldump --tab: frame, decode, map, encode',
  'csv-parse with columns',
  'hash bodies only',
  'sign',
];
const stageFileRows = 50_000;

/** CPU of each stage by itself, in memory. */
export function stageCosts(rows: number, samples: SampleFiles): Measured[] {
  const script = join(import.meta.dirname, 'stage.mjs');
  return stageNames.map((name) => {
    const { stdout } = runNode([script, name, samples.file(stageFileRows), `${rows}`]);
    const { rows: done, cpuSeconds } = JSON.parse(stdout) as { rows: number; cpuSeconds: number };
    return { name, rows: done, cpuSecondsPerMillionRows: cpuSeconds / (done / 1e6) };
  });
}

/** Reading, mapping and accounting against a table that answers at once. */
export function memoryCost(rows: number, samples: SampleFiles): Measured {
  return measured(
    'memory repository, no latency',
    rows,
    runImporter(samples.folder, rehearsal(samples.file(rows), '0ms')),
  );
}

export type PipelineSettings = {
  readonly rows: number;
  readonly concurrency: number;
  /** Rows for the careful user's pipeline, which is measured in the same run; 0 leaves it out. */
  readonly carefulRows: number;
  /** Where to leave a CPU profile of the importer. */
  readonly profile: string | undefined;
};

/** From file to a loopback endpoint that discards, in a process of its own, beside what a careful user writes. */
export async function pipelineCosts(settings: PipelineSettings, samples: SampleFiles): Promise<Measured[]> {
  const { rows, concurrency, carefulRows, profile } = settings;
  const endpoint = await startEndpoint();
  const runDir = join(samples.folder, 'run');
  const args = ['--endpoint-url', endpoint.url, '--wps', '10000000', '--concurrency', `${concurrency}`];
  try {
    const run = runImporter(
      samples.folder,
      [samples.file(rows), ...args, '--run-dir', runDir],
      profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir=.', `--cpu-prof-name=${profile}`],
    );
    const results = [measured('whole pipeline over http', rows, run)];
    if (profile === undefined) {
      rmSync(runDir, { recursive: true, force: true });
      const dump = runImporter(samples.folder, [samples.dump(rows), ...args, '--run-dir', runDir]);
      results.push(measured('mysqldump --tab: whole pipeline over http', rows, dump));
    }
    if (carefulRows > 0) {
      const careful = runNode([join(import.meta.dirname, 'careful-user.mjs'), samples.file(carefulRows), endpoint.url]);
      results.push(measured("a careful user's pipeline over http", carefulRows, careful));
    }
    return results;
  } finally {
    endpoint.process.stdin?.end();
    rmSync(runDir, { recursive: true, force: true });
  }
}

async function startEndpoint(): Promise<{ url: string; process: ChildProcess }> {
  const table = '{"name":"tokens","key":[{"name":"token","type":"S"}],"discard":true}';
  const script = join(import.meta.dirname, '../support/serve-plain-table.mjs');
  const child = spawn(process.execPath, [script, '--table', table], { stdio: ['pipe', 'pipe', 'inherit'] });
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (data) => resolve(String(data)));
    child.once('exit', (code) => reject(new Error(`the endpoint ended with ${code}`)));
  });
  return { url: (JSON.parse(line) as { url: string }).url, process: child };
}

function measured(name: string, rows: number, { cpuSeconds, wallSeconds }: Cost): Measured {
  return { name, rows, cpuSecondsPerMillionRows: cpuSeconds / (rows / 1e6), rowsPerSecond: rows / wallSeconds };
}
