import type { CapacityEnding, Outcome } from '../../domain/run-summary.ts';
import type { RunFigures } from './run-context.ts';
import type { RunCounted } from './run-stats.ts';

/** A run as its metrics name it. */
type MeteredRun = {
  readonly runId: string;
  readonly table: string;
  /** When its last process began, in ms since 1970. */
  readonly startedMs: number;
};

/** How a run stands, or how it ended. */
export type RunMetrics = {
  readonly run: MeteredRun;
  readonly figures: RunFigures;
  readonly counted: RunCounted;
  /** Parts whose capacity is raised and not restored; the table itself has no `index`. */
  readonly raised: CapacityEnding['raised'];
  /** Absent while the run goes on. */
  readonly end?: RunEnd | undefined;
};

export type RunEnd = { readonly outcome: Outcome; readonly exitCode: number };

type Series = { readonly suffix?: string; readonly labels?: Labels; readonly value: number | undefined };
type Labels = Readonly<Record<string, string>>;

/**
 * The figures in the text format of Prometheus, version 0.0.4. Rows count from the start of the import, all other counters
 * from the start of the process. A gauge whose value is not known is left out.
 */
export function metricsText({ run, figures, counted, raised, end }: RunMetrics): string {
  const labels = { run: run.runId, table: run.table };
  const { read, pending, ...fates } = figures.rows;
  const family = (name: string, type: 'counter' | 'gauge' | 'summary', help: string, series: readonly Series[]) =>
    familyText(`import_tokens_${name}`, type, help, labels, series);
  const counter = (name: string, help: string, value: number) => family(name, 'counter', help, [{ value }]);
  const gauge = (name: string, help: string, value: number | undefined) => family(name, 'gauge', help, [{ value }]);
  return [
    family('rows_total', 'counter', 'Rows of the whole run that are done, by fate.', seriesBy('fate', fates)),
    counter('rows_read_total', 'Rows of the whole run that were read.', read),
    gauge('rows_pending', 'Rows that were read and are not done.', pending),
    counter('write_units_total', 'Write units that this process consumed.', counted.writeUnits),
    gauge(
      'rate_write_units',
      'Write units consumed per second, over the last seconds.',
      end === undefined ? figures.writeUnitsPerSecond : 0,
    ),
    gauge('rate_limit_write_units', 'Write units per second that are never exceeded.', figures.rateLimit ?? undefined),
    counter('requests_total', 'Requests that this process sent.', counted.requestsSent),
    counter('requests_throttled_total', 'Requests that the table throttled.', counted.requestsThrottled),
    counter('items_unprocessed_total', 'Items that the table handed back.', counted.unprocessedItems),
    family('request_latency_seconds', 'summary', 'Latency of accepted requests.', latencySeries(counted)),
    gauge('requests_in_flight', 'Requests that have no answer yet.', figures.inFlight),
    gauge('eta_seconds', 'Time until the run ends.', end === undefined ? figures.etaSeconds : undefined),
    family(
      'raised_capacity_write_units',
      'gauge',
      'Write units per second of a part whose capacity is still raised; the table itself has an empty index.',
      raised.map(({ index = '', raised: value }) => ({ labels: { index }, value })),
    ),
    gauge('start_time_seconds', 'Unix time when this process began.', run.startedMs / 1000),
    gauge('exit_code', 'Exit code of the import, once it has ended.', end?.exitCode),
    family(
      'outcome',
      'gauge',
      'How the import ended, as a label.',
      end === undefined ? [] : [{ labels: { outcome: end.outcome }, value: 1 }],
    ),
  ].join('');
}

function seriesBy(label: string, values: Readonly<Record<string, number>>): Series[] {
  return Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));
}

/** Quantiles are NaN until a request was accepted, as the format has it. */
function latencySeries({ latencyMs, latencySumMs, ...counted }: RunCounted): Series[] {
  const accepted = counted.requestsSent - counted.requestsThrottled - counted.requestsFailed;
  const quantiles = { '0.5': latencyMs.p50, '0.9': latencyMs.p90, '0.99': latencyMs.p99 };
  return [
    ...Object.entries(quantiles).map(([quantile, ms]) => ({
      labels: { quantile },
      value: accepted === 0 ? Number.NaN : ms / 1000,
    })),
    { suffix: '_sum', value: latencySumMs / 1000 },
    { suffix: '_count', value: accepted },
  ];
}

function familyText(name: string, type: string, help: string, common: Labels, series: readonly Series[]): string {
  const lines = series
    .filter(({ value }) => value !== undefined)
    .map(({ suffix = '', labels, value }) => `${name}${suffix}${labelsText({ ...common, ...labels })} ${value}\n`);
  return lines.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function labelsText(labels: Labels): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
