import type { Prices } from '../../domain/import-estimate.ts';
import type { RejectGroup } from '../../domain/run-summary.ts';
import { countNames } from '../../domain/run-totals.ts';
import type { RunEvent } from '../../ports/run-observer.ts';
import type { Preflight } from '../plan/preflight.ts';
import { mergeSamples, type RunSample } from '../watch/run-context.ts';

/** One process of a run: the first, or one that resumed it. */
type RunProcess = {
  /** In ms since 1970. */
  readonly startedMs: number;
  /** How long the processes before it ran. */
  readonly ranBeforeMs: number;
};

/** Something worth a line in a report, with how long the run had run. */
type RunNote = { readonly ranMs: number; readonly text: string };

/** The history of a run, over all its processes. */
export type RunHistory = {
  readonly version: 1;
  readonly runId: string;
  /** As the last process found it. */
  readonly preflight: Preflight;
  /** In US dollars, as the last process was told them. */
  readonly prices: Prices;
  readonly processes: readonly RunProcess[];
  readonly notes: readonly RunNote[];
  /** Rows rejected, by reason. */
  readonly rejects: readonly RejectGroup[];
  readonly stretchMs: number;
  readonly samples: readonly RunSample[];
};

const mostProcesses = 100;
const mostNotes = 100;

/** What is known of a run when it begins. */
export type RecordedRun = Pick<RunHistory, 'runId' | 'preflight' | 'prices'>;

/** Writes the history of a run: samples in bounded room, processes, and what happened. */
export class HistoryRecorder {
  readonly #run: RecordedRun;
  readonly #samples: SampleHistory;
  readonly #processes: readonly RunProcess[];
  readonly #notes: RunNote[];
  readonly #told = new Set<string>();
  #rejects: readonly RejectGroup[];
  #ranMs: number;

  /** `earlier`: what the processes before this one have left. */
  constructor(run: RecordedRun, startedMs: number, earlier?: RunHistory) {
    this.#run = run;
    this.#samples = new SampleHistory(earlier?.samples, earlier?.stretchMs);
    this.#notes = [...(earlier?.notes ?? [])];
    this.#rejects = earlier?.rejects ?? [];
    this.#ranMs = this.#samples.samples.reduce((sum, { durationMs }) => sum + durationMs, 0);
    const started = { startedMs, ranBeforeMs: this.#ranMs };
    this.#processes = [...(earlier?.processes ?? []), started].slice(-mostProcesses);
    if (earlier !== undefined) this.#note('resumed');
  }

  get history(): RunHistory {
    const { stretchMs, samples } = this.#samples;
    return {
      version: 1,
      ...this.#run,
      processes: this.#processes,
      notes: this.#notes,
      rejects: this.#rejects,
      stretchMs,
      samples,
    };
  }

  addSample(sample: RunSample, rejects: readonly RejectGroup[]): void {
    this.#rejects = rejects;
    this.#ranMs += sample.durationMs;
    this.#samples.add(sample);
  }

  on(event: RunEvent): void {
    switch (event.kind) {
      case 'paused':
        this.#note(`paused: ${event.reason}`);
        break;
      case 'unpaused':
        this.#note('continuing');
        break;
      case 'capacity-changed':
        this.#note(event.text);
        break;
      case 'rate-changed':
        // The table is followed down and up all the time; the curve of the limit shows that.
        if (event.isLimit)
          this.#note(`${event.index === undefined ? 'limit' : `limit of index ${event.index}`}: ${event.reason}`);
        break;
      case 'limit-warning':
        this.#noteOnce(event.message);
        break;
      case 'stopping':
        this.#note(`stopping: ${event.reason}`);
        break;
      case 'batch-throttled':
        this.#noteOnce(`the table throttles: ${event.reason}`);
        break;
      case 'attempt-failed':
        this.#noteOnce(`requests fail: ${event.reason}`);
        break;
      case 'row-rejected':
        this.#noteOnce(`rows are rejected: ${event.row.code}`);
        break;
      default:
        break;
    }
  }

  #noteOnce(text: string): void {
    if (this.#told.has(text) || this.#told.size >= mostNotes) return;
    this.#told.add(text);
    this.#note(text);
  }

  /** A run that is restless to the end keeps how it began, and how it ended. */
  #note(text: string): void {
    this.#notes.push({ ranMs: Math.round(this.#ranMs), text });
    if (this.#notes.length > mostNotes) this.#notes.splice(mostNotes / 2, 1);
  }
}

/** Enough for a curve as wide as a screen, and for every second of ten minutes. */
const mostSamples = 600;

/** Samples of a whole run in bounded room: where it is full, neighbours become one, and each covers twice the time. */
export class SampleHistory {
  readonly #mostSamples: number;
  #samples: RunSample[];
  #stretchMs: number;

  /** `earlier`: what processes before this one have left. */
  constructor(earlier: readonly RunSample[] = [], stretchMs = 1000, most = mostSamples) {
    this.#mostSamples = most;
    this.#samples = [...earlier];
    this.#stretchMs = stretchMs;
    this.#halveIfFull();
  }

  get samples(): readonly RunSample[] {
    return this.#samples;
  }

  /** What one sample covers; a later process has to go on with it. */
  get stretchMs(): number {
    return this.#stretchMs;
  }

  add(sample: RunSample): void {
    const last = this.#samples.at(-1);
    // Timers are late by a little, and a stretch must not become two for that.
    if (last === undefined || last.durationMs + sample.durationMs / 2 > this.#stretchMs) this.#samples.push(sample);
    else this.#samples[this.#samples.length - 1] = mergeSamples(last, sample);
    this.#halveIfFull();
  }

  #halveIfFull(): void {
    while (this.#samples.length > this.#mostSamples) {
      const halved: RunSample[] = [];
      for (let i = 0; i < this.#samples.length; i += 2) {
        const [earlier, later] = [this.#samples[i]!, this.#samples[i + 1]];
        halved.push(later === undefined ? earlier : mergeSamples(earlier, later));
      }
      this.#samples = halved;
      this.#stretchMs *= 2;
    }
  }
}

type Columns = { readonly [Name in keyof RunSample]: readonly RunSample[Name][] };

/** Samples column by column, which takes a third of the room. */
type StoredHistory = Omit<RunHistory, 'samples'> & { readonly samples: Columns };

const numbers: readonly (keyof RunSample)[] = [
  ...countNames,
  'endMs',
  'inFlight',
  'p50Ms',
  'p90Ms',
  'p99Ms',
  'residentBytes',
  'heapBytes',
];
const names: readonly (keyof RunSample)[] = [...numbers, 'rateLimit', 'bottleneck', 'indexUnits'];

/** The history as the text of a file. */
export function historyText(history: RunHistory): string {
  const { samples, ...rest } = history;
  const columns = Object.fromEntries(names.map((name) => [name, samples.map((sample) => rounded(sample[name]))]));
  return `${JSON.stringify({ ...rest, samples: columns })}\n`;
}

/** Whether a file holds a history, written by this version. */
export function isStoredHistory(value: Readonly<Record<string, unknown>>): value is StoredHistory & typeof value {
  const { runId, preflight, prices, processes, notes, rejects, stretchMs, samples } = value;
  if (typeof runId !== 'string' || typeof stretchMs !== 'number' || !isObject(preflight)) return false;
  if (!isObject(prices) || typeof prices['usdPerMillionUnits'] !== 'number') return false;
  if (!Array.isArray(processes) || !Array.isArray(notes) || !Array.isArray(rejects) || !isObject(samples)) return false;
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
