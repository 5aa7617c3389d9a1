import { join, resolve, sep } from 'node:path';
import { wholeNumber } from '../domain/amount.ts';
import { printable } from '../domain/format.ts';
import { usageError } from '../domain/import-error.ts';
import { type Shard, shardFolderName, shardOfFolder, shardText } from '../domain/token.ts';
import { withSettings } from '../options/complete-options.ts';
import type { ImportOptions } from '../options/import-options.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * The options with the shard that they ask for, which the environment may name, and with its run directory. Throws
 * ImportError `usage` if the environment names none.
 */
export function withShard(options: ImportOptions, { env, cwd }: Pick<Surroundings, 'env' | 'cwd'>): ImportOptions {
  if (options.shard === undefined) return options;
  const shard = resolveShard(options.shard, env);
  const folder = shardFolderName(shard);
  // A verification after the import is in the folder of the shard already.
  const isOfShard = (path: string) =>
    resolve(cwd, path)
      .split(sep)
      .some((name) => shardOfFolder(name) !== undefined);
  const ofShard = (path: string) => (isOfShard(path) ? path : join(path, folder));
  const { runDir, resume } = options;
  return withSettings({
    ...options,
    shard,
    ...(typeof runDir === 'string' && { runDir: ofShard(runDir) }),
    ...(resume !== undefined && resume !== 'latest' && resume !== 'auto' && { resume: ofShard(resume) }),
  });
}

/** The shard of a run, as `withShard` has resolved it; undefined without `--shard`. */
export function shardOf({ shard }: Pick<ImportOptions, 'shard'>): Shard | undefined {
  return shard as Shard | undefined;
}

const batchIndex = 'AWS_BATCH_JOB_ARRAY_INDEX';
const batchSize = 'AWS_BATCH_JOB_ARRAY_SIZE';
const kubernetesIndex = 'JOB_COMPLETION_INDEX';

/** Schedulers count from 0. */
function resolveShard({ index, count }: NonNullable<ImportOptions['shard']>, env: Surroundings['env']): Shard {
  if (index !== 'auto') return { index, count: count as number };
  const indexName = count === 'auto' ? batchIndex : kubernetesIndex;
  const flag = count === 'auto' ? '--shard auto' : `--shard auto/${count}`;
  const found = wholeNumber(env[indexName] ?? '');
  const size = count === 'auto' ? wholeNumber(env[batchSize] ?? '') : count;
  if (found !== undefined && size !== undefined && found < size) return { index: found + 1, count: size };
  const names = count === 'auto' ? [batchIndex, batchSize] : [kubernetesIndex];
  const seen = names.map((name) => `${name} is ${env[name] === undefined ? 'not set' : `"${printable(env[name])}"`}`);
  const expected = size === undefined ? 'a number from 0 and the number of jobs' : `a number from 0 to ${size - 1}`;
  throw usageError(
    `${flag}: expected ${expected} in the environment, but ${seen.join(' and ')}`,
    count === 'auto'
      ? `Start it as an array job of AWS Batch, use --shard auto/N in an Indexed Job of Kubernetes, or name the shard: --shard ${shardText({ index: 1, count: 8 })}.`
      : `Start it as an Indexed Job of Kubernetes with completions: ${count}, use --shard auto in an array job of AWS Batch, or name the shard: --shard ${shardText({ index: 1, count })}.`,
  );
}
