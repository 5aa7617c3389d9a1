import { jsonText } from '../../domain/format.ts';
import { exitCodes } from '../../domain/import-error.ts';
import type { RowCounts } from '../../domain/run-summary.ts';
import { alignedRows, formatCount, pageOf, printable, wrapSentence } from '../format.ts';
import type { RunStatus } from './run-status.ts';

/** `missing`: it has no folder; `not-started`: its folder holds no run yet; `stopped`: rows are left and no process runs. */
export type ShardState = 'missing' | 'not-started' | 'running' | 'stopped' | 'done';

/** One shard of an import; `index` counts from 1. */
export type ShardStatus = {
  readonly index: number;
  readonly state: ShardState;
  /** Undefined if it is missing or not started. */
  readonly run: RunStatus | undefined;
  /** Names of what differs from the first shard: `source`, `table`, `--omit`. */
  readonly differs: readonly string[];
};

/** The shards of one import, from their folders in `runDir`. */
export type ShardsStatus = {
  readonly runDir: string;
  /** All of them, by index. */
  readonly shards: readonly ShardStatus[];
};

/** What the shards amount to. */
type ShardsVerdict = {
  readonly state: 'running' | 'done' | 'stopped';
  /** As that of one run: 0 while it runs. The worst of the shards and of what does not fit together. */
  readonly exitCode: number;
  /** Sentences about what does not fit together. */
  readonly faults: readonly string[];
  /** Rows of the source, once all shards are done and agree. */
  readonly read: number | undefined;
  /** The sums over all shards, each of its own rows. */
  readonly rows: Omit<RowCounts, 'read'> & { readonly own: number };
};

/** Compares the shards, and adds up their rows. */
export function judgeShards({ shards }: ShardsStatus): ShardsVerdict {
  const isRunning = shards.some(({ state }) => state === 'running');
  const isDone = shards.every(({ state }) => state === 'done');
  const rows = sumOf(shards.map(rowsOf).filter((each) => each !== undefined));
  const reads = new Set(shards.filter(({ state }) => state === 'done').map((shard) => rowsOf(shard)!.read));
  const [read] = reads;
  const faults = [...differences(shards), ...countFaults(shards, reads, isDone ? rows.own : undefined)];
  const codes = shards.map((shard) => exitCodeOfShard(shard, isRunning));
  return {
    state: isRunning ? 'running' : isDone ? 'done' : 'stopped',
    exitCode: worstOf(faults.length > 0 ? [...codes, exitCodes.bug] : codes),
    faults,
    read: isDone && reads.size === 1 ? read : undefined,
    rows,
  };
}

/** As of the end, or else the last figures, or else the checkpoint; undefined before all of them. */
export function rowsOf({ run }: ShardStatus): RowCounts | undefined {
  return run?.summary?.rows ?? (run?.state === 'running' ? run.figures?.rows : undefined) ?? run?.counts;
}

export function ownRows({ read, elsewhere = 0 }: RowCounts): number {
  return read - elsewhere;
}

/** The exit code of its run; 0 while it runs, or waits for a job that runs, and 4 if its process is gone. */
function exitCodeOfShard({ state, run }: ShardStatus, isAnyRunning: boolean): number {
  if (run?.summary !== undefined) return run.summary.exitCode;
  const mayStart = isAnyRunning && (state === 'missing' || state === 'not-started');
  return state === 'running' || mayStart ? exitCodes.done : exitCodes.failed;
}

function sumOf(all: readonly RowCounts[]): ShardsVerdict['rows'] {
  const total = (figure: (rows: RowCounts) => number) => all.reduce((sum, rows) => sum + figure(rows), 0);
  return {
    own: total(ownRows),
    written: total(({ written }) => written),
    superseded: total(({ superseded }) => superseded),
    kept: total(({ kept }) => kept),
    deleted: total(({ deleted }) => deleted),
    rejected: total(({ rejected }) => rejected),
    skipped: total(({ skipped }) => skipped),
    pending: total(({ pending }) => pending),
  };
}

function differences(shards: readonly ShardStatus[]): readonly string[] {
  const first = shards.find(({ run }) => run !== undefined)?.index;
  return shards
    .filter(({ differs }) => differs.length > 0)
    .map(({ index, differs }) => `Shard ${index} differs from shard ${first} in: ${differs.join(', ')}.`);
}

/** `own`: the sum over all shards, if all are done. */
function countFaults(
  shards: readonly ShardStatus[],
  reads: ReadonlySet<number>,
  own: number | undefined,
): readonly string[] {
  if (reads.size > 1) {
    const done = shards.filter(({ state }) => state === 'done');
    const each = done.map((shard) => `shard ${shard.index} ${formatCount(rowsOf(shard)!.read)}`);
    return [`The shards did not read the same number of rows: ${each.join(', ')}.`];
  }
  const [read] = reads;
  if (own === undefined || own === read) return [];
  return [`The rows of the shards add up to ${formatCount(own)}, but the source has ${formatCount(read!)}.`];
}

