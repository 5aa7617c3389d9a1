import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import type { ServeFigures, ServeOptions, ServeStart } from './serve-plain-table.ts';

/** A plain table served by a process of its own, so that its CPU time is not the caller's. */
export type PlainServerProcess = ServeStart & {
  figures(): Promise<ServeFigures>;
  stop(): Promise<void>;
};

/** Runs `script`, a bundle of `serve-plain-table.ts`; without it a new bundle is made. */
export async function startPlainServerProcess(options: ServeOptions, script?: string): Promise<PlainServerProcess> {
  const program = script === undefined ? ['--eval', bundled(), '--'] : [script];
  const child = spawn(process.execPath, [...program, '--table', JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<unknown> => JSON.parse((await lines.next()).value);
  const start = (await nextLine()) as ServeStart;
  return {
    ...start,
    async figures() {
      child.stdin.write('\n');
      return (await nextLine()) as ServeFigures;
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

/** The server as one script, built in memory, so that no other test finds a half-written file. */
function bundled(): string {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('./serve-plain-table.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    write: false,
  });
  return outputFiles[0]!.text;
}
