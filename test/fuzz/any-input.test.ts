import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../support/seeded-random.ts';
import { type WorkDir, workDir } from '../support/work-dir.ts';
import { anyInput, readSamples } from './fixtures/any-input.ts';

const thorough = process.env['IMPORT_TOKENS_THOROUGH'] === '1';
/** Set `IMPORT_TOKENS_SEED` to begin with the input that failed. */
const seed = Number(process.env['IMPORT_TOKENS_SEED'] ?? (thorough ? Math.floor(Math.random() * 1e9) : 1));
const seconds = Number(process.env['IMPORT_TOKENS_FUZZ_SECONDS'] ?? (thorough ? 60 : 2));
const runs = thorough ? 60 : 3;
const silenceMs = 20_000;
/** Run as a script, because these sources hold no planted value to search for. */
const binary = fileURLToPath(new URL('../../bin/import-tokens.js', import.meta.url));
const samples = fileURLToPath(new URL('../fixtures/mysql', import.meta.url));

describe(`any input (seed ${seed})`, () => {
  test(`ends in rows, rejects or a refusal for ${seconds} s, split anywhere, in flat memory`, {
    timeout: (seconds + 60) * 1000,
  }, async () => {
    const dir = workDir();
    const { status, lastLine, stderr } = await readAny(dir);
    expect(stderr).toBe('');
    expect({ status, lastLine }).toMatchObject({ status: 0, lastLine: expect.stringContaining('refusals') });
    const ends = JSON.parse(lastLine) as { rows: number; rejects: number; refusals: number; grownMiB: number };
    console.log(ends);
    expect(Math.min(ends.rows, ends.rejects, ends.refusals)).toBeGreaterThan(0);
    expect(ends.grownMiB).toBeLessThan(16);
  });

  test(`ends the command with a documented exit code, ${runs} times`, { timeout: runs * 2000 + 20_000 }, async () => {
    const held = readSamples(samples);
    for (let next = seed; next < seed + runs; next++) {
      const dir = workDir();
      const { bytes, sql } = anyInput(seededRandom(next), held);
      dir.write('dump.txt', bytes);
      if (sql !== undefined) dir.write('dump.sql', sql);
      const run = await dir.run(['dump.txt', '--repository', 'memory', '--latency', '0ms', '--run-dir', 'run'], {
        script: binary,
      });
      // 2 is for bytes that can be read in two ways; the message names the flag that decides.
      expect([0, 2, 3, 4, 5], `seed ${next}: ${run.stderr}`).toContain(run.status);
      if (run.status === 2) expect(run.stderr, `seed ${next}`).toMatch(/^hint: .*--/m);
      expect(run.stderr, `seed ${next}`).not.toMatch(/^ +at /m);
    }
  });
});

/** Runs until the process ends, or is silent for so long that its last input must hang. */
function readAny(dir: WorkDir): Promise<{ status: number | null; lastLine: string; stderr: string }> {
  const script = join(dir.path, 'read-any.mjs');
  const entry = fileURLToPath(new URL('fixtures/read-any.ts', import.meta.url));
  buildSync({
    ...{ entryPoints: [entry], outfile: script, bundle: true, platform: 'node', format: 'esm', logLevel: 'warning' },
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  const args = ['--expose-gc', script, String(seed), String(seconds), dir.path, samples];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let tail = '';
  let stderr = '';
  const hangs = () => {
    stderr += `seed ${tail.trim().split('\n').at(-1)}: hangs\n`;
    child.kill('SIGKILL');
  };
  let silence = setTimeout(hangs, silenceMs);
  child.stdout.on('data', (chunk: Buffer) => {
    tail = (tail + chunk).slice(-400);
    clearTimeout(silence);
    silence = setTimeout(hangs, silenceMs);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  return new Promise((resolve) => {
    child.on('close', (status) => {
      clearTimeout(silence);
      resolve({ status, lastLine: tail.trim().split('\n').at(-1)!, stderr });
    });
  });
}
