import { resolve } from 'node:path';
import { type MysqlSource, openMysqlSource } from '../../adapters/mysql/mysql-source.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { formatCount } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import { liveReading } from '../../input/detect/possible-readings.ts';
import type { RowBlock } from '../../input/row-reader.ts';
import type { RunningHash } from '../../input/source-hash.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { Clock } from '../../ports/clock.ts';
import { type PlanSurroundings, unlessStopped } from '../surroundings.ts';

/** The options that decide what is read of a live table. */
export type LiveOptions = Pick<ImportOptions, 'sources'> &
  Partial<
    Pick<ImportOptions, 'columns' | 'where' | 'defaultsFile' | 'sslMode' | 'sslCa' | 'expectRows' | 'maxRows' | 'shard'>
  >;
type LiveSurroundings = Pick<PlanSurroundings, 'env' | 'cwd' | 'signal' | 'warn' | 'askPassword'>;

/**
 * Works with the table that the only source names, in a snapshot that ends with the work. Throws ImportError `usage`,
 * `source-*`, and `unexpected-row-count` where it has other rows than `--expect-rows` says.
 */
export async function withLiveSource<T>(
  options: LiveOptions,
  surroundings: LiveSurroundings,
  work: (source: MysqlSource) => Promise<T>,
): Promise<T> {
  const { columns, where, defaultsFile, sslMode, sslCa } = options;
  const { env, cwd, signal, warn, askPassword } = surroundings;
  const opening = openMysqlSource(options.sources[0]!, {
    ...{ columns, where, sslMode, env, warn, askPassword },
    defaultsFile: defaultsFile && resolve(cwd, defaultsFile),
    sslCa: sslCa && resolve(cwd, sslCa),
  });
  // A signal does not wait for an answer of the server.
  opening.then((late) => signal.aborted && late.close()).catch(() => {});
  const source = await unlessStopped(signal, opening);
  const stopTelling = tellAge(source.file.name, warn, systemClock);
  try {
    checkRowCount(source, options);
    if (!source.isReadOnly) warn(`${source.file.name}: ${aboutPrimary}`);
    if (options.shard !== undefined) warn(`${source.file.name}: ${aboutShards}`);
    return await work(source);
  } finally {
    stopTelling();
    source.close();
  }
}

const aboutPrimary =
  'this server takes writes; until the end of the run its snapshot keeps old versions of rows (purge waits) and makes ' +
  'ALTER TABLE of this table wait, so read from a replica if you have one';

const aboutShards =
  'each shard reads a snapshot of its own, so a row that changes in between can be missed or be out of date; import a ' +
  'dump, run without --shard, or keep the table unchanged until every shard has begun';

/** How the rows are read, and what the server says of them. */
export function readingOf(
  { definition, columns, rows, averageRowBytes, takenAt }: MysqlSource,
  options: ImportOptions,
) {
  const reading = liveReading(definition, columns, options);
  const average = averageRowBytes === undefined ? '' : ` of about ${formatCount(averageRowBytes)} bytes`;
  return { ...reading, reason: `${reading.reason}, ${formatCount(rows)} rows${average}, as of ${takenAt}` };
}

function checkRowCount({ file, rows }: MysqlSource, { expectRows, maxRows }: LiveOptions): void {
  if (expectRows === undefined || maxRows !== undefined || expectRows === rows) return;
  const what = `--expect-rows ${expectRows}, but the table has ${formatCount(rows)} rows`;
  throw new ImportError('unexpected-row-count', `${file.name}: ${what}`, {
    hint: 'Leave --expect-rows out: the rows of a live table are counted in its snapshot.',
  });
}

const minuteMs = 60_000;

/** Says how old the snapshot is, after ten minutes and then after each hour. Returns what ends it. */
export function tellAge(name: string, warn: (message: string) => void, clock: Clock): () => void {
  const begunMs = clock.nowMs();
  let cancel = () => {};
  const tellAfter = (ms: number) => {
    cancel = clock.setTimer(ms, () => {
      const minutes = Math.round((clock.nowMs() - begunMs) / minuteMs);
      const age = minutes < 60 ? `${minutes} minutes` : `${(minutes / 60).toFixed(1)} hours`;
      warn(`${name}: the snapshot is ${age} old, and the server keeps what has changed since then`);
      tellAfter(60 * minuteMs);
    });
  };
  tellAfter(10 * minuteMs);
  return () => cancel();
}

/**
 * The rows of a live table in a run that keeps checkpoints: reading waits where the hash could no longer be told at the
 * mark, and what differs below the mark is told with the ways out.
 */
export async function* exactBlocks(
  blocks: AsyncGenerator<RowBlock>,
  hash: RunningHash,
  name: string,
): AsyncGenerator<RowBlock> {
  try {
    for await (const block of blocks) {
      yield block;
      await hash.room();
    }
  } catch (error) {
    throw error instanceof ImportError && error.code === 'resume-mismatch' ? changedBelow(name, error) : error;
  }
}

/** The table is not what it was where the run has been. */
export function changedBelow(name: string, cause?: unknown): ImportError {
  return new ImportError(
    'resume-mismatch',
    `${name}: rows that this run has done were changed, added or deleted since`,
    {
      hint: 'Resume against a replica that stopped at the time of the first snapshot, or start a new run, with --if-exists newer:COLUMN if the table has a column that says when a row changed.',
      cause,
    },
  );
}
