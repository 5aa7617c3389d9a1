import { expect, test } from 'vitest';
import type { Amount } from '../../src/domain/amount.ts';
import { sourceStart } from '../../src/domain/checkpoint.ts';
import type { Column } from '../../src/domain/column.ts';
import type { Batch, Token } from '../../src/domain/token.ts';
import { csvDialect } from '../../src/input/csv/csv.ts';
import { RowReader } from '../../src/input/row-reader.ts';
import { RunningHash } from '../../src/input/source-hash.ts';
import { BatchDispatch } from '../../src/pipeline/dispatch-batches.ts';
import { KeyLocks } from '../../src/pipeline/key-locks.ts';
import { Ledger } from '../../src/pipeline/ledger.ts';
import { RowMapper } from '../../src/pipeline/map-row.ts';
import { RowFates } from '../../src/pipeline/row-fates.ts';
import { RunControl } from '../../src/pipeline/run-control.ts';
import { CheckpointSaver } from '../../src/pipeline/save-checkpoints.ts';
import { RowTaker } from '../../src/pipeline/take-rows.ts';
import type { RunEvent } from '../../src/ports/run-observer.ts';
import { plainCsv } from '../input/csv/csv-files.ts';
import { textSource } from '../input/text-source.ts';
import { FakeClock } from '../support/fake-clock.ts';

const key = { type: 'S', maxBytes: 2048, required: true, label: 'the table’s partition key' } as const;
const columns: Column[] = [
  { sourceName: 'token', fieldIndex: 0, name: 'token', type: 'S', key },
  { sourceName: 'n', fieldIndex: 1, name: 'n', type: 'N' },
];
const latencyMs = 10;

type RowTakerSetup = ConstructorParameters<typeof RowTaker>[0];
/** What an earlier process left. */
type Before = ConstructorParameters<typeof Ledger>[1];

/** Takes rows for a table that writes batches of two, 10 ms each; `written` holds the values in the order of writing. */
function start(more: Partial<RowTakerSetup> & { maxAhead?: number; maxRejects?: Amount; before?: Before } = {}) {
  const clock = new FakeClock();
  const stopper = new AbortController();
  const control = new RunControl(stopper.signal);
  const events: RunEvent[] = [];
  const observer = { on: (event: RunEvent) => void events.push(event) };
  const { maxAhead = 1_000, maxRejects = { kind: 'units', value: 2 }, before } = more;
  const ledger = new Ledger({ maxAhead, maxHeldBytes: 1_000_000, maxHeldTokens: 1_000 }, before);
  const written: unknown[] = [];
  const locks: KeyLocks = new KeyLocks(clock, 0, (token: Token) => dispatch.giveBack(token));
  const fates = new RowFates({ ledger, locks, observer, control, maxRejects });
  const dispatch: BatchDispatch = new BatchDispatch({
    ...{ clock, control, concurrency: 1 },
    limits: { maxTokens: 2, maxBodyBytes: 1_000_000, maxWriteUnits: 1_000 },
    write: ({ tokens }: Batch, end) =>
      end(async () => {
        await clock.sleep(latencyMs);
        for (const token of tokens) {
          written.push(token.payload);
          fates.done(token, 'written');
        }
      }),
    onEnd: () => saver.saveIfDue(),
  });
  const dialect = csvDialect({ ...plainCsv, header: true });
  const hash = new RunningHash();
  const saver: CheckpointSaver = new CheckpointSaver({
    ...{ ledger, hash, clock, observer, control },
  });
  const taker = new RowTaker({
    mapper: new RowMapper({
      shard: more.shard,
      ...{ dialect, columns, keyNames: ['token'], fieldCount: 2, binary: [false, false] },
      options: { empty: 'keep', timeZone: 'UTC', zeroDates: 'reject' },
      encoder: { encode: ([, n]) => n, bodyBytes: () => 10 },
    }),
    ...{ ledger, locks, fates, dispatch, saver, control, observer, clock },
    ...{ skipRows: 0, rowsRead: before?.mark.ordinal ?? 0 },
    ...more,
  });
  /** As the import does it: block by block until the taker has enough, then the rest is sent. */
  const takeAll = async (text: string, chunkBytes = 1_000) => {
    for await (const block of new RowReader(textSource([text], chunkBytes), dialect, hash).blocks()) {
      await taker.take(block);
      if (taker.hasEnough || control.stopped) break;
    }
    await control.unlessStopped(dispatch.whileAllIsSent(ledger.allDone()));
  };
  const take = (text: string, chunkBytes?: number) => clock.runUntil(takeAll(text, chunkBytes));
  return { taker, take, takeAll, ledger, clock, control, stopper, events, written };
}

