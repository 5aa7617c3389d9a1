import { checkNamedFile, replacePublicFile } from '../../adapters/file/durable-file.ts';
import { readRaise } from '../../adapters/file/run/raise-file.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { Clock } from '../../ports/clock.ts';
import { metricsText, type RunEnd, type RunMetrics } from '../../report/watch/metrics-text.ts';
import { raisedInShort } from '../capacity/restore-raise.ts';

/** The file of `--metrics-file`. Nothing it does may stop an import. */
export type MetricsFile = {
  /** Writes it for the last time. */
  finish(end: RunEnd): Promise<void>;
  close(): void;
};

const everyMs = 5000;

/** Throws ImportError `usage` if the file of `--metrics-file` could not be written. */
export async function checkMetricsFile({ metricsFile }: ImportOptions): Promise<void> {
  if (metricsFile !== undefined) await checkNamedFile('--metrics-file', metricsFile, 'replaced');
}

/** Writes the file now and every 5 s. `folder` is the run directory, which records what capacity is raised. */
export function keepMetrics(
  path: string,
  folder: string | undefined,
  metrics: () => Omit<RunMetrics, 'raised' | 'end'>,
  clock: Clock,
  warn: (message: string) => void,
): MetricsFile {
  let hasFailed = false;
  let writing: Promise<void> | undefined;
  let cancel = () => {};
  tick();

  function tick(): void {
    writing ??= write().finally(() => {
      writing = undefined;
    });
    cancel = clock.setTimer(everyMs, tick);
  }

  async function write(end?: RunEnd): Promise<void> {
    try {
      const raise = folder === undefined ? undefined : await readRaise(folder).catch(() => undefined);
      const raised = raise?.parts.map(raisedInShort) ?? [];
      await replacePublicFile(path, metricsText({ ...metrics(), raised, end }));
    } catch (error) {
      if (!hasFailed) warn(`cannot write the metrics; the import continues: ${(error as Error).message}`);
      hasFailed = true;
    }
  }

  return {
    async finish(end) {
      cancel();
      await writing;
      await write(end);
    },
    close: () => cancel(),
  };
}
