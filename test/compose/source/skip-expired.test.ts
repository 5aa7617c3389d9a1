import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryTokenRepository, type RunImportOptions, runImport, systemClock } from '../../../src/index.ts';
import { workDir } from '../../support/work-dir.ts';

const memory = () => new MemoryTokenRepository({ clock: systemClock, latencyMs: 0, retain: true });
const settings = { key: ['token'], types: { expires_at: 'N' }, ttlColumn: 'expires_at' } as const;
const daySeconds = 86_400;
const nowSeconds = Math.floor(Date.now() / 1000);
const times = {
  live: nowSeconds + 100 * daySeconds,
  expired: nowSeconds - 10 * daySeconds,
  recent: nowSeconds - 2 * daySeconds,
  old: nowSeconds - 6 * 365 * daySeconds,
  milliseconds: nowSeconds * 1000,
};
type Kind = keyof typeof times;

test('a key ends with its last row that was neither skipped nor rejected, and every row has a fate', async () => {
  const dir = workDir();
  const row = fc.record({
    key: fc.integer({ min: 0, max: 9 }),
    kind: fc.constantFrom<Kind>('live', 'expired', 'recent', 'old', 'milliseconds'),
  });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 80 }), async (rows) => {
      const lines = rows.map(({ key, kind }, i) => `k${key},${times[kind]},${i}\n`);
      const repository = memory();
      const summary = await runImport({
        ...settings,
        sources: [dir.write('tokens.csv', `token,expires_at,n\n${lines.join('')}`)],
        repository,
        runDir: join(dir.path, `run${run++}`),
        skipExpiredGraceSeconds: 7 * daySeconds,
        maxRejects: -1,
      });
      const model = new Map(
        rows.flatMap(({ key, kind }, i): [string, string][] =>
          kind === 'expired' || kind === 'milliseconds' ? [] : [[`k${key}`, String(i)]],
        ),
      );
      const count = (kind: Kind) => rows.filter((each) => each.kind === kind).length;
      const found = Array.from(repository.items.values(), (item) => [item.get('token'), item.get('n')]);
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(model));
      const { read, written, superseded, rejected, skipped } = summary.rows;
      expect({ read, skipped, rejected }).toEqual({
        read: rows.length,
        skipped: count('expired'),
        rejected: count('milliseconds'),
      });
      expect(written + superseded).toBe(rows.length - skipped - rejected);
      expect(summary.rejectsByCode).toEqual(rejected === 0 ? {} : { 'ttl-not-seconds': rejected });
      expect(summary.skippedByReason).toEqual(skipped === 0 ? undefined : { expired: skipped });
      expect(summary.expiry).toMatchObject({ graceSeconds: 7 * daySeconds, neverDeleted: count('old') });
    }),
    { numRuns: 20 },
  );
});

test('a resume judges by the clock of the start, and counts what the process before it counted', async () => {
  const dir = workDir();
  const source = dir.write(
    'tokens.csv',
    `token,expires_at\n${Array.from({ length: 6000 }, (_, i) => `t${i},${[times.recent, times.old][i % 2]}\n`).join('')}`,
  );
  const runDir = join(dir.path, 'run');
  const stop = new AbortController();
  const first = memory();
  const options: RunImportOptions = { ...settings, skipExpiredGraceSeconds: 0, maxAhead: 200, repository: first };
  const stopped = await runImport({
    ...options,
    sources: [source],
    runDir,
    signal: stop.signal,
    onEvent: ({ kind }) => kind === 'checkpointed' && stop.abort(),
  });
  const before = stopped.rows.read;
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(6000);

  // By a clock of three days ago no later row has expired.
  const manifest = JSON.parse(dir.read('run/manifest.json'));
  expect(manifest.expiry).toMatchObject({ column: 'expires_at' });
  expect(Math.abs(manifest.expiry.clockMs - Date.now())).toBeLessThan(600_000);
  manifest.expiry.clockMs -= 3 * daySeconds * 1000;
  dir.write('run/manifest.json', JSON.stringify(manifest));
  const { progress } = JSON.parse(dir.read('run/checkpoint.json'));
  const mark = progress.mark.ordinal;

  const resumed = await runImport({ resume: runDir, repository: memory() });
  expect(resumed).toMatchObject({ outcome: 'completed', rows: { read: 6000, pending: 0 } });
  expect(resumed.rows.skipped).toBe(Math.ceil(mark / 2));
  expect(resumed.rows.written).toBe(6000 - Math.ceil(mark / 2));
  expect(resumed.expiry).toMatchObject({
    clock: new Date(manifest.expiry.clockMs).toISOString(),
    neverDeleted: 3000,
  });

  const again = runImport({ resume: runDir, repository: memory(), skipExpiredGraceSeconds: 60 });
  await expect(again).rejects.toMatchObject({ code: 'resume-mismatch' });
});

test.each([
  [{ ttlColumn: 'expires' }, /--ttl-column names no column: "expires"; the source has "token", "expires_at"/],
  [{ types: {} }, /column "expires_at" is S, and DynamoDB expires only numbers/],
  [{ ttlColumn: undefined }, /the TTL attribute is not known \(needs a table/],
] as const)('a column that cannot tell when a row expires is refused: %j', async (changed, message) => {
  const dir = workDir();
  const source = dir.write('tokens.csv', 'token,expires_at\na,1\n');
  const { ttlColumn: _named, ...unnamed } = settings;
  const given = 'ttlColumn' in changed && changed.ttlColumn === undefined ? unnamed : { ...settings, ...changed };
  const run = runImport({ ...given, sources: [source], repository: memory(), skipExpiredGraceSeconds: 0 });
  await expect(run).rejects.toMatchObject({ code: 'usage', message: expect.stringMatching(message) });
});
