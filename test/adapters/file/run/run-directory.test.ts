import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createRunDirectory, openRunDirectory } from '../../../../src/adapters/file/run/run-directory.ts';
import { processIdentity } from '../../../../src/adapters/system/process-identity.ts';
import { workDir } from '../../../support/work-dir.ts';
import { faultOf } from '../../packing/collect.ts';
import { asOrdinaryUser } from '../as-ordinary-user.ts';

const nowMs = Date.UTC(2026, 10, 24, 8, 12, 42, 999);
const modeOf = (path: string) => statSync(path).mode & 0o777;

describe('a new run directory', () => {
  test('is named after the time, without a colon, for its owner only', async () => {
    const { path: cwd } = workDir();
    const { path } = await createRunDirectory(undefined, { nowMs, cwd });
    expect(path).toBe(join(cwd, 'import-tokens-runs/2026-11-24T08-12-42Z'));
    expect([modeOf(path), modeOf(join(cwd, 'import-tokens-runs'))]).toEqual([0o700, 0o700]);
  });

  test('is another one for each run of the same second', async () => {
    const { path: cwd } = workDir();
    const made = await Promise.all(Array.from({ length: 3 }, () => createRunDirectory(undefined, { nowMs, cwd })));
    expect(made.map(({ path }) => basename(path).slice(19)).sort()).toEqual(['Z', 'Z-2', 'Z-3']);
  });

  test('of a shard is a folder in it, which shards of the same second share', async () => {
    const { path: cwd } = workDir();
    const made = ['shard-1-of-2', 'shard-2-of-2', 'shard-2-of-2'].map(async (shard) => {
      const { path } = await createRunDirectory(undefined, { nowMs, cwd, shard });
      expect(modeOf(path)).toBe(0o700);
      return path.slice(join(cwd, 'import-tokens-runs/2026-11-24T08-12-42').length);
    });
    expect((await Promise.all(made)).sort()).toEqual(['Z-2/shard-2-of-2', 'Z/shard-1-of-2', 'Z/shard-2-of-2']);
  });

  test('is made where it was asked for, with the folders above it', async () => {
    const { path: cwd } = workDir();
    const { path } = await createRunDirectory('a/b/run', { nowMs, cwd });
    expect(path).toBe(join(cwd, 'a/b/run'));
    expect(modeOf(path)).toBe(0o700);
  });

  test('may be an empty folder, which is then for its owner only', async () => {
    const { path: cwd } = workDir();
    mkdirSync(join(cwd, 'run'), { mode: 0o755 });
    const { path } = await createRunDirectory(join(cwd, 'run'), { nowMs, cwd });
    expect(modeOf(path)).toBe(0o700);
  });

  test('is refused where something is in it already, with the way to resume that', async () => {
    const folder = workDir();
    folder.write('run/manifest.json', '{}');
    const fault = await faultOf(() => createRunDirectory('run', { nowMs, cwd: folder.path }));
    expect(fault).toMatchObject({ code: 'run-dir', message: `${folder.path}/run is not empty` });
    expect(fault.hint).toContain(`--resume ${folder.path}/run`);
  });

  test('is refused where a file is in the way, of it or of the folder above', async () => {
    const folder = workDir();
    folder.write('file', '');
    folder.write('import-tokens-runs', '');
    for (const path of ['file', 'file/run', undefined]) {
      expect(await faultOf(() => createRunDirectory(path, { nowMs, cwd: folder.path }))).toMatchObject({
        code: 'run-dir',
        message: expect.stringMatching(/is not a folder|not a folder|of that name exists/),
      });
    }
  });

  test('is refused where it cannot be made or written to, with the reason', async () => {
    const { path: cwd } = workDir();
    chmodSync(cwd, 0o755);
    mkdirSync(join(cwd, 'foreign'));
    chmodSync(join(cwd, 'foreign'), 0o555);
    for (const path of [undefined, 'run']) {
      const fault = await asOrdinaryUser(() =>
        faultOf(() => createRunDirectory(path, { nowMs, cwd: join(cwd, 'foreign') })),
      );
      expect(fault).toMatchObject({ code: 'run-dir', message: expect.stringContaining('permission denied') });
      expect(fault.hint).toContain('--run-dir');
    }
  });

  test('is held by one process until it is closed', async () => {
    const { path: cwd } = workDir();
    const directory = await createRunDirectory('run', { nowMs, cwd });
    await directory.lock(process.pid, processIdentity);
    expect(readdirSync(directory.path)).toContain('lock.1');
    await directory.close();
    expect(readdirSync(directory.path)).toEqual([]);
    await directory.close();
  });
});

describe('the run directory of a resume', () => {
  test.each(['manifest.json', 'checkpoint.json'])('holds a %s', async (name) => {
    const folder = workDir();
    folder.write(`run/${name}`, '{}');
    expect((await openRunDirectory('run', { cwd: folder.path })).path).toBe(join(folder.path, 'run'));
  });

  test('is refused where it is not there, is a file, or holds no run', async () => {
    const folder = workDir();
    folder.write('empty/notes.txt', '');
    const cases = [
      ['none', 'no such folder'],
      ['empty/notes.txt', 'is not a folder'],
      ['empty', 'holds no run'],
    ] as const;
    for (const [path, message] of cases) {
      expect(await faultOf(() => openRunDirectory(path, { cwd: folder.path }))).toMatchObject({
        code: 'run-dir',
        message: expect.stringContaining(message),
      });
    }
  });

  test('of a verification is refused with the command that takes it', async () => {
    const folder = workDir();
    folder.write('run/verify.json', '{}');
    expect(await faultOf(() => openRunDirectory('run', { cwd: folder.path }))).toMatchObject({
      code: 'run-dir',
      hint: expect.stringContaining('import-tokens verify --resume'),
    });
  });
});
