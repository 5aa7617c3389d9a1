/** At most one fall in this time, so that a fall is judged by what was sent after it. */
const reactionMs = 400;
/** Fewer answers than this say little about a share. */
const leastAnswers = 5;
/** A rate falls above this share of refused units, and rises only below the other. */
const mostRefused = 0.02;
const hardlyRefused = 0.005;
/** Where a fall ends, of what the table accepted; and how deep one may go at most, since a moment may deceive. */
const ofAccepted = 0.95;
const deepestFall = 0.25;
/** The first step up after a fall, and how much larger each further one is, up to doubling the rate. */
const firstStep = 0.01;
const acceleration = 1.6;
/** Without a limit, a rate so far above what is used is none any more. */
const outOfReach = 4;

/** A longer pause between two attempts is idle time, in which nothing could have been accepted. */
const longestPauseMs = 200;

/** Units answered, by when they were sent, and the time in which they were. */
type Pane = { ms: number; accepted: number; refused: number; answers: number };

/**
 * The rate that a table, or an index, takes: it falls towards what was accepted when units are refused, and rises in
 * accelerating steps up to the limit. Arithmetic only: times are those of the caller's clock, at which attempts were sent.
 */
export class AdaptiveRate {
  #limit: number;
  #rate: number;
  #step = firstStep;
  #fallenAtMs: number;
  #lastSentMs: number;
  /** Two panes slide over time, so that a rate is always judged by one to two reaction times. */
  #before: Pane;
  #now: Pane;

  /** `limitPerSecond`: infinite where there is none. */
  constructor(limitPerSecond: number, nowMs: number) {
    this.#limit = limitPerSecond;
    this.#rate = limitPerSecond;
    this.#fallenAtMs = nowMs;
    this.#lastSentMs = nowMs;
    this.#before = emptyPane();
    this.#now = emptyPane();
  }

  get ratePerSecond(): number {
    return this.#rate;
  }

  get isSlowed(): boolean {
    return this.#rate < this.#limit;
  }

  /** Units a second that were accepted of late. */
  get acceptedPerSecond(): number {
    return this.#perSecond(this.#sum('accepted'));
  }

  setLimit(limitPerSecond: number): void {
    const wasSlowed = this.isSlowed;
    this.#limit = limitPerSecond;
    this.#rate = wasSlowed ? Math.min(this.#rate, limitPerSecond) : limitPerSecond;
  }

  accepted(units: number, sentMs: number): void {
    if (!this.#counts(sentMs)) return;
    this.#now.accepted += units;
    this.#now.answers++;
  }

  /** Returns true where the rate fell. */
  refused(units: number, sentMs: number, nowMs: number): boolean {
    if (!this.#counts(sentMs)) return false;
    this.#now.refused += units;
    this.#now.answers++;
    const isSoon = nowMs - this.#fallenAtMs < reactionMs || this.#sum('ms') < reactionMs;
    const isSure = this.#sum('answers') >= leastAnswers;
    if (isSoon || !isSure || this.#refusedShare() < mostRefused) return false;
    this.#fall(nowMs);
    return true;
  }

  /** One step up, where next to nothing is refused. Returns true where the rate rose. */
  rise(nowMs: number): boolean {
    if (!this.isSlowed || nowMs - this.#fallenAtMs < reactionMs) return false;
    if (this.#refusedShare() > hardlyRefused) {
      this.#step = firstStep;
      return false;
    }
    const rate = this.#rate * (1 + this.#step);
    const isOutOfReach = this.#limit === Number.POSITIVE_INFINITY && rate > outOfReach * this.acceptedPerSecond;
    this.#rate = isOutOfReach ? this.#limit : Math.min(this.#limit, rate);
    this.#step = Math.min(1, this.#step * acceleration);
    return true;
  }

  #fall(nowMs: number): void {
    const was = Math.min(this.#rate, Math.max(1, this.#perSecond(this.#sum('accepted') + this.#sum('refused'))));
    const towards = Math.min(was, this.acceptedPerSecond) * ofAccepted;
    this.#rate = Math.min(this.#limit, Math.max(1, towards, was * deepestFall));
    this.#step = firstStep;
    this.#fallenAtMs = nowMs;
    this.#lastSentMs = nowMs;
    this.#before = emptyPane();
    this.#now = emptyPane();
  }

  /** An attempt sent before the last fall says nothing about the rate after it. */
  #counts(sentMs: number): boolean {
    if (sentMs < this.#fallenAtMs) return false;
    if (sentMs > this.#lastSentMs) {
      this.#now.ms += Math.min(sentMs - this.#lastSentMs, longestPauseMs);
      this.#lastSentMs = sentMs;
    }
    this.#slide();
    return true;
  }

  #slide(): void {
    if (this.#now.ms < reactionMs || this.#now.answers < leastAnswers) return;
    this.#before = this.#now;
    this.#now = emptyPane();
  }

  #refusedShare(): number {
    const refused = this.#sum('refused');
    return refused === 0 ? 0 : refused / (refused + this.#sum('accepted'));
  }

  #sum(figure: keyof Pane): number {
    return this.#before[figure] + this.#now[figure];
  }

  #perSecond(units: number): number {
    const ms = this.#sum('ms');
    return ms === 0 ? 0 : (units / ms) * 1000;
  }
}

function emptyPane(): Pane {
  return { ms: 0, accepted: 0, refused: 0, answers: 0 };
}
