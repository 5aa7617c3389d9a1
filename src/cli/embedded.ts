import { randomInt } from 'node:crypto';
import type { Surroundings } from '../compose/surroundings.ts';
import type { RunObserver } from '../ports/run-observer.ts';
import type { TokenRepository } from '../ports/token-repository.ts';
import { usageMeter } from './process-usage.ts';

type Embedding = {
  readonly repository: TokenRepository;
  readonly signal: AbortSignal | undefined;
  readonly on: RunObserver['on'];
  readonly warn: (message: string) => void;
};

/** What an import sees of its process where another program starts it: it asks nothing and shows nothing. */
export function embedded({ repository, signal, on, warn }: Embedding): Surroundings {
  const stop = new AbortController();
  // The pipeline knows signals of the process; an abort is like a Ctrl-C.
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
