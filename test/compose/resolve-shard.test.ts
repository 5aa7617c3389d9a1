import { expect, test } from 'vitest';
import { withShard } from '../../src/compose/resolve-shard.ts';
import { completeOptions } from '../../src/options/complete-options.ts';
import type { ImportOptions } from '../../src/options/import-options.ts';

type Env = Readonly<Record<string, string>>;
type Given = Partial<Pick<ImportOptions, 'shard' | 'runDir' | 'resume'>>;

const auto = { index: 'auto', count: 'auto' } as const;
const autoOf8 = { index: 'auto', count: 8 } as const;

function resolved(given: Given, env: Env = {}): ImportOptions {
  const options = completeOptions('import', ['a.csv'], new Map(Object.entries(given)) as never);
  return withShard(options, { env, cwd: '/work' });
}

test('shards are counted from 1, where AWS Batch and Kubernetes count from 0', () => {
  const batch = { AWS_BATCH_JOB_ARRAY_INDEX: '2', AWS_BATCH_JOB_ARRAY_SIZE: '8' };
  expect(resolved({ shard: auto }, batch).shard).toEqual({ index: 3, count: 8 });
  expect(resolved({ shard: autoOf8 }, { JOB_COMPLETION_INDEX: '7' }).shard).toEqual({ index: 8, count: 8 });
  expect(resolved({ shard: autoOf8 }, { ...batch, JOB_COMPLETION_INDEX: '0' }).shard).toEqual({ index: 1, count: 8 });
});

test.each<readonly [string, Env, string]>([
  ['nothing', {}, 'AWS_BATCH_JOB_ARRAY_INDEX is not set and AWS_BATCH_JOB_ARRAY_SIZE is not set'],
  ['no size', { AWS_BATCH_JOB_ARRAY_INDEX: '2' }, '_INDEX is "2" and AWS_BATCH_JOB_ARRAY_SIZE is not set'],
  ['an index past the size', { AWS_BATCH_JOB_ARRAY_INDEX: '8', AWS_BATCH_JOB_ARRAY_SIZE: '8' }, '_INDEX is "8" and'],
  ['text', { AWS_BATCH_JOB_ARRAY_INDEX: 'x', AWS_BATCH_JOB_ARRAY_SIZE: '8' }, '_INDEX is "x" and'],
  ['a negative index', { AWS_BATCH_JOB_ARRAY_INDEX: '-1', AWS_BATCH_JOB_ARRAY_SIZE: '8' }, '_INDEX is "-1" and'],
])('--shard auto is refused where the environment has %s, and says what it found', (_title, env, found) => {
  expect(() => resolved({ shard: auto }, env)).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: expect.stringContaining(found),
      hint: expect.stringContaining('use --shard auto/N in an Indexed Job of Kubernetes'),
    }),
  );
});

test('--shard auto/N is refused without an index below N', () => {
  expect(() => resolved({ shard: autoOf8 })).toThrow('expected a number from 0 to 7 in the environment, but JOB_');
  expect(() => resolved({ shard: autoOf8 }, { JOB_COMPLETION_INDEX: '8' })).toThrow('JOB_COMPLETION_INDEX is "8"');
});

test('each shard has its folder in the run directory, unless the directory is a folder of a shard', () => {
  const shard = { index: 3, count: 8 };
  expect(resolved({ shard, runDir: 'job' }).runDir).toBe('job/shard-3-of-8');
  expect(resolved({ shard, resume: 'job/' }).resume).toBe('job/shard-3-of-8');
  expect(resolved({ shard, resume: 'job/shard-3-of-8' }).resume).toBe('job/shard-3-of-8');
  expect(resolved({ shard, runDir: 'job/shard-3-of-8/verify' }).runDir).toBe('job/shard-3-of-8/verify');
  // The run in it is of another shard, which is refused with that reason.
  expect(resolved({ shard, resume: 'job/shard-2-of-8' }).resume).toBe('job/shard-2-of-8');
  expect(resolved({ runDir: 'job' }).runDir).toBe('job');
});

test('the settings at the start name the shard that auto stands for', () => {
  const { settings } = resolved({ shard: autoOf8 }, { JOB_COMPLETION_INDEX: '2' });
  expect(settings).toContainEqual({ flag: '--shard', value: '3/8', origin: 'flag' });
});
