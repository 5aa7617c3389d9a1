import { readdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CheckpointFile, loadCheckpoint } from '../../../../src/adapters/file/run/run-stores.ts';
import type { Progress } from '../../../../src/domain/checkpoint.ts';
import { workDir } from '../../../support/work-dir.ts';
import { faultOf } from '../../packing/collect.ts';

function progress(ordinal: number): Progress {
  return {
    mark: { fileIndex: 1, byteOffset: 6_000_000_000, ordinal, line: ordinal + 2 },
    counts: { written: ordinal, superseded: 2, kept: 0, deleted: 0, rejected: 1, skipped: 0 },
    rejectsByCode: { 'not-a-number': 1 },
    hash: { fileIndex: 1, byteOffset: 5_999_999_000, sha256: 'ab'.repeat(32) },
    rejects: { rowsBytes: 100, reasonsBytes: 200 },
    settled: false,
  };
}

test('the last progress saved is what is loaded, and nothing lies beside it', async () => {
  const { path } = workDir();
  expect(await loadCheckpoint(path)).toBeUndefined();
  const file = new CheckpointFile(path);
  await file.save(progress(1));
  await file.save(progress(2));
  expect(await loadCheckpoint(path)).toEqual({ version: 1, progress: progress(2) });
  expect(readdirSync(path)).toEqual(['checkpoint.json']);
  expect(statSync(join(path, 'checkpoint.json')).mode & 0o777).toBe(0o600);
});

test('the stretches that a resume has not read again are kept, and checked', async () => {
  const folder = workDir();
  const before = [{ fileIndex: 0, byteOffset: 10, sha256: 'cd'.repeat(32) }];
  const stretched = { ...progress(1), hash: { ...progress(1).hash, before } };
  await new CheckpointFile(folder.path).save(stretched);
  expect((await loadCheckpoint(folder.path))?.progress).toEqual(stretched);
  for (const damaged of [null, {}, [{ ...before[0], sha256: 'cd' }], [{ ...before[0], byteOffset: -1 }]]) {
    const hash = { ...stretched.hash, before: damaged };
    folder.write('checkpoint.json', JSON.stringify({ version: 1, progress: { ...stretched, hash } }));
    expect((await faultOf(() => loadCheckpoint(folder.path))).message).toContain('is damaged');
  }
});

test('a checkpoint without a count of deletes has none; a wrong count is damage', async () => {
  const folder = workDir();
  const { deleted: _deleted, ...counts } = progress(1).counts;
  folder.write('checkpoint.json', JSON.stringify({ version: 1, progress: { ...progress(1), counts } }));
  expect(await loadCheckpoint(folder.path)).toEqual({ version: 1, progress: progress(1) });
  const damaged = { ...progress(1), counts: { ...counts, deleted: -1 } };
  folder.write('checkpoint.json', JSON.stringify({ version: 1, progress: damaged }));
  expect((await faultOf(() => loadCheckpoint(folder.path))).message).toContain('is damaged');
});

test('the end of a run is stored with its last progress, loaded progress too', async () => {
  const { path } = workDir();
  const end = { outcome: 'completed-with-rejects', exitCode: 5 } as const;
  const file = new CheckpointFile(path);
  await file.finish(end);
  expect(await loadCheckpoint(path)).toBeUndefined();
  await file.save(progress(1));
  await new CheckpointFile(path, progress(1)).finish(end);
  expect(await loadCheckpoint(path)).toEqual({ version: 1, progress: progress(1), finished: end });
});

test('a process that was killed while it wrote leaves the checkpoint before', async () => {
  const folder = workDir();
  const file = new CheckpointFile(folder.path);
  await file.save(progress(1));
  folder.write('checkpoint.json.tmp', '{"version":1,"progr');
  expect((await loadCheckpoint(folder.path))?.progress).toEqual(progress(1));
  await file.save(progress(2));
  expect((await loadCheckpoint(folder.path))?.progress).toEqual(progress(2));
});

test('a full disk is a fault of its own, and leaves the checkpoint before', async () => {
  const { path } = workDir();
  const file = new CheckpointFile(path);
  await file.save(progress(1));
  symlinkSync('/dev/full', join(path, 'checkpoint.json.tmp'));
  expect(await faultOf(() => file.save(progress(2)))).toMatchObject({
    code: 'disk-full',
    message: `${path}/checkpoint.json cannot be written: the disk is full`,
    hint: 'Free some space there, and resume.',
  });
  expect((await loadCheckpoint(path))?.progress).toEqual(progress(1));
  await file.save(progress(3));
  expect((await loadCheckpoint(path))?.progress).toEqual(progress(3));
});

test('a folder that has gone is a fault of the run directory', async () => {
  const { path } = workDir();
  const fault = await faultOf(() => new CheckpointFile(join(path, 'gone')).save(progress(1)));
  expect(fault).toMatchObject({ code: 'run-dir', message: expect.stringContaining('no such folder') });
});

describe('a checkpoint is refused', () => {
  const whole = JSON.stringify({ version: 1, progress: progress(1), finished: { outcome: 'completed', exitCode: 0 } });

  test('cut anywhere', async () => {
    const folder = workDir();
    for (let length = 0; length < whole.length; length++) {
      folder.write('checkpoint.json', whole.slice(0, length));
      const fault = await faultOf(() => loadCheckpoint(folder.path));
      expect(fault).toMatchObject({ code: 'run-dir', message: expect.stringContaining('is damaged') });
    }
  });

  test('with any member taken away or turned to another type', async () => {
    const folder = workDir();
    const members = membersOf(JSON.parse(whole)).filter((path) => path.join('.') !== 'finished');
    // One code less among the rejects is a checkpoint like any other, and no count of deletes an older one.
    const taken = members.filter((path) => !['not-a-number', 'deleted'].includes(path.at(-1)!));
    const cases = [...taken.map((path) => [path, undefined]), ...members.map((path) => [path, null])] as const;
    for (const [path, value] of cases) {
      const changed = JSON.parse(whole);
      const parent = (path as string[]).slice(0, -1).reduce((at, name) => at[name], changed);
      parent[(path as string[]).at(-1)!] = value;
      folder.write('checkpoint.json', JSON.stringify(changed));
      expect((await faultOf(() => loadCheckpoint(folder.path))).message).toContain('is damaged');
    }
  });

  test('from a newer version, saying so', async () => {
    const folder = workDir();
    folder.write('checkpoint.json', '{"version":2}');
    expect((await faultOf(() => loadCheckpoint(folder.path))).message).toContain('newer version');
  });
});

/** The path of every member, `['progress', 'mark', 'line']`. */
function membersOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Object.entries(value).flatMap(([name, member]) => membersOf(member, [...path, name]));
  return path.length === 0 ? below : [path, ...below];
}
