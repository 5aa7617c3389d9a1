import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunSummary } from '../../../src/domain/run-summary.ts';
import { parsePrometheusText } from '../../support/prometheus-text.ts';
import { type WorkDir, workDir } from '../../support/work-dir.ts';
import { tokensCsv } from './dynamo-target.ts';

const rehearsal = ['--repository', 'memory', '--key', 'token', '--settle', '0ms', '--run-dir', 'run'];
/** Goes on until a test writes another rate. */
const slowly = [...rehearsal, '--wps', '25'];

/** Every series of the file by name and label, without the labels that all series of a run have. */
function metricsOf(dir: WorkDir, file: string): Record<string, number> {
  const { runId } = JSON.parse(dir.read('run/manifest.json')) as { runId: string };
  const { table } = summaryOf(dir) ?? {};
  return Object.fromEntries(
    [...parsePrometheusText(dir.read(file)).values()]
      .flatMap(({ series }) => [...series])
      .map(([key, value]) => {
        const [, name, labels] = /^import_tokens_(\w+)(.*)$/.exec(key)!;
        const { run, table: ofTable, ...own } = JSON.parse(labels!) as Record<string, string>;
        expect(run).toBe(runId);
        if (table !== undefined) expect(ofTable).toBe(table);
        const [only] = Object.values(own);
        return [only === undefined ? name! : `${name} ${only}`, value];
      }),
  );
}

function summaryOf(dir: WorkDir): RunSummary | undefined {
  return existsSync(join(dir.path, 'run/summary.json')) ? JSON.parse(dir.read('run/summary.json')) : undefined;
}

test('--metrics-file is there while the import runs, and equals the summary at the end', async () => {
  const dir = workDir();
  dir.write('tokens.csv', `${tokensCsv(4000)}ragged\n`);
  const running = dir.spawn(['tokens.csv', ...slowly, '--skip-rows', '2', '--metrics-file', 'run.prom']);
  await expect.poll(() => existsSync(join(dir.path, 'run.prom')), { timeout: 20_000 }).toBe(true);
  const during = metricsOf(dir, 'run.prom');
  expect(during).not.toHaveProperty('exit_code');
  const written = () => metricsOf(dir, 'run.prom')['rows_total written'];
  await expect.poll(written, { timeout: 20_000 }).toBeGreaterThan(0);
  expect(metricsOf(dir, 'run.prom')).toMatchObject({ rate_limit_write_units: 25 });

  dir.write('run/rate', '100000\n');
  expect(await running.ended).toMatchObject({ status: 5 });
  const summary = summaryOf(dir)!;
  expect(summary.rows).toMatchObject({ read: 4001, rejected: 1, skipped: 2 });
  const { read, pending, ...fates } = summary.rows;
  const { requests, latencyMs } = summary;
  expect(metricsOf(dir, 'run.prom')).toEqual({
    ...Object.fromEntries(Object.entries(fates).map(([fate, rows]) => [`rows_total ${fate}`, rows])),
    rows_read_total: read,
    rows_pending: pending,
    write_units_total: summary.writeUnits,
    rate_write_units: 0,
    rate_limit_write_units: summary.rate.limits!.highest,
    requests_total: requests.sent,
    requests_throttled_total: requests.throttled,
    items_unprocessed_total: requests.unprocessedItems,
    'request_latency_seconds 0.5': latencyMs.p50 / 1000,
    'request_latency_seconds 0.9': latencyMs.p90 / 1000,
    'request_latency_seconds 0.99': latencyMs.p99 / 1000,
    request_latency_seconds_sum: expect.any(Number),
    request_latency_seconds_count: requests.sent,
    requests_in_flight: 0,
    start_time_seconds: during['start_time_seconds'],
    exit_code: 5,
    'outcome completed-with-rejects': 1,
  });
  expect(readdirSync(dir.path).sort()).toEqual(['run', 'run.prom', 'tokens.csv']);
  expect(statSync(join(dir.path, 'run.prom')).mode & 0o777).toBe(0o644 & ~process.umask());
});

test('a resume from another folder keeps the metrics file, and counts the rows of the whole run', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(50));
  const canary = await dir.run(['tokens.csv', ...rehearsal, '--max-rows', '20', '--metrics-file', 'run.prom']);
  expect(canary.status).toBe(0);
  expect(metricsOf(dir, 'run.prom')).toMatchObject({ 'rows_total written': 20, 'outcome completed': 1 });
  rmSync(join(dir.path, 'run.prom'));
  mkdirSync(join(dir.path, 'elsewhere'));

  const resumed = await dir.run(['--resume', '../run', '--max-rows', 'all'], { cwd: join(dir.path, 'elsewhere') });
  expect(resumed.status).toBe(0);
  expect(metricsOf(dir, 'run.prom')).toMatchObject({ 'rows_total written': 50, rows_read_total: 50 });
  expect(readdirSync(join(dir.path, 'elsewhere'))).toEqual([]);
});

test('a metrics file in no folder is refused; one whose folder goes away is one warning', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(500));
  const none = await dir.run(['tokens.csv', ...rehearsal, '--metrics-file', 'none/run.prom']);
  expect(none).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('run.prom cannot be written: no such folder'),
  });
  expect(existsSync(join(dir.path, 'run'))).toBe(false);

  mkdirSync(join(dir.path, 'lost'));
  const running = dir.spawn(['tokens.csv', ...slowly, '--metrics-file', 'lost/run.prom']);
  await expect.poll(() => existsSync(join(dir.path, 'lost/run.prom')), { timeout: 20_000 }).toBe(true);
  rmSync(join(dir.path, 'lost'), { recursive: true });
  dir.write('run/rate', '100000\n');
  const { status, stderr } = await running.ended;
  expect(status).toBe(0);
  expect(stderr.match(/cannot write the metrics; the import continues: /g)).toHaveLength(1);
});

test('a run that is stopped has its outcome and exit code in the metrics file', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(4000));
  const running = dir.spawn(['tokens.csv', ...slowly, '--metrics-file', 'run.prom']);
  await expect.poll(() => existsSync(join(dir.path, 'run.prom')), { timeout: 20_000 }).toBe(true);
  running.child.kill('SIGTERM');
  expect(await running.ended).toMatchObject({ status: 143 });
  const { rows } = summaryOf(dir)!;
  expect(metricsOf(dir, 'run.prom')).toMatchObject({
    'rows_total written': rows.written,
    rows_read_total: rows.read,
    rows_pending: rows.pending,
    exit_code: 143,
    'outcome interrupted': 1,
  });
});
