import type { RunSample } from '../watch/run-sample.ts';
import type { RunHistory } from './run-history.ts';

type Columns = { readonly [Name in keyof RunSample]: readonly RunSample[Name][] };

/** Samples column by column, which takes a third of the room. */
type StoredHistory = Omit<RunHistory, 'samples'> & { readonly samples: Columns };

const numbers = [
  ...['endMs', 'durationMs', 'writeUnits', 'requestsSent', 'requestsThrottled', 'requestsFailed'],
  ...['unprocessedItems', 'bytesSent', 'cpuMs', 'loopBusyMs', 'inFlight', 'p50Ms', 'p90Ms', 'p99Ms'],
  ...['residentBytes', 'heapBytes'],
] as (keyof RunSample)[];
const names = [...numbers, 'rateLimit', 'bottleneck', 'indexUnits'] as (keyof RunSample)[];

/** The history as the text of a file. */
export function historyText(history: RunHistory): string {
  const { samples, ...rest } = history;
  const columns = Object.fromEntries(names.map((name) => [name, samples.map((sample) => rounded(sample[name]))]));
  return `${JSON.stringify({ ...rest, samples: columns })}\n`;
}

/** Whether a file holds a history, written by this version. */
export function isStoredHistory(value: Readonly<Record<string, unknown>>): value is StoredHistory & typeof value {
  const { runId, facts, prices, processes, notes, stretchMs, samples } = value;
  if (typeof runId !== 'string' || typeof stretchMs !== 'number' || !isObject(facts)) return false;
  if (!isObject(prices) || typeof prices['usdPerMillionUnits'] !== 'number') return false;
  if (!Array.isArray(processes) || !Array.isArray(notes) || !isObject(samples)) return false;
  const count = (samples['endMs'] as unknown[] | undefined)?.length;
  return names.every((name) => {
    const column = samples[name];
    if (!Array.isArray(column) || column.length !== count) return false;
    return !numbers.includes(name) || column.every((figure) => Number.isFinite(figure));
  });
}

export function historyOf({ samples, ...rest }: StoredHistory): RunHistory {
  const rows = samples.endMs.map((_, i) => Object.fromEntries(names.map((name) => [name, samples[name][i]])));
  return { ...rest, samples: rows as unknown as readonly RunSample[] };
}

function rounded(value: RunSample[keyof RunSample]): unknown {
  return typeof value === 'number' ? Number(value.toFixed(2)) : value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
