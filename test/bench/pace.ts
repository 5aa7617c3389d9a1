import { startEndpoint } from './endpoint.ts';
import { runProbedImporter } from './importer-run.ts';
import type { SampleFiles } from './sample-files.ts';

export type PaceSettings = { readonly writeUnitsPerSecond: number; readonly seconds: number };

/** How exactly an import keeps a rate, and what that costs. */
export type Pace = {
  readonly limit: number;
  readonly average: number;
  readonly cores: number;
  readonly loopDelayP99Ms: number;
  readonly peakMegabytes: number;
};

/** An import at a rate over http, with a run directory, as an operator would start it. */
export async function keepPace({ writeUnitsPerSecond: limit, seconds }: PaceSettings, samples: SampleFiles) {
  const endpoint = await startEndpoint('http', samples.folder);
  const file = samples.file(limit * seconds);
  try {
    const target = ['--yes', '--endpoint-url', endpoint.url, '--run-dir', `${samples.folder}/pace`];
    const run = runProbedImporter(samples.folder, [file, '--wps', `${limit}`, ...target]);
    const { summary, cpuSeconds, wallSeconds, loopDelayP99Ms, peakMegabytes } = run;
    const pace: Pace = {
      ...{ limit, loopDelayP99Ms, peakMegabytes },
      average: summary.rate.average,
      cores: cpuSeconds / wallSeconds,
    };
    return pace;
  } finally {
    endpoint.stop();
  }
}
