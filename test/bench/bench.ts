import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Measured, memoryCost, stageCosts } from './costs.ts';
import { experiment, type Step } from './experiment.ts';
import { growthCosts } from './growth.ts';
import { keepPace, type Pace } from './pace.ts';
import { bareFloor, carefulPipeline, pipelineCosts, wholePipeline } from './pipeline-costs.ts';
import { SampleFiles } from './sample-files.ts';

/**
 * Repeats the experiment that led to the importer, and measures what a million rows cost and how exactly a rate is kept.
 *
 *     npm run bench -- [--only experiment|stages|memory|pipeline|growth|pace] [--json FILE] [--compare FILE]
 *     experiment:  --experiment-rows N --latency D --concurrency N --batch-size N --wps N
 *     costs:       --rows N --careful-rows N --concurrency N
 *     pace:        --pace N --pace-seconds N
 *     growth, only where it is named: --growth N,N,… --shards N,N,… --concurrency N
 */
const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' },
    'experiment-rows': { type: 'string', default: '300' },
    latency: { type: 'string', default: '10ms' },
    concurrency: { type: 'string', default: '64' },
    'batch-size': { type: 'string', default: '25' },
    wps: { type: 'string', default: '20000' },
    rows: { type: 'string', default: '2000000' },
    'careful-rows': { type: 'string', default: '250000' },
    growth: { type: 'string', default: '1000000,10000000' },
    shards: { type: 'string', default: '1,2,4,8' },
    pace: { type: 'string', default: '40000' },
    'pace-seconds': { type: 'string', default: '60' },
    profile: { type: 'string' },
    json: { type: 'string' },
    compare: { type: 'string' },
  },
});

type Report = {
  readonly node: string;
  readonly experiment: readonly Step[];
  readonly costs: readonly Measured[];
  readonly pace?: Pace;
};

const parts = ['experiment', 'stages', 'memory', 'pipeline', 'growth', 'pace'];
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
  if (wants('stages')) costs.push(...stageCosts(Math.ceil(rows / 2), samples));
  if (wants('memory')) costs.push(memoryCost(rows, samples));
  if (wants('pipeline')) {
    const carefulRows = flags.profile === undefined ? count('careful-rows') : 0;
    costs.push(...(await pipelineCosts({ rows, concurrency, carefulRows, profile: flags.profile }, samples)));
  }
  if (flags.only === 'growth') {
    const [rowCounts, shardCounts] = [counts('growth'), counts('shards')];
    costs.push(...(await growthCosts({ rowCounts, shardCounts, concurrency }, samples)));
  }
  if (costs.length > 0) printCosts(costs);
  const pace = wants('pace') ? await measurePace() : undefined;
  return { node: process.version, experiment: steps, costs, ...(pace !== undefined && { pace }) };
}

function wants(part: string): boolean {
  return flags.only === undefined || flags.only === part;
}

type CountFlag =
  | 'rows'
  | 'careful-rows'
  | 'experiment-rows'
  | 'concurrency'
  | 'batch-size'
  | 'wps'
  | 'pace'
  | 'pace-seconds';

function count(flag: CountFlag): number {
  return wholeNumber(flag, flags[flag]);
}

function counts(flag: 'growth' | 'shards'): number[] {
  return flags[flag].split(',').map((text) => wholeNumber(flag, text));
}

function wholeNumber(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${flag} ${text}: expected a whole number`);
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

async function measurePace(): Promise<Pace> {
  const pace = await keepPace({ writeUnitsPerSecond: count('pace'), seconds: count('pace-seconds') }, samples);
  const off = ((pace.average / pace.limit - 1) * 100).toFixed(2);
  console.log(`\n${whole(pace.limit).trim()} write units a second for ${flags['pace-seconds']} s over http`);
  console.log(`average        ${whole(pace.average)} (${off} %)`);
  console.log(`of a core      ${(pace.cores * 100).toFixed(0).padStart(9)} %`);
  console.log(`event loop p99 ${pace.loopDelayP99Ms.toFixed(1).padStart(9)} ms late`);
  console.log(`resident       ${whole(pace.peakMegabytes)} MB at most`);
  return pace;
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
  for (const { name, rows, rowsPerSecond, cpuSecondsPerMillionRows, peakMegabytes } of costs) {
    const cpu = cpuSecondsPerMillionRows.toFixed(2).padStart(24);
    const peak = peakMegabytes === undefined ? '' : `   at most ${peakMegabytes.toFixed(0)} MB resident`;
    const rate = rowsPerSecond === undefined ? ' '.repeat(9) : whole(rowsPerSecond);
    console.log(name.padEnd(46), whole(rows), rate, cpu + peak);
  }
  for (const scheme of ['http', 'https']) {
    const cpuOf = (name: string) =>
      costs.find((one) => one.name === `${name} over ${scheme}`)?.cpuSecondsPerMillionRows;
    const [ours, floor, careful] = [wholePipeline, bareFloor, carefulPipeline].map(cpuOf);
    if (ours === undefined) continue;
    if (floor !== undefined) console.log(`It takes ${times(ours / floor)} the CPU of the bare floor over ${scheme}.`);
    if (careful !== undefined) {
      console.log(`The careful user's pipeline takes ${times(careful / ours)} the CPU of this one over ${scheme}.`);
    }
  }
}

function printComparison({ costs }: Report, earlier: Report): void {
  console.log(`\nCPU against ${flags.compare} (differences under 10 % mean nothing)`);
  for (const { name, cpuSecondsPerMillionRows } of costs) {
    const before = earlier.costs.find((one) => one.name === name)?.cpuSecondsPerMillionRows;
    if (before !== undefined) console.log(name.padEnd(46), times(cpuSecondsPerMillionRows / before).padStart(13));
  }
}

function times(ratio: number): string {
  return `${ratio.toFixed(ratio < 10 ? 2 : 1)} times`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US').padStart(9);
}
