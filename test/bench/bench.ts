import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sampleChunks } from './sample-rows.ts';

/**
 * Repeats the experiment behind the importer, then measures what a run costs. Every figure comes from whole processes.
 *
 *     npm run bench -- [--rows N] [--steps-rows N] [--latency D] [--concurrency N] [--wps N] [--json FILE] [--compare FILE]
 *                      [--only experiment|pipeline|memory] [--profile]
 */
const { values: flags } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    'steps-rows': { type: 'string', default: '20000' },
    latency: { type: 'string', default: '10ms' },
    concurrency: { type: 'string', default: '64' },
    wps: { type: 'string', default: '20000' },
    only: { type: 'string' },
    profile: { type: 'boolean', default: false },
    json: { type: 'string' },
    compare: { type: 'string' },
  },
});

type Measured = { readonly name: string; readonly rowsPerSecond: number; readonly cpuSecondsPerMillionRows: number };

/** A table that takes everything and keeps nothing. */
const discarding = '{"name":"tokens","key":[{"name":"token","type":"S"}],"discard":true}';
const folder = mkdtempSync(join(tmpdir(), 'import-tokens-bench-'));
const measured: Measured[] = [];
try {
  if (wants('experiment')) experiment();
  if (wants('memory')) memory();
  if (wants('pipeline')) await pipeline();
  if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(measured, undefined, 2)}\n`);
  if (flags.compare !== undefined) compare(JSON.parse(readFileSync(flags.compare, 'utf8')));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function wants(part: string): boolean {
  return flags.only === undefined || flags.only === part;
}

/** The same rows against a table that takes 10 ms: one by one, in parallel, in batches, and at a limit. */
function experiment(): void {
  const rows = Number(flags['steps-rows']);
  const few = Math.min(rows, 500);
  const memory = ['--repository', 'memory', '--no-run-dir', '--quiet', '--latency', flags.latency];
  const many = ['--concurrency', flags.concurrency];
  const steps: [name: string, rows: number, args: string[]][] = [
    ['one row at a time', few, ['--concurrency', '1', '--batch-size', '1']],
    [`${flags.concurrency} workers`, rows, [...many, '--batch-size', '1']],
    [`${flags.concurrency} workers, batches of 25`, rows * 10, many],
    [`the same, limited to ${flags.wps} a second`, rows * 5, [...many, '--wps', flags.wps]],
  ];
  let first: number | undefined;
  console.log(`rows against a table with ${flags.latency} of latency`);
  for (const [name, count, args] of steps) {
    const { durationSeconds } = importSample(sampleFile(count), [...memory, ...args]).summary;
    const perSecond = count / durationSeconds;
    first ??= perSecond;
    console.log(`  ${name.padEnd(44)}${format(perSecond)} rows/s  ${(perSecond / first).toFixed(1)} times the first`);
  }
}

/** No latency and no limit: what reading, mapping and accounting cost by themselves. */
function memory(): void {
  const rows = Number(flags.rows);
  const run = importSample(sampleFile(rows), ['--repository', 'memory', '--no-run-dir', '--quiet', '--latency', '0ms']);
  tell('memory, no latency, no limit', rows, run);
}

/** From file to a loopback endpoint that discards, beside what a careful user writes, in the same run. */
async function pipeline(): Promise<void> {
  const rows = Number(flags.rows);
  const server = spawn(
    process.execPath,
    [join(import.meta.dirname, '../support/serve-plain-table.mjs'), '--table', discarding],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const start = await new Promise<string>((resolve) => server.stdout.once('data', (data) => resolve(String(data))));
  const { url } = JSON.parse(start) as { url: string };
  const target = ['--endpoint-url', url, '--wps', '10000000', '--quiet', '--run-dir', join(folder, 'run')];
  try {
    const ours = importSample(sampleFile(rows), target);
    tell('whole pipeline, http', rows, ours);
    if (flags.profile) return;
    const fewer = Math.ceil(rows / 10);
    const careful = carefulUser(sampleFile(fewer), url);
    tell("a careful user's pipeline, http", fewer, careful);
    const ratio = careful.cpuSeconds / fewer / (ours.cpuSeconds / rows);
    console.log(`  ${ratio.toFixed(1)} times less CPU than the careful user's pipeline`);
  } finally {
    server.stdin.end();
  }
}

type Finished = { readonly cpuSeconds: number; readonly wallSeconds: number };

function importSample(file: string, args: readonly string[]): Finished & { summary: { durationSeconds: number } } {
  const summaryFile = join(folder, 'summary.json');
  const profile = flags.profile ? ['--cpu-prof', '--cpu-prof-dir=.'] : [];
  const finished = run([...profile, 'dist/import-tokens.cjs', file, '--summary', summaryFile, ...args]);
  return { ...finished, summary: JSON.parse(readFileSync(summaryFile, 'utf8')) };
}

function carefulUser(file: string, url: string): Finished {
  return run([join(import.meta.dirname, 'careful-user.mjs'), file, url]);
}

/** A finished child, its CPU time as the shell counts it. */
function run(args: readonly string[]): Finished {
  const startedMs = performance.now();
  const child = spawnSync(
    '/usr/bin/env',
    ['bash', '-c', 'TIMEFORMAT="%U %S"; time "$@"', 'time', process.execPath, ...args],
    {
      env: { ...process.env, AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench', AWS_REGION: 'us-east-1' },
      encoding: 'utf8',
    },
  );
  if (child.status !== 0) throw new Error(`${args.join(' ')} ended with ${child.status}:\n${child.stderr}`);
  const [user = 0, system = 0] = child.stderr.trim().split('\n').at(-1)!.split(' ').map(Number);
  return { cpuSeconds: user + system, wallSeconds: (performance.now() - startedMs) / 1000 };
}

function tell(name: string, rows: number, { cpuSeconds, wallSeconds }: Finished): void {
  const cpuSecondsPerMillionRows = cpuSeconds / (rows / 1e6);
  const rowsPerSecond = rows / wallSeconds;
  measured.push({ name, rowsPerSecond, cpuSecondsPerMillionRows });
  console.log(
    `  ${name.padEnd(44)}${format(rowsPerSecond)} rows/s  ${cpuSecondsPerMillionRows.toFixed(2)} CPU s per million rows`,
  );
}

function compare(earlier: readonly Measured[]): void {
  console.log(`against ${flags.compare}`);
  for (const { name, cpuSecondsPerMillionRows } of measured) {
    const before = earlier.find((one) => one.name === name);
    if (before === undefined) continue;
    const ratio = cpuSecondsPerMillionRows / before.cpuSecondsPerMillionRows;
    console.log(`  ${name.padEnd(44)}${ratio.toFixed(2)} times the CPU`);
  }
}

function sampleFile(rows: number): string {
  const path = join(folder, `sample-${rows}.csv`);
  writeFileSync(path, '');
  for (const chunk of sampleChunks({ rows, seed: 1, repeatedShare: 0 })) writeFileSync(path, chunk, { flag: 'a' });
  return path;
}

function format(rowsPerSecond: number): string {
  return Math.round(rowsPerSecond).toLocaleString('en-US').padStart(10);
}
