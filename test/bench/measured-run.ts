import { spawnSync } from 'node:child_process';

export type Cost = { readonly cpuSeconds: number; readonly wallSeconds: number };

/** Runs Node to its end and measures its CPU time as the shell does, with start-up and all threads. */
export function runNode(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  stderr: 'shown-on-fault' | 'discard' = 'shown-on-fault',
): Cost & { readonly stdout: string } {
  const startedMs = performance.now();
  const child = spawnSync(
    'bash',
    [
      '-c',
      `TIMEFORMAT="%U %S"; time "$@"${stderr === 'discard' ? ' 2> /dev/null' : ''}`,
      'bench',
      process.execPath,
      ...args,
    ],
    {
      env: { ...process.env, ...credentials, ...env, LC_ALL: 'C' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const wallSeconds = (performance.now() - startedMs) / 1000;
  if (child.status !== 0) throw new Error(`${args.join(' ')} ended with ${child.status}:\n${child.stderr}`);
  const [user = 0, system = 0] = child.stderr.trim().split('\n').at(-1)!.split(' ').map(Number);
  return { cpuSeconds: user + system, wallSeconds, stdout: child.stdout };
}

/** The loopback endpoint checks no signature. */
const credentials = { AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench', AWS_REGION: 'us-east-1' };
