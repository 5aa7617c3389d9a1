import { mergeSamples, type RunSample } from '../watch/run-sample.ts';

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
