import type { ProcessUsage } from '../report/run-context.ts';

/** What this process has used so far. */
export function processUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const loopBusyMs = performance.eventLoopUtilization().active;
  return { loopBusyMs, cpuMs: (user + system) / 1000, residentBytes: rss, heapBytes: heapUsed };
}
