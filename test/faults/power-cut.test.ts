import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { beforeAll, expect, test } from 'vitest';
import { openRejectFiles } from '../../src/adapters/file/run/reject-files.ts';
import { CheckpointFile, loadCheckpoint } from '../../src/adapters/file/run/run-stores.ts';
import { MemoryTokenRepository } from '../../src/adapters/memory/memory-repository.ts';
import type { Column } from '../../src/domain/column.ts';
import { csvDialect } from '../../src/input/csv/csv.ts';
import { RowReader } from '../../src/input/row-reader.ts';
import { RunningHash } from '../../src/input/source-hash.ts';
import { RateLimiter } from '../../src/limit/rate-limiter.ts';
import { RowMapper } from '../../src/pipeline/map-row.ts';
import { ImportRun } from '../../src/pipeline/run-import.ts';
import type { TokenRepository } from '../../src/ports/token-repository.ts';
import { plainCsv } from '../input/csv/csv-files.ts';
import { textSource } from '../input/text-source.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeDisk } from '../support/fake-disk.ts';
import { type Random, randomBelow, seededRandom } from '../support/seeded-random.ts';

const folder = '/run';
let disk: FakeDisk;

// Replaced in the module itself, which reaches the importer's files however they were loaded.
beforeAll(() => {
  const real = { ...files };
  Object.assign(files, {
    open: (path: string, flags: string) => disk.open(path, flags),
    rename: (from: string, to: string) => disk.rename(from, to),
    rm: (path: string) => disk.rm(path),
    readFile: (path: string) => disk.readFile(path),
  });
  syncBuiltinESMExports();
  return () => {
    Object.assign(files, real);
    syncBuiltinESMExports();
  };
});

const key = { type: 'S', maxBytes: 2048, required: true, label: 'the table’s partition key' } as const;
const columns: Column[] = [
  { sourceName: 'token', fieldIndex: 0, name: 'token', type: 'S', key },
  { sourceName: 'n', fieldIndex: 1, name: 'n', type: 'N' },
];
const header = 'token,n\n';
const rowCount = 150;

/** Rows of which some are rejected and some share a key. */
function sourceOf(random: Random) {
  const lines = Array.from({ length: rowCount }, (_, n) => {
    const isBad = random() < 0.15;
    return { token: `t${randomBelow(random, 100)}`, n: isBad ? `bad${n}` : `${n}`, isBad };
  });
  const textOf = ({ token, n }: (typeof lines)[number]) => `${token},${n}\n`;
  const bad = lines.filter(({ isBad }) => isBad);
  return {
    text: header + lines.map(textOf).join(''),
    rejected: bad.length === 0 ? '' : header + bad.map(textOf).join(''),
    rejectedOrdinals: lines.flatMap(({ isBad }, ordinal) => (isBad ? [ordinal] : [])),
    items: Object.fromEntries(lines.filter(({ isBad }) => !isBad).map(({ token, n }) => [token, n])),
  };
}

/** One process on the run's folder, until it is done or the power is cut; `saved` collects the marks reported as saved. */
async function importOn(
  disk: FakeDisk,
  text: string,
  table: MemoryTokenRepository,
  random: Random,
  saved: number[] = [],
) {
  const clock = new FakeClock();
  const progress = (await loadCheckpoint(folder))?.progress;
  const rejects = await openRejectFiles(folder, {
    ...{ extension: 'csv', header: Buffer.from(header) },
    ...(progress !== undefined && { resumeAt: progress.rejects }),
  });
  const repository: TokenRepository = {
    ...{ maxBatchTokens: 25, maxBatchBytes: 1_000_000, encoder: (all) => table.encoder(all) },
    async write(batch) {
      await clock.sleep(5 + random() * 40);
      // The process and its unsent requests are lost with the power.
      return disk.isOff ? new Promise(() => {}) : table.write(batch);
    },
    traffic: () => table.traffic(),
    close: async () => {},
  };
  const dialect = csvDialect({ ...plainCsv, header: true });
  const hash = new RunningHash(progress?.hash);
  const options = { empty: 'keep', timeZone: 'UTC', zeroDates: 'reject' } as const;
  const mapping = { dialect, columns, keyNames: ['token'], fieldCount: 2, binary: [false, false], options };
  const run = new ImportRun({
    blocks: new RowReader(textSource([text], 100), dialect, hash, progress?.mark).blocks(),
    mapper: new RowMapper({ ...mapping, encoder: repository.encoder(columns) }),
    limiter: new RateLimiter(clock, 60, 5),
    observer: { on: (event) => event.kind === 'checkpointed' && !disk.isOff && saved.push(event.mark.ordinal) },
    ...{ repository, clock, hash, rejects, random, signal: new AbortController().signal },
    store: new CheckpointFile(folder, progress),
    batchLimits: { maxTokens: 5, maxBodyBytes: 1_000_000, maxWriteUnits: 5 },
    ...{ concurrency: 4, maxAhead: 40, settleMs: 100, stallTimeoutMs: 60_000, skipRows: 0 },
    maxRejects: { kind: 'units', value: rowCount },
    ...(progress !== undefined && { start: progress }),
  });
  const result = await clock.runUntil(run.run()).catch((error: unknown) => {
    if (!disk.isOff) throw error;
  });
  return { result, startedAt: progress?.mark.ordinal ?? 0 };
}

/** A run whose power is cut several times, each time before a random operation of the disk. */
async function surviveCuts(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const source = sourceOf(random);
  disk = new FakeDisk(folder);
  const table = new MemoryTokenRepository({ clock: new FakeClock(), latencyMs: 0, retain: true });
  let lastSaved = 0;
  for (let cuts = 1 + randomBelow(random, 3); cuts > 0; cuts--) {
    disk.cutAt = 1 + randomBelow(random, 60);
    const saved = [lastSaved];
    // Whatever waits for the disk never ends once the power is cut.
    const ended = await Promise.race([importOn(disk, source.text, table, random, saved), untilOff(disk)]);
    if (ended !== undefined) expect(ended.startedAt).toBeGreaterThanOrEqual(lastSaved);
    lastSaved = Math.max(...saved);
    disk.restart(random);
  }
  const { result, startedAt } = await importOn(disk, source.text, table, random);
  // What was reported as saved must be saved.
  expect(startedAt).toBeGreaterThanOrEqual(lastSaved);
  expect(result).toMatchObject({ finished: true, balanced: true, counts: { read: rowCount, pending: 0 } });
  expect(Object.fromEntries([...table.items].map(([, item]) => [item.get('token'), item.get('n')]))).toEqual(
    source.items,
  );
  expect(disk.text('rejected.csv')).toBe(source.rejected);
  const reasons = disk.text('rejects.jsonl').split('\n').slice(0, -1);
  expect(reasons.map((line) => JSON.parse(line).ordinal)).toEqual(source.rejectedOrdinals);
}

/** Resolves some turns after the power cut, when a process that does not wait for the disk has ended. */
async function untilOff(disk: FakeDisk): Promise<undefined> {
  for (let turns = 0; turns < 20; turns += disk.isOff ? 1 : 0) await new Promise((resolve) => setImmediate(resolve));
  return undefined;
}

test('after a power cut at any moment every resume starts at a saved mark and ends right', {
  timeout: 120_000,
}, async () => {
  console.info('power cuts: seeds 1 to 200');
  for (let seed = 1; seed <= 200; seed++) {
    await surviveCuts(seed).catch((error: unknown) => {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
    });
  }
});
