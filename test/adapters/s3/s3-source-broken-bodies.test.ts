import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openS3Source, type S3SourceFile } from '../../../src/adapters/s3/s3-source.ts';
import { withAwsEnvironment } from '../../support/aws-environment.ts';
import { s3Place } from '../../support/s3-place.ts';
import type { S3Asked, S3Fault } from '../../support/s3-server.ts';
import { type Random, randomBelow, seededRandom } from '../../support/seeded-random.ts';
import { collect, faultOf } from '../packing/collect.ts';
import { WaitingClock } from './waiting-clock.ts';

withAwsEnvironment();

const url = 's3://dumps/rows.txt';

test.each(Array.from({ length: 20 }, (_, n) => n + 1))(
  'whatever happens to bodies, the bytes arrive exactly: seed %i',
  async (seed) => {
    const random = seededRandom(seed);
    const bytes = randomBytes(random, 1_000_000 + randomBelow(random, 1_000_000));
    const stored = seed % 4 === 0 ? gzipSync(bytes) : bytes;
    const clock = new WaitingClock();
    const faults = randomFaults(random, stored.length);
    const isVersioned = seed % 2 === 0;
    const { bucket, server, connection } = await s3Place({ clock, isVersioned, fault: (asked) => faults.next(asked) });
    bucket.put('rows.txt', stored);
    const file = (await openS3Source(connection, url)).files[0]!;
    faults.begin();
    const read = await firingOnStalls(collect(file.read()), { file, faults, clock });
    expect(read.equals(bytes)).toBe(true);
    expect(faults.happened).toBeGreaterThan(3);
    for (const { range, ifMatch, query } of server.asked.slice(1)) {
      expect(range).toMatch(/^bytes=\d+-\d+$/);
      expect(ifMatch).toBe(file.etag);
      expect(query.get('versionId') ?? undefined).toBe(file.versionId);
    }
    const begins = server.asked.slice(1).map(({ range }) => Number(/\d+/.exec(range!)![0]));
    expect(begins).toEqual([...begins].sort((a, b) => a - b));
  },
);

test('a body that brings nothing five times in a row ends the run', async () => {
  let isOpen = false;
  const clock = new WaitingClock();
  const { bucket, server, connection } = await s3Place({
    clock,
    fault: ({ range }) => {
      if (!isOpen) return undefined;
      return range === 'bytes=0-99999' ? { kind: 'cut', afterBytes: 70_000 } : { kind: 'cut', afterBytes: 0 };
    },
  });
  bucket.put('rows.txt', Buffer.alloc(100_000, 'rows\n'));
  const file = (await openS3Source(connection, url)).files[0]!;
  isOpen = true;
  const fault = await faultOf(() => collect(file.read()));
  expect(fault).toMatchObject({ code: 'source-unreadable', hint: 'Check the network, then resume.' });
  expect(fault.message).toMatch(
    /^s3:\/\/dumps\/rows\.txt broke off after 70,000 of 100,000 bytes, .+ \(UND_ERR_SOCKET\)$/,
  );
  const begun = server.asked.filter(({ range }) => range === 'bytes=70000-99999');
  expect(begun).toHaveLength(5);
  // Each pause may be twice as long as the one before.
  expect(clock.pausesMs).toEqual([4, 8, 16, 32, 64]);
});

test('S3 that asks to slow down is asked less and less often, and longer than a body that breaks off', async () => {
  let refusals = 0;
  const clock = new WaitingClock();
  const { bucket, connection } = await s3Place({
    clock,
    fault: ({ ifMatch }) =>
      ifMatch !== undefined && refusals++ < 12 ? { kind: 'refused', status: 503, code: 'SlowDown' } : undefined,
  });
  bucket.put('rows.txt', 'a,b\n');
  const file = (await openS3Source(connection, url)).files[0]!;
  expect((await collect(file.read())).toString()).toBe('a,b\n');
  expect(clock.pausesMs).toEqual([4, 8, 16, 32, 64, 128, 200, 200, 200, 200, 200, 200]);
});

test('S3 that asks to slow down for good ends the run', async () => {
  const { bucket, connection } = await s3Place({
    clock: new WaitingClock(),
    fault: ({ ifMatch }) => (ifMatch === undefined ? undefined : { kind: 'refused', status: 503, code: 'SlowDown' }),
  });
  bucket.put('rows.txt', 'a,b\n');
  const file = (await openS3Source(connection, url)).files[0]!;
  expect(await faultOf(() => collect(file.read()))).toMatchObject({
    code: 'service-refused',
    message: expect.stringContaining('SlowDown, HTTP 503'),
  });
});

