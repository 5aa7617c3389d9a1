import type { RunSummary } from '../../src/domain/run-summary.ts';
import type { RunHistory } from '../../src/report/page/run-history.ts';
import type { ShardStatus, ShardsStatus } from '../../src/report/watch/shards-status.ts';
import { hostileName, nightReport, nightSummary } from './night-report.ts';

const rowsOfSource = 1_000_000;

/** A night's import in `count` shards, all of which are done; every shard has the same number of rows. */
export function nightShards(
  count: number,
  change: Partial<ShardStatus> & { readonly index?: number } = {},
): ShardsStatus {
  const shards = Array.from({ length: count }, (_, i) => doneShard(i + 1, count));
  const { index, ...changed } = change;
  return {
    runDir: '/runs/night',
    shards: shards.map((shard) => (shard.index === index ? { ...shard, ...changed } : shard)),
  };
}

/** What a shard that is done holds, with other rows. */
export function doneShard(index: number, count: number, rows: Partial<RunSummary['rows']> = {}): ShardStatus {
  const own = rowsOfSource / count;
  const counts = { ...nightSummary.rows, ...{ superseded: 0, rejected: 0, read: rowsOfSource, written: own } };
  const summary: RunSummary = {
    ...nightSummary,
    outcome: 'completed',
    exitCode: 0,
    rows: { ...counts, elsewhere: rowsOfSource - own, ...rows },
  };
  return {
    index,
    state: 'done',
    differs: [],
    run: {
      ...{ runDir: `/runs/night/shard-${index}-of-${count}`, runId: `run-${index}`, state: 'ended', summary },
      startedAt: '2026-01-31T02:00:00.000Z',
      sources: [hostileName],
      table: 'tokens',
      ...{ raised: undefined, begunMs: undefined, figures: undefined, counts: undefined, resumeCommand: undefined },
    },
  };
}

/** The histories of the shards; each begins a little later and writes its part of the rate. */
export function nightHistories(count: number): RunHistory[] {
  const history = nightReport().history!;
  return Array.from({ length: count }, (_, i) => {
    const samples = history.samples.map((sample) => ({
      ...sample,
      endMs: sample.endMs + i * 1300,
      writeUnits: (sample.writeUnits / count) * (1 - (i % 5) * 0.03),
    }));
    return { ...history, samples };
  });
}
