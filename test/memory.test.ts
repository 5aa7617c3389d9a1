import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startPlainServerProcess } from './support/plain-server-process.ts';
import { planted } from './support/planted.ts';
import { workDir } from './support/work-dir.ts';

const rowCount = 5_000_000;
const [firstAt, lastAt] = [1_000_000, 5_000_000];
/** Medians are compared, over so many rows up to a place: a single moment may lie just before or behind a collection. */
const windowRows = 500_000;
const heapLimitMb = 96;

const tail = '1000042,2026-01-31 12:26:40,2027-01-31 12:26:40,read:profile write:profile,active';
const tokenOf = (row: number) => `${planted}_${row.toString(16).padStart(36, '0')}`;

/** Rows of about 120 bytes, and what becomes of them. */
const sources = [
  { title: 'rows of keys of their own', line: (row: number) => `${tokenOf(row)},${tail}\n`, status: 0 },
  { title: 'rejects only', line: (row: number) => `${tokenOf(row)},n${tail}\n`, status: 5 },
  { title: 'one hot key', line: () => `${tokenOf(0)},${tail}\n`, status: 0 },
];

describe.runIf(process.env['IMPORT_TOKENS_THOROUGH'] === '1')('5 million rows', () => {
  test.each(sources)(
    '$title: resident and external memory at 1 and at 5 million rows are within 10 %',
    { timeout: 600_000 },
    async ({ title, line, status }) => {
      const folder = mkdtempSync(join(tmpdir(), 'import-tokens-memory-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const source = join(folder, 'tokens.csv');
      writeRows(source, line);
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
          ...['--endpoint-url', server.url, '--wps', '10000000', '--max-rejects', '-1', '--quiet'],
        ],
        {
          nodeOptions: [`--max-old-space-size=${heapLimitMb}`, '--require', dir.write('sampler.cjs', sampler(source))],
        },
      );
      expect(result).toMatchObject({ status });
      const { rows } = JSON.parse(dir.read('summary.json'));
      expect(rows).toMatchObject({ read: rowCount, pending: 0 });

      const samples = readSamples(dir.read('memory.jsonl'), statSync(source).size);
      const [early, late] = [medianAt(samples, firstAt), medianAt(samples, lastAt)];
      console.info(`${title}: ${mb(early)} MB at 1 million rows, ${mb(late)} MB at 5 million`);
      expect(late / early).toBeLessThan(1.1);
    },
  );
});

type Sample = { readonly row: number; readonly bytes: number };

/** Notes ten times a second how far the source is read, and what the process holds. */
function sampler(source: string): string {
  return `
    const fs = require('node:fs');
    const file = fs.openSync('memory.jsonl', 'w');
    let sourceFd;
    setInterval(() => {
      sourceFd ??= fs.readdirSync('/proc/self/fd').find((fd) => {
        try { return fs.readlinkSync('/proc/self/fd/' + fd) === ${JSON.stringify(source)}; } catch { return false; }
      });
      let position;
      try { position = Number(/pos:\\s+(\\d+)/.exec(fs.readFileSync('/proc/self/fdinfo/' + sourceFd, 'utf8'))[1]); }
      catch { sourceFd = undefined; return; }
      const { rss, external, heapUsed } = process.memoryUsage();
      fs.writeSync(file, JSON.stringify({ position, rss, external, heapUsed }) + '\\n');
    }, 100).unref();
  `;
}

function readSamples(text: string, sourceBytes: number): Sample[] {
  const lines = text.trimEnd().split('\n');
  return lines.map((line) => {
    const { position, rss, external } = JSON.parse(line);
    return { row: (position / sourceBytes) * rowCount, bytes: rss + external };
  });
}

function medianAt(samples: readonly Sample[], row: number): number {
  const within = samples.filter((sample) => sample.row > row - windowRows && sample.row <= row);
  expect(within.length).toBeGreaterThan(4);
  return within.map(({ bytes }) => bytes).sort((a, b) => a - b)[within.length >> 1]!;
}

function mb(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

function writeRows(path: string, lineOf: (row: number) => string): void {
  const file = openSync(path, 'w');
  writeSync(file, 'token,user_id,created_at,expires_at,scope,status\n');
  for (let row = 0; row < rowCount; ) {
    let chunk = '';
    for (const end = row + 10_000; row < end; row++) chunk += lineOf(row);
    writeSync(file, chunk);
  }
  closeSync(file);
}
