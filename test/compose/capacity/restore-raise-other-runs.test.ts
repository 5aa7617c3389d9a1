import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unrestoredFolders } from '../../../src/compose/capacity/restore-raise.ts';
import { workDir } from '../../support/work-dir.ts';

test('unrestored capacity is found next to the run, in the default folder, and in the working directory', async () => {
  const dir = workDir();
  const unrestored = ['import-tokens-runs/2026', 'night', 'runs/one'];
  for (const folder of unrestored) dir.write(`${folder}/capacity.json`, '{}');
  dir.write('restored/checkpoint.json', '{}');
  const places = (folders: readonly string[]) => folders.map((folder) => join(dir.path, folder));
  expect(await unrestoredFolders('runs/two', { cwd: dir.path })).toEqual(places(unrestored));
  expect(await unrestoredFolders(undefined, { cwd: dir.path })).toEqual(places(unrestored.slice(0, 2)));
  expect(await unrestoredFolders(null, { cwd: join(dir.path, 'restored') })).toEqual([]);
});

test('a place that is named in two ways is looked at once', async () => {
  const dir = workDir();
  dir.write('runs/one/capacity.json', '{}');
  symlinkSync('runs', join(dir.path, 'link'));
  expect(await unrestoredFolders(join(dir.path, 'link/two'), { cwd: join(dir.path, 'runs') })).toEqual([
    join(dir.path, 'runs/one'),
  ]);
});
