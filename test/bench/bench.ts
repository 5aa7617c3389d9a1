import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Measured, memoryCost, pipelineCosts, stageCosts } from './costs.ts';
import { experiment, type Step } from './experiment.ts';
import { SampleFiles } from './sample-files.ts';

/**
 * Repeats the experiment behind the importer, then measures what a million rows cost.
 *
 *     npm run bench -- [--only experiment|stages|memory|pipeline] [--json FILE] [--compare FILE]
 *     experiment:  --experiment-rows N --latency D --concurrency N --batch-size N --wps N
 *     costs:       --rows N --careful-rows N --concurrency N
 */
const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' },
    'experiment-rows': { type: 'string', default: '300' },
    latency: { type: 'string', default: '10ms' },
    concurrency: { type: 'string', default: '64' },
    'batch-size': { type: 'string', default: '25' },
    wps: { type: 'string', default: '20000' },
    rows: { type: 'string', default: '1000000' },
    'careful-rows': { type: 'string', default: '250000' },
    profile: { type: 'string' },
    json: { type: 'string' },
    compare: { type: 'string' },
  },
});

type Report = { readonly node: string; readonly experiment: readonly Step[]; readonly costs: readonly Measured[] };

const parts = ['experiment', 'stages', 'memory', 'pipeline'];
if (flags.only !== undefined && !parts.includes(flags.only)) {
  throw new Error(`--only ${flags.only}: expected one of ${parts.join(', ')}`);
}

const samples = new SampleFiles();
try {
  const report = await measure();
  if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(report, undefined, 2)}\n`);
  if (flags.compare !== undefined) printComparison(report, JSON.parse(readFileSync(flags.compare, 'utf8')) as Report);
} finally {
  samples.remove();
}

async function measure(): Promise<Report> {
  const rows = count('rows');
  const concurrency = count('concurrency');
  const steps = wants('experiment') ? runExperiment(concurrency) : [];
  if (steps.length > 0) printSteps(steps);
  const costs: Measured[] = [];
  if (wants('stages')) costs.push(...stageCosts(rows, samples));
  if (wants('memory')) costs.push(memoryCost(rows, samples));
  if (wants('pipeline')) {
    const carefulRows = flags.profile === undefined ? count('careful-rows') : 0;
    costs.push(...(await pipelineCosts({ rows, concurrency, carefulRows, profile: flags.profile }, samples)));
  }
  if (costs.length > 0) printCosts(costs);
  return { node: process.version, experiment: steps, costs };
}

function wants(part: string): boolean {
  return flags.only === undefined || flags.only === part;
}

function count(flag: 'rows' | 'careful-rows' | 'experiment-rows' | 'concurrency' | 'batch-size' | 'wps'): number {
  const value = Number(flags[flag]);
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${flag} ${flags[flag]}: expected a whole number`);
  return value;
}

function runExperiment(concurrency: number): Step[] {
  const rows = count('experiment-rows');
  const settings = {
    rows,
    concurrency,
    latency: flags.latency,
    batchSize: count('batch-size'),
    rowsPerSecond: count('wps'),
  };
  return experiment(settings, samples);
}

function printSteps(steps: readonly Step[]): void {
  console.log(
    `\nA table that takes ${flags.latency} for a request`.padEnd(48),
    '     rows',
    '   rows/s',
    '  to the first',
    '  to the last',
  );
  for (const [i, { name, rows, rowsPerSecond }] of steps.entries()) {
    const toFirst = times(rowsPerSecond / steps[0]!.rowsPerSecond);
    const toLast = times(rowsPerSecond / steps[Math.max(0, i - 1)]!.rowsPerSecond);
    console.log(name.padEnd(46), whole(rows), whole(rowsPerSecond), toFirst.padStart(14), toLast.padStart(13));
  }
}

function printCosts(costs: readonly Measured[]): void {
  console.log('\nCost'.padEnd(47), '     rows', '   rows/s', '  CPU s per million rows');
  for (const { name, rows, rowsPerSecond, cpuSecondsPerMillionRows } of costs) {
    const cpu = cpuSecondsPerMillionRows.toFixed(2).padStart(24);
    console.log(name.padEnd(46), whole(rows), rowsPerSecond === undefined ? ' '.repeat(9) : whole(rowsPerSecond), cpu);
  }
  const costOf = (name: string) => costs.find((cost) => cost.name === name);
  const ours = costOf('whole pipeline over http');
  const careful = costOf("a careful user's pipeline over http");
  if (ours === undefined || careful === undefined) return;
  const ratio = careful.cpuSecondsPerMillionRows / ours.cpuSecondsPerMillionRows;
  console.log(`The careful user's pipeline takes ${times(ratio)} the CPU of this one.`);
}

function printComparison({ costs }: Report, earlier: Report): void {
  console.log(`\nCPU against ${flags.compare} (differences under 10 % mean nothing)`);
  for (const { name, cpuSecondsPerMillionRows } of costs) {
    const before = earlier.costs.find((one) => one.name === name)?.cpuSecondsPerMillionRows;
    if (before !== undefined) console.log(name.padEnd(46), times(cpuSecondsPerMillionRows / before).padStart(13));
  }
}

function times(ratio: number): string {
  return `${ratio.toFixed(ratio < 10 ? 2 : 0)} times`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US').padStart(9);
}
