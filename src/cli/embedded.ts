import { randomInt } from 'node:crypto';
import type { Surroundings } from '../compose/surroundings.ts';
import type { ProcessUsage } from '../report/watch/run-context.ts';

/** Returns a function that reads what this process has used so far. */
export function usageMeter(readMemory: () => NodeJS.MemoryUsage = process.memoryUsage): () => ProcessUsage {
  let memory = { rss: 0, heapUsed: 0 };
  return () => {
    const { user, system } = process.cpuUsage();
    try {
      memory = readMemory();
    } catch {
      // Reading needs a free file descriptor (EMFILE); for a chart the previous figures will do.
    }
    const loopBusyMs = performance.eventLoopUtilization().active;
    const { rss: residentBytes, heapUsed: heapBytes } = memory;
    return { loopBusyMs, cpuMs: (user + system) / 1000, residentBytes, heapBytes };
  };
}

type Embedding = {
  readonly repository: NonNullable<Surroundings['repository']>;
  readonly signal: AbortSignal | undefined;
  readonly on: ReturnType<Surroundings['observe']>['on'];
  readonly warn: (message: string) => void;
};

/** The process as an import sees it inside another program: it asks nothing and shows nothing. */
export function embedded({ repository, signal, on, warn }: Embedding): Surroundings {
  const stop = new AbortController();
  // The pipeline expects the name of a signal; an abort is like Ctrl-C.
  const interrupt = () => stop.abort('SIGINT');
  if (signal?.aborted) interrupt();
  else signal?.addEventListener('abort', interrupt, { once: true });
  return {
    env: process.env,
    cwd: process.cwd(),
    pid: process.pid,
    argv: [],
    stdin: () => process.stdin,
    confirm: async () => true,
    observe: () => ({ on }),
    signal: stop.signal,
    warn,
    usage: usageMeter(),
    random: () => randomInt(2 ** 32) / 2 ** 32,
    repository,
  };
}
