import { expect, test } from 'vitest';
import { judgeShards, shardsJson, shardsText } from '../../../src/report/watch/shards-status.ts';
import { doneShard, nightShards } from '../night-shards.ts';

test('shards that are all done and add up end with 0 and name the rows of the source', () => {
  const verdict = judgeShards(nightShards(4));
  expect(verdict).toMatchObject({ state: 'done', exitCode: 0, faults: [], read: 1_000_000 });
  expect(verdict.rows).toMatchObject({ own: 1_000_000, written: 1_000_000 });
  expect(shardsText(nightShards(2))).toBe(`\
All 2 shards are done: 1,000,000 rows were read, and each belongs to one shard.
  shard  state       read        own    written  rejected  units/s  exit
  1      done   1,000,000    500,000    500,000         0   19,992     0
  2      done   1,000,000    500,000    500,000         0   19,992     0
  all                      1,000,000  1,000,000         0              0
`);
});

test('shards that read different numbers of rows are told, and the exit code is 1', () => {
  const status = { ...nightShards(2), shards: [doneShard(1, 2), doneShard(2, 2, { read: 999_999 })] };
  const verdict = judgeShards(status);
  expect(verdict).toMatchObject({ state: 'done', exitCode: 1, read: undefined });
  expect(verdict.faults).toEqual([
    'The shards did not read the same number of rows: shard 1 1,000,000, shard 2 999,999.',
  ]);
  expect(shardsText(status)).not.toContain('each belongs to one shard');
});

test('rows that belong to no shard, or to two, are told, and the exit code is 1', () => {
  const status = { ...nightShards(2), shards: [doneShard(1, 2), doneShard(2, 2, { elsewhere: 499_990 })] };
  expect(judgeShards(status)).toMatchObject({
    exitCode: 1,
    faults: ['The rows of the shards add up to 1,000,010, but the source has 1,000,000.'],
  });
});

test('a shard with another source or another option is told, and the exit code is 1', () => {
  const status = nightShards(4, { index: 2, differs: ['source', '--omit'] });
  expect(judgeShards(status)).toMatchObject({
    exitCode: 1,
    faults: ['Shard 2 differs from shard 1 in: source, --omit.'],
  });
});

test.each([
  ['missing', 'running', 0],
  ['not-started', 'running', 0],
  ['missing', 'done', 4],
  ['not-started', 'done', 4],
  ['stopped', 'running', 4],
] as const)('with a shard that is %s while the other is %s, the exit code is %i', (state, other, exitCode) => {
  const run = state === 'stopped' ? { ...doneShard(1, 2).run!, state: 'gone' as const, summary: undefined } : undefined;
  const second = doneShard(2, 2);
  const running = {
    ...second,
    state: 'running',
    run: { ...second.run!, state: 'running', summary: undefined },
  } as const;
  const shards = [{ ...doneShard(1, 2), state, run }, other === 'running' ? running : second];
  expect(judgeShards({ runDir: '/runs', shards })).toMatchObject({ exitCode, faults: [], read: undefined });
});

test.each([
  [[0, 5, 0], 5],
  [[5, 3, 0], 3],
  [[3, 4, 5], 4],
  [[130, 5, 0], 130],
  [[1, 4, 0], 1],
])('of exit codes %j the worst is %i', (codes, worst) => {
  const shards = codes.map((exitCode, i) => {
    const shard = doneShard(i + 1, 3);
    return {
      ...shard,
      state: 'stopped' as const,
      run: { ...shard.run!, summary: { ...shard.run!.summary!, exitCode } },
    };
  });
  expect(judgeShards({ runDir: '/runs', shards }).exitCode).toBe(worst);
});

test('the JSON has every shard by index, and the command that continues one that stopped', () => {
  const stopped = doneShard(2, 2);
  const run = {
    ...stopped.run!,
    state: 'gone',
    summary: undefined,
    resumeCommand: 'import-tokens --resume b',
  } as const;
  const status = nightShards(2, { index: 2, state: 'stopped', run });
  expect(JSON.parse(shardsJson(status))).toMatchObject({
    version: 1,
    shardCount: 2,
    state: 'stopped',
    exitCode: 4,
    read: null,
    shards: [
      { index: 1, state: 'done' },
      { index: 2, state: 'stopped', run: { resumeCommand: 'import-tokens --resume b' } },
    ],
  });
  expect(shardsText(status)).toMatch(
    /^Of 2 shards: 1 done, 1 stopped \(2\)\.\n[\s\S]*\n {2}import-tokens --resume b\n$/,
  );
});
