import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { planted } from './support/planted.ts';
import { workDir } from './support/work-dir.ts';
import { writeRows } from './support/write-rows.ts';

const rowCount = 5_000_000;
const heapLimitMb = 96;
/** The lines of one file, 128 MB, three times over. */
const residentLimitMb = 384;

test.runIf(process.env['IMPORT_TOKENS_THOROUGH'] === '1')(
  'converting 5 million rows takes the memory of one file',
  { timeout: 600_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'import-tokens-memory-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const source = join(folder, 'tokens.csv');
    const tail = '1000042,2026-01-31 12:26:40,2027-01-31 12:26:40,read:profile write:profile,active';
    const tokenOf = (row: number) => `${planted}_${(row % 4_900_000).toString(16).padStart(36, '0')}`;
    writeRows(source, 'token,user_id,created_at,expires_at,scope,status', rowCount, (row) => `${tokenOf(row)},${tail}`);
    const dir = workDir({ planted: [planted] });
    const peak = `process.on('exit', () => require('node:fs').writeFileSync('peak', String(process.resourceUsage().maxRSS)));`;
    const result = await dir.run(
      [
        ...['convert', source, '--key', 'token', '--types', 'user_id=N', '--quiet'],
        ...['--to', join(folder, 'items'), '--run-dir', join(folder, 'run'), '--summary', 'summary.json'],
      ],
      { nodeOptions: [`--max-old-space-size=${heapLimitMb}`, '--require', dir.write('peak.cjs', peak)] },
    );
    expect(result, result.stderr).toMatchObject({ status: 0 });
    const { rows, converted } = JSON.parse(dir.read('summary.json'));
    expect(rows).toMatchObject({ read: rowCount, written: 4_900_000, superseded: 100_000, pending: 0 });
    expect(converted.files).toBeGreaterThan(5);
    const peakMb = Number(dir.read('peak')) / 1024;
    console.info(`5 million rows in ${converted.files} files: at most ${peakMb.toFixed(0)} MB resident`);
    expect(peakMb).toBeLessThan(residentLimitMb);
  },
);