/** The worst first: a broken balance, a fatal error, too many rejects, wrong usage; then any other, and last success. */
const badness: readonly number[] = [
  exitCodes.bug,
  exitCodes.failed,
  exitCodes.tooManyRejects,
  exitCodes.usage,
  exitCodes.SIGTERM,
  exitCodes.SIGINT,
  exitCodes.SIGHUP,
  exitCodes.capacityRaised,
  exitCodes.declined,
  exitCodes.someRows,
];

function worstOf(codes: readonly number[]): number {
  return badness.find((code) => codes.includes(code)) ?? codes.find((code) => code !== 0) ?? exitCodes.done;
}

/** The status as `--json` prints it, schema version 1. */
export function shardsJson(status: ShardsStatus): string {
  const { state, exitCode, faults, read, rows } = judgeShards(status);
  const shards = status.shards.map(({ index, state: each, differs, run }) => ({
    index,
    state: each,
    differs,
    ...(run !== undefined && { run }),
  }));
  return jsonText({
    version: 1,
    runDir: status.runDir,
    shardCount: status.shards.length,
    state,
    exitCode,
    faults,
    read: read ?? null,
    rows,
    shards,
  });
}

/** The status as one reads it. Ends with a line break. */
export function shardsText(status: ShardsStatus, columns = Infinity): string {
  const { faults, rows, exitCode } = judgeShards(status);
  const sentence = (text: string) => wrapSentence(printable(text), columns);
  const cells = [
    ['shard', 'state', 'read', 'own', 'written', 'rejected', 'units/s', 'exit'],
    ...status.shards.map((shard) => cellsOf(shard)),
    ['all', '', '', formatCount(rows.own), formatCount(rows.written), formatCount(rows.rejected), '', `${exitCode}`],
  ];
  return pageOf([
    sentence(shardsHeadline(status)),
    ...faults.map(sentence),
    ...alignedRows(cells, (place) => place >= 2).map((line) => `  ${line}`.trimEnd()),
    ...resumeLines(status.shards),
  ]);
}

/** How many shards are in which state, and whether they account for every row. */
export function shardsHeadline(status: ShardsStatus): string {
  const { read, faults } = judgeShards(status);
  const { shards } = status;
  const inState = (state: ShardState) => shards.filter((shard) => shard.state === state);
  if (read !== undefined && faults.length === 0) {
    const all = shards.length === 1 ? 'The one shard is' : `All ${shards.length} shards are`;
    return `${all} done: ${formatCount(read)} rows were read, and each belongs to one shard.`;
  }
  const counted = states
    .map((state) => ({ state, found: inState(state) }))
    .filter(({ found }) => found.length > 0)
    .map(({ state, found }) => {
      const named = state === 'done' || state === 'running' ? '' : ` (${found.map(({ index }) => index).join(', ')})`;
      return `${found.length} ${stateWords[state]}${named}`;
    });
  return `Of ${shards.length} shards: ${counted.join(', ')}.`;
}

const states: readonly ShardState[] = ['done', 'running', 'stopped', 'not-started', 'missing'];

export const stateWords: Readonly<Record<ShardState, string>> = {
  missing: 'missing',
  'not-started': 'not started',
  running: 'running',
  stopped: 'stopped',
  done: 'done',
};

function cellsOf(shard: ShardStatus): readonly string[] {
  const { index, state, run } = shard;
  const rows = rowsOf(shard);
  const rate = state === 'running' ? run?.figures?.writeUnitsPerSecond : run?.summary?.rate.average;
  const count = (figure: number | undefined) => (figure === undefined ? '' : formatCount(figure));
  return [
    String(index),
    stateWords[state],
    count(rows?.read),
    count(rows && ownRows(rows)),
    count(rows?.written),
    count(rows?.rejected),
    count(rate),
    String(run?.summary?.exitCode ?? ''),
  ];
}

/** Commands that continue the shards that stopped. */
export function resumeCommandsOf(shards: readonly ShardStatus[]): readonly string[] {
  return shards.flatMap(({ run }) => run?.summary?.resumeCommand ?? run?.resumeCommand ?? []);
}

function resumeLines(shards: readonly ShardStatus[]): readonly string[] {
  const commands = resumeCommandsOf(shards);
  if (commands.length === 0) return [];
  return ['To continue the shards that stopped:', ...commands.map((command) => `  ${printable(command)}`)];
}
