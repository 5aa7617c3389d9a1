import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { expect, test } from 'vitest';
import { type WorkDir, workDir } from '../support/work-dir.ts';
import { sampleChunks } from './sample-rows.ts';

/** The command as one file in the folder, so that the build of another test cannot interfere. */
function bundledIn(dir: WorkDir): string {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('./sample.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    write: false,
  });
  return dir.write('sample.mjs', outputFiles[0]!.contents);
}

const expected = [...sampleChunks({ rows: 12_345, seed: 4, repeatedShare: 0.05 })].join('');

test('the sample goes to standard output, or to a file', async () => {
  const dir = workDir();
  const script = bundledIn(dir);
  const args = ['--rows', '12345', '--seed', '4', '--repeat-keys', '5%'];
  const piped = await dir.run(args, { script });
  expect([piped.status, piped.stderr]).toEqual([0, '']);
  expect(piped.stdout === expected).toBe(true);

  expect(await dir.run([...args, '--out', 'tokens.csv'], { script })).toMatchObject({ status: 0, stdout: '' });
  expect(dir.read('tokens.csv') === expected).toBe(true);
});

test.each([
  [['--rows', 'many'], '--rows needs a whole number'],
  [['--rows', '-5'], "'--rows' argument is ambiguous"],
  [['--seed', '1.5'], '--seed needs a whole number'],
  [['--repeat-keys', '101%'], '--repeat-keys needs a percentage'],
  [['--lines', '5'], "Unknown option '--lines'"],
])('%j is refused with the usage, and nothing is written', async (args, message) => {
  const dir = workDir();
  const result = await dir.run(args, { script: bundledIn(dir) });
  expect(result).toMatchObject({ status: 2, stdout: '' });
  expect(result.stderr).toContain(message);
  expect(result.stderr).toContain('Usage: npm run');
});

test('a sample that cannot be written is a failure', async () => {
  const dir = workDir();
  const result = await dir.run(['--rows', '5', '--out', 'missing/tokens.csv'], { script: bundledIn(dir) });
  expect(result.status).toBe(1);
  expect(result.stderr).toContain('ENOENT');
});

test('a reader that closes the pipe ends it quietly', async () => {
  const dir = workDir();
  const running = dir.spawn(['--rows', '3000000'], { script: bundledIn(dir), stdin: '' });
  await running.until('token,user_id');
  running.child.stdout.destroy();
  expect(await running.ended).toMatchObject({ status: 0, stderr: '' });
});
