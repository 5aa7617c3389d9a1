import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Measured, measured, stageCost, stageFileRows } from './costs.ts';
import { type Endpoint, startEndpoint } from './endpoint.ts';
import { runImporter } from './importer-run.ts';
import { runNode } from './measured-run.ts';
import type { SampleFiles } from './sample-files.ts';

export type PipelineSettings = {
  readonly rows: number;
  readonly concurrency: number;
  /** Rows for the careful user's pipeline, which is measured in the same run; 0 leaves it out. */
  readonly carefulRows: number;
  /** Path for a CPU profile of the importer over http; nothing else runs then. */
  readonly profile: string | undefined;
};

export const wholePipeline = 'whole pipeline';
export const bareFloor = 'bare floor';
export const carefulPipeline = "a careful user's pipeline";

/** Costs from a file to a loopback endpoint that discards, for the importer and for a careful user's pipeline. */
export async function pipelineCosts(settings: PipelineSettings, samples: SampleFiles): Promise<Measured[]> {
  const results: Measured[] = [];
  for (const scheme of ['http', 'https'] as const) {
    if (scheme === 'https' && settings.profile !== undefined) break;
    const endpoint = await startEndpoint(scheme, samples.folder);
    try {
      results.push(...costsOver(scheme, endpoint, settings, samples));
    } finally {
      endpoint.stop();
    }
  }
  return results;
}

function costsOver(scheme: string, endpoint: Endpoint, settings: PipelineSettings, samples: SampleFiles): Measured[] {
  const { rows, carefulRows, profile } = settings;
  const results = profile === undefined ? [sending('bare sockets only', 'sockets'), sending('send', 'repository')] : [];
  results.push(measured(`${wholePipeline} over ${scheme}`, rows, importFile(samples.file(rows))));
  if (profile === undefined) {
    const floor = runNode([join(import.meta.dirname, 'floor.mjs'), endpoint.url, samples.file(rows)], endpoint.env);
    results.push(measured(`${bareFloor} over ${scheme}`, rows, floor));
  }
  if (profile === undefined && scheme === 'http') {
    results.push(measured(`mysqldump --tab: ${wholePipeline} over http`, rows, importFile(samples.dump(rows))));
    results.push(measured(`SQL dump: ${wholePipeline} over http`, rows, importFile(samples.sqlDump(rows))));
  }
  if (carefulRows > 0) {
    const script = join(import.meta.dirname, 'careful-user.mjs');
    const careful = runNode([script, samples.file(carefulRows), endpoint.url], endpoint.env);
    results.push(measured(`${carefulPipeline} over ${scheme}`, carefulRows, careful));
  }
  return results;

  function sending(name: string, way: string): Measured {
    const script = join(import.meta.dirname, 'send.mjs');
    return stageCost(
      `${name} over ${scheme}`,
      [script, way, endpoint.url, samples.file(stageFileRows), `${rows / 2}`],
      endpoint.env,
    );
  }

  function importFile(file: string) {
    const runDir = join(samples.folder, 'run');
    const args = [
      '--yes',
      '--endpoint-url',
      endpoint.url,
      '--wps',
      '10000000',
      '--concurrency',
      `${settings.concurrency}`,
    ];
    const nodeOptions = profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir=.', `--cpu-prof-name=${profile}`];
    try {
      return runImporter(samples.folder, [file, ...args, '--run-dir', runDir], { nodeOptions, env: endpoint.env });
    } finally {
      rmSync(runDir, { recursive: true, force: true });
    }
  }
}