const fileOf = (lines: readonly string[]) => `token,n\n${lines.map((line) => `${line}\n`).join('')}`;
const rows = Array.from({ length: 10 }, (_, i) => `t${i},${i}`);
const none = { written: 0, superseded: 0, kept: 0, deleted: 0, rejected: 0, skipped: 0 };

function rejectsIn(events: readonly RunEvent[]) {
  return events.flatMap((event) => (event.kind === 'row-rejected' ? [event.row] : []));
}

test('rows before skip-rows are skipped, and those behind max-rows not taken, nor counted', async () => {
  const { taker, take, ledger, written } = start({ skipRows: 3, maxRows: 4 });
  const text = fileOf(rows);
  await take(text);
  expect(ledger.totals).toEqual({ ...none, written: 4, skipped: 3 });
  expect(written).toEqual(['3', '4', '5', '6']);
  expect([taker.rowsRead, taker.hasEnough]).toEqual([7, true]);
  expect(taker.place).toEqual({ fileIndex: 0, byteOffset: text.indexOf('t7') });
});

test('what skip-rows passes over is not looked at, however broken', async () => {
  const { take, ledger } = start({ skipRows: 2 });
  await take(fileOf(['a', ',1', 'b,2']));
  expect(ledger.totals).toEqual({ ...none, skipped: 2, written: 1 });
});

test('max-rows falls on the border of a block as anywhere else', async () => {
  for (const maxRows of [4, 5, 6]) {
    // Ten rows of five bytes, in chunks of 25 behind the header.
    const { take, taker, ledger } = start({ maxRows });
    await take(fileOf(rows), 33);
    expect([taker.rowsRead, ledger.totals.written]).toEqual([maxRows, maxRows]);
  }
});

test('blank lines are no rows, and rejects tell the line in the file', async () => {
  const { take, taker, events } = start();
  await take('token,n\n\nt0,0\n\n\nt1,x\n');
  expect(taker.rowsRead).toBe(2);
  const [rejected] = rejectsIn(events);
  expect(rejected).toMatchObject({
    code: 'not-a-number',
    column: 'n',
    position: { ordinal: 1, line: 6, byteOffset: 16, byteLength: 5 },
  });
  expect(Buffer.from(rejected!.bytes).toString()).toBe('t1,x\n');
});

test('each token is taken note of before it is sent, in source order, and no other row is', async () => {
  const noted: unknown[] = [];
  const remember = ({ payload }: Token) => void noted.push(payload);
  const { take, written } = start({ skipRows: 1, remember });
  await take(fileOf(['a,1', 'b,2', 'c,x', 'b,3', 'd,4']));
  expect(noted).toEqual(['2', '3', '4']);
  expect(written.toSorted()).toEqual(noted);
});

test('a reject does not hold the chunk that it stood in', async () => {
  const { take, events } = start();
  await take(fileOf([...Array.from({ length: 10_000 }, (_, n) => `t${n},${n}`), 'x,x']), 2 ** 20);
  const [rejected] = rejectsIn(events);
  expect(Buffer.from(rejected!.bytes).toString()).toBe('x,x\n');
  expect(rejected!.bytes.buffer.byteLength).toBeLessThanOrEqual(Buffer.poolSize);
});

test('a row that waits for an earlier one with its key does not hold the chunk that it stood in', async () => {
  const superseded: Token[] = [];
  const { take, ledger } = start();
  const { done } = ledger;
  ledger.done = (token, fate) => {
    if (fate === 'superseded') superseded.push(token);
    done.call(ledger, token, fate);
  };
  await take(fileOf(['a,1', 'a,2', 'a,3', 'b,4']));
  expect(superseded.map(({ row }) => row.bytes.buffer.byteLength)).toEqual([4]);
});

test('a later row supersedes the one with its key that waits, and is written after the one in flight', async () => {
  const { take, ledger, written } = start();
  await take(fileOf(['a,1', 'b,2', 'a,3', 'a,4', 'a,5']));
  expect(ledger.totals).toEqual({ ...none, written: 3, superseded: 2 });
  expect(written).toEqual(['1', '2', '5']);
});

test('as many rejects as allowed do not end the run, one more does, and no further row is taken', async () => {
  const text = fileOf(['a,x', 'b,x', 'c,3', 'd,x', 'e,5']);
  const allowed = start({ maxRejects: { kind: 'units', value: 3 } });
  await allowed.take(text);
  expect(allowed.control.stopped).toBe(false);
  expect(allowed.ledger.totals).toEqual({ ...none, written: 2, rejected: 3 });

  const { take, taker, control, ledger } = start({ maxRejects: { kind: 'units', value: 2 } });
  await take(text);
  expect(control.fault).toMatchObject({ code: 'too-many-rejects', message: expect.stringContaining('3 of 4 rows') });
  expect([taker.rowsRead, ledger.totals.rejected]).toEqual([4, 3]);
});

