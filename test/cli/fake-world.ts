import type { World } from '../../src/cli/world.ts';
import type { StopSignal } from '../../src/domain/import-error.ts';

/** A process in memory: what it is given, what it wrote, and a way to send it signals. */
export type FakeWorld = World & {
  readonly out: () => string;
  readonly err: () => string;
  readonly kill: (signal: StopSignal) => void;
  /** What `exitNow` was told, undefined while the process lives. */
  readonly exited: () => number | undefined;
  readonly listening: () => boolean;
};

export function fakeWorld(
  argv: readonly string[],
  options: { readonly terminal?: boolean; readonly answer?: string | Promise<string | undefined> } = {},
): FakeWorld {
  const isTerminal = options.terminal ?? false;
  const written = { out: '', err: '' };
  const listeners = new Set<(signal: StopSignal) => void>();
  let exited: number | undefined;
  const output = (name: 'out' | 'err') => ({
    isTerminal,
    look: { redraws: true, colors: false, unicode: true },
    columns: () => 80,
    rows: () => 24,
    write: (text: string) => {
      written[name] += text;
    },
  });
  return {
    argv,
    env: {},
    cwd: '/work',
    pid: 4711,
    isFile: () => false,
    runtime: 'Node v24.1.0 on linux-x64',
    setEnv: () => {},
    stdin: {
      isTerminal,
      async *bytes() {},
      readLine: (signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(undefined));
          Promise.resolve(options.answer).then(resolve);
        }),
      readHiddenLine: () => Promise.resolve(options.answer),
    },
    stdout: output('out'),
    stderr: output('err'),
    random: () => 0.5,
    usage: () => ({ loopBusyMs: 0, cpuMs: 0, residentBytes: 0, heapBytes: 0 }),
    onStopSignal(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    exitNow: (exitCode) => {
      exited ??= exitCode;
    },
    out: () => written.out,
    err: () => written.err,
    kill: (signal) => {
      for (const listener of listeners) listener(signal);
    },
    exited: () => exited,
    listening: () => listeners.size > 0,
  };
}
