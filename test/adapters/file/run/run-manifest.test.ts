import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type RunManifest, readManifest, writeManifest } from '../../../../src/adapters/file/run/run-manifest.ts';
import { workDir } from '../../../support/work-dir.ts';
import { faultOf } from '../../packing/collect.ts';

const manifest: RunManifest = {
  version: 1,
  runId: '2026-11-24T08-12-42Z',
  createdAt: '2026-11-24T08:12:42.000Z',
  options: { table: 'tokens', rename: { id: 'token' }, maxRows: null },
  argv: ['tokens.csv', '--wps', '20000'],
  source: [
    { name: 'tokens.csv', path: '/data/tokens.csv', storedBytes: 1200, mtimeMs: 1.5 },
    { name: 'standard input' },
    { name: 's3://dumps/a', path: 's3://dumps/a', storedBytes: 2, mtimeMs: 1, etag: '"0f"', versionId: 'x' },
  ],
  columns: ['id', 'scope'],
};

test('a manifest is read back as it was written, for its owner only', async () => {
  const { path } = workDir();
  expect(await readManifest(path)).toBeUndefined();
  await writeManifest(path, manifest);
  expect(await readManifest(path)).toEqual(manifest);
  expect(statSync(join(path, 'manifest.json')).mode & 0o777).toBe(0o600);
});

test('a second manifest is refused and changes nothing', async () => {
  const { path } = workDir();
  await writeManifest(path, manifest);
  const fault = await faultOf(() => writeManifest(path, { ...manifest, runId: 'another' }));
  expect(fault).toMatchObject({ code: 'run-dir', hint: expect.stringContaining(`--resume ${path}`) });
  expect(await readManifest(path)).toEqual(manifest);
});

test.each([
  ['no JSON', '{'],
  ['a list', '[]'],
  ['another version of itself', JSON.stringify({ ...manifest, version: 0 })],
  ['a source without names', JSON.stringify({ ...manifest, source: [{ path: '/data/tokens.csv' }] })],
  ['a source that is text', JSON.stringify({ ...manifest, source: ['tokens.csv'] })],
  ['a negative size', JSON.stringify({ ...manifest, source: [{ name: 'a', storedBytes: -1 }] })],
  ['an ETag that is no text', JSON.stringify({ ...manifest, source: [{ name: 'a', etag: 1 }] })],
  ['columns that are no names', JSON.stringify({ ...manifest, columns: [1] })],
  ['no options', JSON.stringify({ ...manifest, options: null })],
])('a manifest that holds %s is refused as damaged', async (_what, text) => {
  const folder = workDir();
  folder.write('manifest.json', text);
  const fault = await faultOf(() => readManifest(folder.path));
  expect(fault).toMatchObject({ code: 'run-dir', message: expect.stringContaining('manifest.json is damaged') });
});
