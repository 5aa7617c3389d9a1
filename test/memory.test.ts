import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type MemorySample, mb, memorySampler, readMemorySamples } from './support/memory-samples.ts';
import { startPlainServerProcess } from './support/plain-server-process.ts';
import { planted } from './support/planted.ts';
import { workDir } from './support/work-dir.ts';
import { writeRows } from './support/write-rows.ts';

const rowCount = 5_000_000;
const [firstAt, lastAt] = [1_000_000, 5_000_000];
/** Means over this many rows are compared, because a single moment may be just before or after a collection. */
const windowRows = 500_000;
const heapLimitMb = 96;

const tail = '1000042,2026-01-31 12:26:40,2027-01-31 12:26:40,read:profile write:profile,active';
const tokenOf = (row: number) => `${planted}_${row.toString(16).padStart(36, '0')}`;

/** Rows of about 120 bytes, and how the import ends. */
const sources = [
  { title: 'rows of keys of their own', line: (row: number) => `${tokenOf(row)},${tail}`, status: 0 },
  { title: 'rejects only', line: (row: number) => `${tokenOf(row)},n${tail}`, status: 5 },
  { title: 'one hot key', line: () => `${tokenOf(0)},${tail}`, status: 0 },
];

describe.runIf(process.env['IMPORT_TOKENS_THOROUGH'] === '1')('5 million rows', () => {
  test.each(sources)(
    '$title: resident and external memory at 1 and at 5 million rows are within 10 %',
    { timeout: 600_000 },
    async ({ title, line, status }) => {
      const folder = mkdtempSync(join(tmpdir(), 'import-tokens-memory-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const source = join(folder, 'tokens.csv');
      writeRows(source, 'token,user_id,created_at,expires_at,scope,status', rowCount, line);
      const server = await startPlainServerProcess({
        name: 'tokens',
        key: [{ name: 'token', type: 'S' }],
        discard: true,
      });
      onTestFinished(() => server.stop());
      // The reject files are as large as the source: they go where they are not searched.
      const dir = workDir({ planted: [planted] });
      const result = await dir.run(
        [
          ...[source, '--run-dir', join(folder, 'run'), '--summary', 'summary.json', '--types', 'user_id=N'],
          ...['--yes', '--endpoint-url', server.url, '--wps', '10000000', '--max-rejects', '-1', '--quiet'],
        ],
        {
          nodeOptions: [
            `--max-old-space-size=${heapLimitMb}`,
            '--require',
            dir.write('sampler.cjs', memorySampler(source)),
          ],
        },
      );
      expect(result).toMatchObject({ status });
      const { rows } = JSON.parse(dir.read('summary.json'));
      expect(rows).toMatchObject({ read: rowCount, pending: 0 });

      const samples = readMemorySamples(dir.read('memory.jsonl'), statSync(source).size, rowCount);
      const [early, late] = [meanAt(samples, firstAt), meanAt(samples, lastAt)];
      console.info(`${title}: ${mb(early)} MB at 1 million rows, ${mb(late)} MB at 5 million`);
      expect(late / early).toBeLessThan(1.1);
    },
  );
});

function meanAt(samples: readonly MemorySample[], row: number): number {
  const within = samples.filter((sample) => sample.row > row - windowRows && sample.row <= row);
  expect(within.length).toBeGreaterThan(20);
  return within.reduce((sum, { resident, external }) => sum + resident + external, 0) / within.length;
}
