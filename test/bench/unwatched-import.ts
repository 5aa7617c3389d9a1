import type { ImportWatch } from '../../src/compose/run/watch-import.ts';
import { countRun } from '../../src/report/watch/run-stats.ts';
import type { RunWatch } from '../../src/report/watch/watch-run.ts';

/** Replaces `watchImport`: counts what the summary needs, and shows, samples, logs and stores nothing. */
export async function watchImport(): Promise<ImportWatch> {
  const stats = countRun();
  const watch = {
    counted: () => stats.counted(),
    judgement: () => ({ bottleneck: 'none', advice: '' }) as const,
    close: () => {},
  };
  return {
    watch: watch as unknown as RunWatch,
    observer: stats,
    begin: () => {},
    seen: () => ({
      connectionsOpened: 0,
      bytesSent: 0,
      ...watch.judgement(),
      counted: stats.counted(),
      rateLimit: null,
    }),
    end: async () => {},
    fail: async () => {},
    close: () => {},
  };
}