test('an object that is overwritten or removed between two requests is source-changed', async () => {
  for (const change of ['overwritten', 'removed'] as const) {
    const faults: (S3Fault | undefined)[] = [undefined, { kind: 'cut', afterBytes: 10 }];
    const { bucket, connection } = await s3Place({ clock: new WaitingClock(), fault: () => faults.shift() });
    bucket.put('rows.txt', Buffer.alloc(100_000, 'rows\n'));
    const file = (await openS3Source(connection, url)).files[0]!;
    const chunks = file.read()[Symbol.asyncIterator]();
    await chunks.next();
    if (change === 'removed') bucket.remove('rows.txt');
    else bucket.put('rows.txt', Buffer.alloc(100_000, 'ROWS\n'));
    const fault = await faultOf(() => collect({ [Symbol.asyncIterator]: () => chunks }));
    expect(fault).toMatchObject({ code: 'source-changed', message: expect.stringContaining(`it was ${change}`) });
  }
});

test('a version that may not be named is read by its ETag alone', async () => {
  const { bucket, server, connection } = await s3Place({
    isVersioned: true,
    may: (action) => action !== 's3:GetObjectVersion',
  });
  bucket.put('rows.txt', 'a,b\n');
  const file = (await openS3Source(connection, url)).files[0]!;
  expect((await collect(file.read())).toString()).toBe('a,b\n');
  expect(server.asked.at(-1)).toMatchObject({ ifMatch: file.etag, range: 'bytes=0-3' });
  bucket.put('rows.txt', 'a,c\n');
  expect(await faultOf(() => collect(file.read()))).toMatchObject({ code: 'source-changed' });
});

test('without an ETag that identifies it, an object is known by the time it was written', async () => {
  const { bucket, connection } = await s3Place({ hasWeakETags: true });
  bucket.put('rows.txt', 'a,b\n');
  const file = (await openS3Source(connection, url)).files[0]!;
  expect(file.etag).toBe('');
  expect((await collect(file.read())).toString()).toBe('a,b\n');
  bucket.put('rows.txt', 'a,c\n');
  expect(await faultOf(() => collect(file.read()))).toMatchObject({
    code: 'source-changed',
    message: expect.stringContaining('another object took its place'),
  });
});

test('reading begins at any byte, with a range where the object is not compressed', async () => {
  const { bucket, server, connection } = await s3Place();
  const packed = gzipSync('abcdefgh');
  bucket.put('rows.txt', 'abcdefgh');
  bucket.put('rows.txt.gz', packed);
  for (const [opened, range, bytes] of [
    [url, 'bytes=5-7', 8],
    [`${url}.gz`, `bytes=0-${packed.length - 1}`, packed.length],
  ] as const) {
    const file = (await openS3Source(connection, opened)).files[0]!;
    expect((await collect(file.readFrom(5))).toString()).toBe('fgh');
    expect(server.asked.at(-1)!.range).toBe(range);
    expect(file.storedBytesRead()).toBe(bytes);
    const asked = server.asked.length;
    expect(await collect(file.readFrom(Number.POSITIVE_INFINITY))).toHaveLength(0);
    expect(file.storedBytesRead()).toBe(bytes);
    expect(server.asked).toHaveLength(asked);
  }
});

/** Faults that a source of randomness gives, of which fewer than five in a row bring nothing. */
function randomFaults(random: Random, bytes: number) {
  let begun = false;
  let inVain = 0;
  let stalledAt: number | undefined;
  const faults = {
    happened: 0,
    begin: () => {
      begun = true;
    },
    /** The byte up to which a body came that now stands still. */
    takeStall(): number | undefined {
      const at = stalledAt;
      stalledAt = undefined;
      return at;
    },
    next({ range }: S3Asked): S3Fault | undefined {
      if (!begun || (faults.happened > 3 && random() < 0.3)) return undefined;
      const from = Number(/\d+/.exec(range!)![0]);
      const isEmpty = random() < 0.3 && inVain < 3;
      const afterBytes = isEmpty ? 0 : 1 + randomBelow(random, Math.max(1, Math.floor((bytes - from) / 3)));
      inVain = isEmpty ? inVain + 1 : 0;
      faults.happened++;
      const kind = random();
      if (kind < 0.2 && isEmpty) return { kind: 'refused', status: 503, code: 'SlowDown' };
      if (kind < 0.4 && isEmpty) return { kind: 'refused', status: 500, code: 'InternalError' };
      if (kind < 0.7) return { kind: 'cut', afterBytes };
      stalledAt = from + afterBytes;
      return { kind: 'stall', afterBytes };
    },
  };
  return faults;
}

/** Lets time pass whenever a body stands still and all that came before was read. */
async function firingOnStalls<T>(
  reading: Promise<T>,
  { file, faults, clock }: { file: S3SourceFile; faults: ReturnType<typeof randomFaults>; clock: WaitingClock },
): Promise<T> {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  reading.then(end, end);
  let stalledAt: number | undefined;
  while (!isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    stalledAt ??= faults.takeStall();
    if (stalledAt === undefined || file.storedBytesRead() < stalledAt || clock.pendingTimers === 0) continue;
    stalledAt = undefined;
    clock.fire();
  }
  return reading;
}

function randomBytes(random: Random, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at++) bytes[at] = 97 + randomBelow(random, 26);
  return bytes;
}
