import type { ProcessUsage } from '../report/watch/run-context.ts';

/** What this process has used so far, to be asked again and again. */
export function usageMeter(readMemory: () => NodeJS.MemoryUsage = process.memoryUsage): () => ProcessUsage {
  let memory = { rss: 0, heapUsed: 0 };
  return () => {
    const { user, system } = process.cpuUsage();
    try {
      memory = readMemory();
    } catch {
      // Without a free file descriptor (EMFILE) it can't be read; the figures of before are as good for a chart.
    }
    const loopBusyMs = performance.eventLoopUtilization().active;
    const { rss: residentBytes, heapUsed: heapBytes } = memory;
    return { loopBusyMs, cpuMs: (user + system) / 1000, residentBytes, heapBytes };
  };
}
