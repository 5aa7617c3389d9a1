import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startPlainServerProcess } from './support/plain-server-process.ts';
import { planted } from './support/planted.ts';
import { workDir } from './support/work-dir.ts';
import { writeRows } from './support/write-rows.ts';

const rowCount = 2_000_000;
const mostResidentMb = 190;
const lookEveryMs = 50;

describe.runIf(process.env['IMPORT_TOKENS_BINARY'] !== undefined)('a single executable', () => {
  test('stays under 190 MB resident over 2 million rows', { timeout: 300_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'import-tokens-memory-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const source = join(folder, 'tokens.csv');
    const tail = '1000042,2026-01-31 12:26:40,2027-01-31 12:26:40,read:profile write:profile,active';
    writeRows(source, 'token,user_id,created_at,expires_at,scope,status', rowCount, (row) => {
      return `${planted}_${row.toString(16).padStart(36, '0')},${tail}`;
    });
    const server = await startPlainServerProcess({
      ...{ name: 'tokens', key: [{ name: 'token', type: 'S' }], discard: true },
    });
    onTestFinished(() => server.stop());
    const dir = workDir({ planted: [planted] });
    const target = ['--yes', '--endpoint-url', server.url, '--wps', '10000000', '--quiet'];
    const run = dir.spawn([source, ...target, '--run-dir', join(folder, 'run')], { stdin: '' });
    let peakMb = 0;
    const look = setInterval(() => {
      peakMb = Math.max(peakMb, residentPeakMb(run.child.pid!));
    }, lookEveryMs);
    onTestFinished(() => clearInterval(look));
    expect(await run.ended).toMatchObject({ status: 0 });
    console.info(`a single executable: ${peakMb.toFixed(0)} MB`);
    expect(peakMb).toBeGreaterThan(0);
    expect(peakMb).toBeLessThan(mostResidentMb);
  });
});

/** 0 where the process has ended. */
function residentPeakMb(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
