import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Probed } from './importer-run.ts';

/** Loaded into the importer (`node --import`). Writes to `BENCH_PROBE` what only the process itself can measure. */
const resolutionMs = 5;
const delay = monitorEventLoopDelay({ resolution: resolutionMs });
delay.enable();
process.on('exit', () => {
  // Measures the time from one tick to the next.
  const loopDelayP99Ms = Math.max(0, delay.percentile(99) / 1e6 - resolutionMs);
  const probed: Probed = { loopDelayP99Ms, peakMegabytes: process.resourceUsage().maxRSS / 1024 };
  writeFileSync(process.env['BENCH_PROBE']!, JSON.stringify(probed));
});
