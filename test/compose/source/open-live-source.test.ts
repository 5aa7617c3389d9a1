import { expect, onTestFinished, test } from 'vitest';
import {
  exactBlocks,
  type LiveOptions,
  tellAge,
  withLiveSource,
} from '../../../src/compose/source/open-live-source.ts';
import { ImportError } from '../../../src/domain/import-error.ts';
import { RunningHash } from '../../../src/input/source-hash.ts';
import { type ScriptedTable, scriptOf } from '../../adapters/mysql/scripted-table.ts';
import { faultOf } from '../../adapters/packing/collect.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { startScriptedMysql } from '../../support/scripted-mysql.ts';

const table: ScriptedTable = {
  rows: [
    [1, 'a'],
    [2, 'b'],
  ],
};

const readOnlyTable: ScriptedTable = {
  ...table,
  instead: [[/UTC_TIMESTAMP/, { columns: ['taken_at', 'is_read_only'], rows: [['2026-01-31 02:00:00', '1']] }]],
};

test('the age of a snapshot is told after ten minutes and then every hour, until it ends', async () => {
  const clock = new FakeClock();
  const warnings: string[] = [];
  const stop = tellAge('mysql://app@db/s/t', (message) => warnings.push(message), clock);
  await clock.advance(9 * 60_000);
  expect(warnings).toEqual([]);
  await clock.advance(121 * 60_000);
  stop();
  await clock.advance(600 * 60_000);
  expect(warnings.map((warning) => /the snapshot is (.*) old/.exec(warning)?.[1])).toEqual([
    '10 minutes',
    '1.2 hours',
    '2.2 hours',
  ]);
});

test('rows other than --expect-rows are refused, unless --max-rows ends the reading', async () => {
  await expect(opened({ expectRows: 3 })).rejects.toMatchObject({
    code: 'unexpected-row-count',
    message: expect.stringContaining('--expect-rows 3, but the table has 2 rows'),
  });
  expect((await opened({ expectRows: 2 })).rows).toBe(2);
  expect((await opened({ expectRows: 3, maxRows: 1 })).rows).toBe(2);
});

test('a server that takes writes is warned of, one that does not is not', async () => {
  const warnings: string[] = [];
  await opened({}, (message) => warnings.push(message));
  expect(warnings).toEqual([expect.stringContaining('read from a replica')]);
  await opened({}, () => expect.unreachable(), readOnlyTable);
});

test('a shard is warned that the other shards read other snapshots', async () => {
  const warnings: string[] = [];
  await opened({ shard: { index: 1, count: 2 } }, (message) => warnings.push(message), readOnlyTable);
  expect(warnings).toEqual([expect.stringMatching(/^mysql:.*: each shard reads a snapshot of its own/)]);
});

test('what differs below the mark is told with the ways out, and other faults as they are', async () => {
  const differing = new ImportError('resume-mismatch', 'its bytes differ');
  const other = new ImportError('source-truncated', 'the connection was lost');
  const told = (fault: ImportError) =>
    faultOf(() => exactBlocks(failing(fault), new RunningHash(), 'mysql://app@db/s/t').next());
  expect(await told(other)).toBe(other);
  expect(await told(differing)).toMatchObject({
    code: 'resume-mismatch',
    message: expect.stringMatching(/^mysql:.*rows that this run has done were changed, added or deleted since$/),
    hint: expect.stringContaining('--if-exists newer:COLUMN'),
    cause: differing,
  });
});

/** What a source opened with these options is, once it was worked with. */
async function opened(
  options: Omit<LiveOptions, 'sources'>,
  warn: (message: string) => void = () => {},
  scripted = table,
) {
  const server = await startScriptedMysql(scriptOf(scripted));
  onTestFinished(() => server.close());
  return withLiveSource(
    { sources: [`mysql://app@127.0.0.1:${server.port}/shop/tokens`], ...options },
    { env: {}, cwd: '/', signal: new AbortController().signal, warn },
    async (source) => source,
  );
}

// biome-ignore lint/correctness/useYield: it fails before its first block.
async function* failing(fault: ImportError): AsyncGenerator<never> {
  throw fault;
}
