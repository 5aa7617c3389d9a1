import { rehearsal, runImporter } from './importer-run.ts';
import type { SampleFiles } from './sample-files.ts';

export type ExperimentSettings = {
  /** Rows of the first step, which writes one by one; faster steps take more rows of the same sample. */
  readonly rows: number;
  /** Latency of the modelled table, in the syntax of `--latency`. */
  readonly latency: string;
  readonly concurrency: number;
  readonly batchSize: number;
  readonly rowsPerSecond: number;
};

export type Step = { readonly name: string; readonly rows: number; readonly rowsPerSecond: number };

/** Writes the same rows to a slow table: one by one, in parallel, in batches, and at a limit. */
export function experiment(settings: ExperimentSettings, samples: SampleFiles): Step[] {
  const { rows, concurrency, batchSize, rowsPerSecond } = settings;
  const wide = ['--concurrency', `${concurrency}`];
  const batched = [...wide, '--batch-size', `${batchSize}`];
  const sideBySideRows = rows * concurrency;
  return [
    step('one row at a time', rows, ['--concurrency', '1', '--batch-size', '1']),
    step(`${concurrency} workers`, sideBySideRows, [...wide, '--batch-size', '1']),
    step(`${concurrency} workers, batches of ${batchSize}`, sideBySideRows * batchSize, batched),
    step(`the same, limited to ${rowsPerSecond} a second`, rowsPerSecond * 5, [
      ...batched,
      '--wps',
      `${rowsPerSecond}`,
    ]),
  ];

  function step(name: string, count: number, args: readonly string[]): Step {
    const { summary } = runImporter(samples.folder, [...rehearsal(samples.file(count), settings.latency), ...args]);
    return { name, rows: count, rowsPerSecond: count / summary.durationSeconds };
  }
}
