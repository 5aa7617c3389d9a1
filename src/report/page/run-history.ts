import type { Prices } from '../../domain/import-estimate.ts';
import type { RunEvent } from '../../ports/run-observer.ts';
import type { PreflightFacts } from '../plan/preflight.ts';
import type { RunSample } from '../watch/run-sample.ts';
import { SampleHistory } from './sample-history.ts';

/** One process of a run: the first, or one that resumed it. */
type RunProcess = {
  /** In ms since 1970. */
  readonly startedMs: number;
  /** How long the processes before it ran. */
  readonly ranBeforeMs: number;
};

/** Something worth a line in a report, with how long the run had run. */
type RunNote = { readonly ranMs: number; readonly text: string };

/** A run as it is told afterwards, over all its processes. */
export type RunHistory = {
  readonly version: 1;
  readonly runId: string;
  /** As the last process found them. */
  readonly facts: PreflightFacts;
  /** In US dollars, as the last process was told them. */
  readonly prices: Prices;
  readonly processes: readonly RunProcess[];
  readonly notes: readonly RunNote[];
  readonly stretchMs: number;
  readonly samples: readonly RunSample[];
};

const mostProcesses = 100;
const mostNotes = 100;

/** What is known of a run when it begins. */
export type RecordedRun = Pick<RunHistory, 'runId' | 'facts' | 'prices'>;

/** Writes the history of a run: samples in bounded room, processes, and what happened. */
export class HistoryRecorder {
  readonly #run: RecordedRun;
  readonly #samples: SampleHistory;
  readonly #processes: readonly RunProcess[];
  readonly #notes: RunNote[];
  readonly #told = new Set<string>();
  #ranMs: number;

  /** `earlier`: what the processes before this one have left. */
  constructor(run: RecordedRun, startedMs: number, earlier?: RunHistory) {
    this.#run = run;
    this.#samples = new SampleHistory(earlier?.samples, earlier?.stretchMs);
    this.#notes = [...(earlier?.notes ?? [])];
    this.#ranMs = this.#samples.samples.reduce((sum, { durationMs }) => sum + durationMs, 0);
    const started = { startedMs, ranBeforeMs: this.#ranMs };
    this.#processes = [...(earlier?.processes ?? []), started].slice(-mostProcesses);
    if (earlier !== undefined) this.#note('resumed');
  }

  get history(): RunHistory {
    const { stretchMs, samples } = this.#samples;
    return { version: 1, ...this.#run, processes: this.#processes, notes: this.#notes, stretchMs, samples };
  }

  add(sample: RunSample): void {
    this.#ranMs += sample.durationMs;
    this.#samples.add(sample);
  }

  on(event: RunEvent): void {
    switch (event.kind) {
      case 'paused':
        this.#note(`paused: ${event.reason}`);
        break;
      case 'unpaused':
        this.#note('going on');
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
