import { describe, expect, test } from 'vitest';
import { metricsText, type RunMetrics } from '../../../src/report/watch/metrics-text.ts';
import { countRun } from '../../../src/report/watch/run-stats.ts';
import { parsePrometheusText } from '../../support/prometheus-text.ts';
import { accepted, figuresWith, rejectedOn, secret } from '../facts.ts';

const run = { runId: 'run-1', table: 'tokens', startedMs: Date.UTC(2026, 0, 31, 2) };

function metricsWith(change: Partial<RunMetrics> = {}): RunMetrics {
  const stats = countRun();
  stats.on(accepted(25, { latencyMs: 4 }));
  stats.on(accepted(25, { latencyMs: 8, unprocessed: 5 }));
  stats.on({ kind: 'batch-throttled', tokens: 25, permits: 25, reason: 'table', latencyMs: 1 });
  stats.on({ kind: 'attempt-failed', tokens: 25, permits: 25, reason: 'reset', attempt: 1, delayMs: 50 });
  return { run, figures: figuresWith(), counted: stats.counted(), raised: [], ...change };
}

/** Every series by its name and its labels other than those that all have. */
function seriesOf(metrics: RunMetrics): Record<string, number> {
  const families = parsePrometheusText(metricsText(metrics));
  const common = `"run":${JSON.stringify(metrics.run.runId)},"table":${JSON.stringify(metrics.run.table)}`;
  return Object.fromEntries(
    [...families.values()]
      .flatMap(({ series }) => [...series])
      .map(([key, value]) => {
        expect(key).toContain(common);
        return [key.replace(common, '').replace(',}', '}').replace('{}', ''), value];
      }),
  );
}

test('a run that goes on has its rows, rate, requests, latencies and time left', () => {
  expect(seriesOf(metricsWith())).toEqual({
    'import_tokens_rows_total{"fate":"written"}': 475,
    'import_tokens_rows_total{"fate":"superseded"}': 25,
    'import_tokens_rows_total{"fate":"kept"}': 0,
    'import_tokens_rows_total{"fate":"deleted"}': 0,
    'import_tokens_rows_total{"fate":"rejected"}': 0,
    'import_tokens_rows_total{"fate":"skipped"}': 0,
    import_tokens_rows_read_total: 520,
    import_tokens_rows_pending: 20,
    import_tokens_write_units_total: 50,
    import_tokens_rate_write_units: 19_990,
    import_tokens_rate_limit_write_units: 20_000,
    import_tokens_requests_total: 4,
    import_tokens_requests_throttled_total: 1,
    import_tokens_items_unprocessed_total: 5,
    'import_tokens_request_latency_seconds{"quantile":"0.5"}': expect.closeTo(0.004, 4),
    'import_tokens_request_latency_seconds{"quantile":"0.9"}': expect.closeTo(0.008, 4),
    'import_tokens_request_latency_seconds{"quantile":"0.99"}': expect.closeTo(0.008, 4),
    import_tokens_request_latency_seconds_sum: 0.012,
    import_tokens_request_latency_seconds_count: 2,
    import_tokens_requests_in_flight: 12,
    import_tokens_eta_seconds: 3,
    import_tokens_start_time_seconds: Date.UTC(2026, 0, 31, 2) / 1000,
  });
});

test('a run that has ended has its outcome and exit code, no time left and no rate', () => {
  const ended = seriesOf(metricsWith({ end: { outcome: 'too-many-rejects', exitCode: 3 } }));
  expect(ended).toMatchObject({
    import_tokens_exit_code: 3,
    'import_tokens_outcome{"outcome":"too-many-rejects"}': 1,
    import_tokens_rate_write_units: 0,
  });
  expect(ended).not.toHaveProperty('import_tokens_eta_seconds');
});

test('what is not known is left out, and quantiles of nothing are not a number', () => {
  const figures = figuresWith({ etaSeconds: undefined, rateLimit: null, writeUnitsPerSecond: undefined });
  const series = seriesOf(metricsWith({ figures, counted: countRun().counted() }));
  for (const name of ['eta_seconds', 'rate_limit_write_units', 'rate_write_units', 'exit_code', 'outcome']) {
    expect(series).not.toHaveProperty(`import_tokens_${name}`);
  }
  expect(series).toMatchObject({
    'import_tokens_request_latency_seconds{"quantile":"0.99"}': Number.NaN,
    import_tokens_request_latency_seconds_count: 0,
  });
});

test('each part that is still raised has its write units', () => {
  const raised = [
    { before: 20, raised: 25_000 },
    { index: 'by-user', before: 20, raised: 30_000 },
  ];
  const families = parsePrometheusText(metricsText(metricsWith({ raised })));
  expect([...families.get('import_tokens_raised_capacity_write_units')!.series]).toEqual([
    ['import_tokens_raised_capacity_write_units{"index":"","run":"run-1","table":"tokens"}', 25_000],
    ['import_tokens_raised_capacity_write_units{"index":"by-user","run":"run-1","table":"tokens"}', 30_000],
  ]);
});

test('each metric has its prefix, a type and a help text that is a sentence', () => {
  const end = { outcome: 'completed', exitCode: 0 } as const;
  const raised = [{ before: 20, raised: 25_000 }];
  const families = parsePrometheusText(metricsText(metricsWith({ raised, end })));
  expect(families.size).toBe(15);
  for (const [name, { help }] of families) {
    expect(name).toMatch(/^import_tokens_[a-z_]+$/);
    expect(help).toMatch(/^[A-Z].*\.$/);
  }
  expect(families.get('import_tokens_request_latency_seconds')!.type).toBe('summary');
});

test('a name with quotes, backslashes and line breaks is escaped', () => {
  const table = 'a"b\\n\nc\\';
  expect(seriesOf(metricsWith({ run: { ...run, table } }))).toHaveProperty('import_tokens_rows_read_total', 520);
});

test('no field of a row gets in', () => {
  const stats = countRun(['tokens.csv']);
  stats.on(rejectedOn(7));
  const counted = stats.counted();
  const figures = figuresWith({ rejects: counted.rejects, advice: secret });
  expect(metricsText(metricsWith({ figures, counted }))).not.toContain(secret);
});

describe('the parser of these tests', () => {
  const head = '# HELP a A.\n# TYPE a gauge\n';
  test.each([
    ['no end of the last line', `${head}a 1`, 'the last line does not end'],
    ['a series without TYPE', 'a 1\n', 'no TYPE before'],
    ['TYPE before HELP', '# TYPE a gauge\n# HELP a A.\na 1\n', 'no HELP before'],
    ['a family in two places', `${head}a 1\n${head}a{b="c"} 1\n`, 'a comes twice'],
    ['the same series twice', `${head}a{b="c",d="e"} 1\na{d="e",b="c"} 2\n`, 'comes twice'],
    ['the same label twice', `${head}a{b="c",b="d"} 1\n`, 'label b comes twice'],
    ['a quote that is not escaped', `${head}a{b="c"d"} 1\n`, 'expected'],
    ['an escape that does not exist', `${head}a{b="\\t"} 1\n`, 'expected'],
    ['a value that is not a number', `${head}a undefined\n`, 'expected'],
    ['a series of another family', `${head}b 1\n`, 'b is not of a'],
    ['a family without series', head, 'a has no series'],
    ['a counter without its suffix', '# HELP a A.\n# TYPE a counter\na 1\n', 'only counters end with _total'],
  ])('refuses %s', (_, text, message) => {
    expect(() => parsePrometheusText(text)).toThrow(message);
  });
});