test('rejects of the process before count towards the limit', async () => {
  const before = {
    mark: { ...sourceStart, ordinal: 5 },
    counts: { ...none, written: 3, rejected: 2 },
    rejectsByCode: {},
  };
  const { take, control } = start({ maxRejects: { kind: 'units', value: 2 }, before });
  await take(fileOf(['a,1', 'b,x']));
  expect(control.fault).toMatchObject({ code: 'too-many-rejects', message: expect.stringContaining('3 of 7 rows') });
});

test('more rows than expected are told as soon as they come, fewer at the end', async () => {
  const more = start({ expectRows: 9 });
  await expect(more.take(fileOf(rows))).rejects.toMatchObject({
    code: 'unexpected-row-count',
    message: '--expect-rows 9, but the source holds more',
  });
  const fewer = start({ expectRows: 11 });
  await fewer.take(fileOf(rows));
  expect(() => fewer.taker.checkTooFewRows()).toThrow('--expect-rows 11, but the source holds only 10');
  const just = start({ expectRows: 10 });
  await just.take(fileOf(rows));
  expect(() => just.taker.checkTooFewRows()).not.toThrow();
});

test('a source without a row has no place, and is refused at its end', async () => {
  const { taker, take } = start();
  await take('token,n\n');
  expect(taker.place).toBeUndefined();
  expect(() => taker.checkTooFewRows()).toThrow(expect.objectContaining({ code: 'source-empty' }));
});

test('reading waits where it is too far ahead of the first row that is not done, and says how long', async () => {
  const { takeAll, taker, clock, ledger } = start({ maxAhead: 4 });
  const taking = takeAll(fileOf(rows));
  await clock.advance(latencyMs - 1);
  expect(taker.rowsRead).toBe(4);
  await clock.runUntil(taking);
  expect(ledger.totals).toEqual({ ...none, written: 10 });
  expect(taker.aheadMs).toBeGreaterThanOrEqual(latencyMs);
});

test('a run that stops takes no further row, though it waited for room', async () => {
  const { takeAll, taker, clock, stopper, events } = start({ maxAhead: 4 });
  const taking = takeAll(fileOf(rows));
  await clock.advance(latencyMs / 2);
  stopper.abort();
  await taking;
  expect(taker.rowsRead).toBe(4);
  expect(events.filter(({ kind }) => kind === 'rows-read')).toEqual([{ kind: 'rows-read', rows: 4 }]);
});

test('rows of other shards are elsewhere, and skipped rows belong to the shards in turn', async () => {
  const count = 3;
  const lines = [
    ...rows,
    ...Array.from({ length: 30 }, (_, i) => `key${i},${i % 3 === 0 ? 'many' : i}`),
    'ragged',
    ',1',
  ];
  const read = lines.length;
  const all: Record<string, number> = {};
  for (let index = 1; index <= count; index++) {
    const before = { mark: sourceStart, counts: { ...none, elsewhere: 0 }, rejectsByCode: {} };
    const { take, ledger } = start({
      skipRows: 4,
      shard: { index, count },
      maxRejects: { kind: 'units', value: -1 },
      before,
    });
    await take(fileOf(lines));
    const { elsewhere = 0, ...own } = ledger.totals;
    expect(Object.values(own).reduce((sum, fate) => sum + fate, 0)).toBe(read - elsewhere);
    for (const [fate, counted] of Object.entries(own)) all[fate] = (all[fate] ?? 0) + counted;
  }
  expect(all).toEqual({ ...none, written: 26, rejected: 12, skipped: 4 });
});

test('--max-rejects of a shard counts the rows of the shard, and a share of these', async () => {
  const shard = { index: 1, count: 4 };
  const bad = Array.from({ length: 8_000 }, (_, i) => `key${i},${i % 10 === 0 ? 'many' : i}`);
  const before = { mark: sourceStart, counts: { ...none, elsewhere: 0 }, rejectsByCode: {} };
  const enough = start({ shard, before, maxAhead: 10_000, maxRejects: { kind: 'percent', value: 15 } });
  await enough.take(fileOf(bad));
  expect(enough.ledger.totals.written + enough.ledger.totals.rejected).toBe(8_000 - enough.ledger.totals.elsewhere!);
  const few = start({ shard, before, maxAhead: 10_000, maxRejects: { kind: 'percent', value: 5 } });
  await expect(few.take(fileOf(bad))).resolves.toBeUndefined();
  expect(few.taker.rowsRead).toBeLessThan(8_000);
});
