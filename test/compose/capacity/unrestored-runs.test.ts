import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { foldersOwing } from '../../../src/compose/capacity/unrestored-runs.ts';
import { workDir } from '../../support/work-dir.ts';

test('what is owed is looked for beside the run, where runs are by default, and where the command is given', async () => {
  const dir = workDir();
  const owing = ['import-tokens-runs/2026', 'night', 'runs/one'];
  for (const folder of owing) dir.write(`${folder}/capacity.json`, '{}');
  dir.write('settled/checkpoint.json', '{}');
  const places = (folders: readonly string[]) => folders.map((folder) => join(dir.path, folder));
  expect(await foldersOwing('runs/two', { cwd: dir.path })).toEqual(places(owing));
  expect(await foldersOwing(undefined, { cwd: dir.path })).toEqual(places(owing.slice(0, 2)));
  expect(await foldersOwing(null, { cwd: join(dir.path, 'settled') })).toEqual([]);
});

test('a place that is named in two ways is looked at once', async () => {
  const dir = workDir();
  dir.write('runs/one/capacity.json', '{}');
  symlinkSync('runs', join(dir.path, 'link'));
  expect(await foldersOwing(join(dir.path, 'link/two'), { cwd: join(dir.path, 'runs') })).toEqual([
    join(dir.path, 'runs/one'),
  ]);
});
