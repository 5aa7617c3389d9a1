import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RaiseFile } from '../../../src/adapters/file/run/run-stores.ts';
import { keepMetrics } from '../../../src/compose/run/record-run.ts';
import { countRun } from '../../../src/report/watch/run-stats.ts';
import { figuresWith } from '../../report/facts.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { parsePrometheusText } from '../../support/prometheus-text.ts';
import { workDir } from '../../support/work-dir.ts';

const run = { runId: 'run-1', table: 'tokens', startedMs: 0 };
const completed = { outcome: 'completed', exitCode: 0 } as const;

/** A run whose rows a test sets, with the warnings so far. */
function metered(name = 'run.prom') {
  const dir = workDir();
  const clock = new FakeClock();
  const path = join(dir.path, name);
  const warned: string[] = [];
  const state = { inFlight: 1 };
  const file = keepMetrics(
    path,
    dir.path,
    () => ({ run, figures: figuresWith({ inFlight: state.inFlight }), counted: countRun().counted() }),
    clock,
    (message) => warned.push(message),
  );
  const inFlight = () => {
    const family = parsePrometheusText(dir.read(name)).get('import_tokens_requests_in_flight')!;
    return [...family.series.values()];
  };
  return { dir, clock, warned, state, file, inFlight };
}

test('the file is there at the end, complete, and nothing else is', async () => {
  const { dir, clock, state, file, inFlight, warned } = metered();
  state.inFlight = 0;
  await file.finish(completed);
  expect(inFlight()).toEqual([0]);
  expect(dir.read('run.prom')).toContain('import_tokens_exit_code{run="run-1",table="tokens"} 0\n');
  expect(readdirSync(dir.path)).toEqual(['run.prom']);
  expect(clock.pendingTimers).toBe(0);
  expect(warned).toEqual([]);
});

test('it is written again every 5 s', async () => {
  const { clock, state, inFlight, file } = metered();
  await expect.poll(inFlight).toEqual([1]);
  state.inFlight = 2;
  await clock.advance(4999);
  expect(inFlight()).toEqual([1]);
  await clock.advance(1);
  await expect.poll(inFlight).toEqual([2]);
  file.close();
  expect(clock.pendingTimers).toBe(0);
});

test('a file that cannot be written is one warning, and is written once it can be', async () => {
  const { dir, clock, warned, file } = metered('there/run.prom');
  await clock.advance(15_000);
  await expect.poll(() => warned).toEqual([expect.stringMatching(/^cannot write the metrics; the import continues: /)]);
  mkdirSync(join(dir.path, 'there'));
  await file.finish(completed);
  expect(dir.read('there/run.prom')).toContain('import_tokens_exit_code');
  expect(warned).toHaveLength(1);
});

test('what the run directory records as raised is told until it is restored', async () => {
  const { dir, file } = metered();
  const store = new RaiseFile(dir.path);
  await store.save({
    ...{ tableName: 'tokens', tableArn: 'arn', region: 'eu-west-1', endpointUrl: undefined },
    since: '2026-01-31T02:00:00.000Z',
    parts: [{ index: 'by-user', beforeWriteUnits: 20, raisedWriteUnits: 1000 }],
    scaling: [],
    undoCommand: 'aws dynamodb update-table',
  });
  await file.finish(completed);
  const series = 'import_tokens_raised_capacity_write_units{run="run-1",table="tokens",index="by-user"} 1000\n';
  expect(dir.read('run.prom')).toContain(series);
  await store.clear();
  await file.finish(completed);
  expect(dir.read('run.prom')).not.toContain('raised_capacity');
});
