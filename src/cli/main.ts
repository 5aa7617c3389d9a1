import { randomInt } from 'node:crypto';
import { closeSync, existsSync } from 'node:fs';
import { isatty } from 'node:tty';
import { type StopSignal, stopSignals } from '../domain/import-error.ts';
import type { TextOutput } from '../report/watch/screen.ts';
import { runCli } from './run-cli.ts';
import { readHiddenLine, readLine, terminalLook } from './terminal.ts';
import { usageMeter, type World } from './world.ts';

// The SDK would warn about Node 20 on every start.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));

const world: World = {
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  pid: process.pid,
  isFile: existsSync,
  runtime: `Node ${process.version} on ${process.platform}-${process.arch}`,
  stdin: {
    isTerminal: terminals.includes(0),
    bytes: () => process.stdin,
    readLine: (signal) => readLine(process.stdin, signal),
    readHiddenLine: (signal) => readHiddenLine(process.stdin, signal, () => process.kill(process.pid, 'SIGINT')),
  },
  stdout: textOutput(process.stdout),
  stderr: textOutput(process.stderr),
  usage: usageMeter(),
  random: () => randomInt(2 ** 32) / 2 ** 32,
  onStopSignal,
  exitNow: leave,
  setEnv: (name, value) => {
    process.env[name] = value;
  },
};

runCli(world, {
  import: () => import('../compose/import.ts'),
  endCommand: () => import('../compose/run/import-summary.ts'),
  convert: () => import('../compose/convert/convert.ts'),
  plan: () => import('../compose/plan/plan.ts'),
  runReport: async () => ({
    ...(await import('../compose/run/read-run.ts')),
    ...(await import('../compose/run/show-run.ts')),
  }),
  verify: () => import('../compose/verify/verify.ts'),
  capacity: () => import('../compose/capacity/capacity.ts'),
}).then(async (exitCode) => {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  leave(exitCode);
});

/** Ignores errors on writing: a closed pipe (EPIPE) or a vanished terminal (EIO) must not stop an import. */
function textOutput(stream: NodeJS.WriteStream): TextOutput {
  stream.on('error', () => {});
  return {
    write: (text) => {
      stream.write(text);
    },
    isTerminal: stream.isTTY === true,
    look: terminalLook(process.env, process.platform),
    columns: () => stream.columns || 80,
    rows: () => stream.rows || 24,
  };
}

function onStopSignal(listener: (signal: StopSignal) => void): () => void {
  for (const signal of stopSignals) process.on(signal, listener);
  return () => {
    for (const signal of stopSignals) process.off(signal, listener);
  };
}

/** Resolves when earlier writes are out or have failed. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

/** Closes the terminals first: Node aborts on exit when it cannot reset a terminal that has gone. */
function leave(exitCode: number): void {
  for (const terminal of terminals) closeSync(terminal);
  process.exit(exitCode);
}
