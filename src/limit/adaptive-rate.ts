import { addAnswer, noAnswers, RecentAnswers, refusedShareOf } from './recent-answers.ts';

/** At most one fall in this time, so that a fall is judged by what was sent after it. */
const reactionMs = 400;
/** Fewer answers than this say little about a share. */
const leastAnswers = 20;
const manyAnswers = 40;
/** A rate falls above this share of refused units, and rises only below the other. */
const mostRefused = 0.02;
const hardlyRefused = 0.005;
/** Where a fall ends, of what the table accepted; and how deep one may go at most, since a moment may deceive. */
const ofAccepted = 0.94;
const deepestFall = 0.25;
/** How much deeper one goes that is to show whether the rate is what items are refused for. */
const ofDoubtful = 0.7;
/** Units a second that are tried at least while nothing is accepted, so that the end of it shows soon. */
const leastTried = 10;
/** Refusals are looked at for so long before the first of them makes the rate fall. */
const firstLookMs = 150;
/** Where so much is refused, the table takes less than it did; else a rate stays near the best of the last seconds. */
const muchRefused = 0.3;
const ofBest = 0.9;
const bestOfSeconds = 5;
/** A fall has helped where the share is so many times smaller; it is given so long to do so. */
const muchLess = 3;
const judgedAfterMs = 2_000;
/** A share that no fall made smaller is put up with, and a little more of it. */
const toleranceMargin = 1.3;
const mostTolerated = 0.25;
/** The first step up after a fall, and how much larger each further one is, up to doubling the rate. */
const firstStep = 0.01;
const acceleration = 1.6;
/** Without a limit, a rate so far above what is used is none any more. */
const outOfReach = 4;
/** A longer pause between two attempts is idle time, in which nothing could have been accepted. */
const longestPauseMs = 200;

/** What refusals come to: a fall, a deep one, one that is to show whether the rate matters, or none. */
type Verdict = 'fall' | 'deep' | 'doubtful' | 'wait' | 'useless';

/**
 * The rate that a table, or an index, takes: it falls towards what was accepted when units are refused, and rises in
 * accelerating steps up to the limit. Arithmetic only: times are those of the caller's clock, at which attempts were sent.
 */
export class AdaptiveRate {
  #limit: number;
  #rate: number;
  #step = firstStep;
  #fallenAtMs: number;
  /** Share that was refused when the rate fell, as long as refusals have not ceased since. */
  #fellForShare: number | undefined;
  #sinceFall = noAnswers();
  /** What was accepted in each of the last seconds, and in this one. */
  #best: readonly number[] = [];
  #second = noAnswers();
  /** The rate before the first of the falls that have not helped. */
  #fellFrom = 0;
  /** True after a deep fall that is to show whether the rate matters. */
  #isTrial = false;
  /** True after a fall before which all was refused, until something is accepted. */
  #tookNothing = false;
  /** Share that is refused whatever the rate. */
  #tolerated = 0;
  #lastSentMs: number | undefined;
  #refusedSentMs = Number.NEGATIVE_INFINITY;
  #answersSinceRefusal = 0;
  readonly #recent = new RecentAnswers(reactionMs, leastAnswers);

  /** `limitPerSecond`: infinite where there is none. */
  constructor(limitPerSecond: number, nowMs: number) {
    this.#limit = limitPerSecond;
    this.#rate = limitPerSecond;
    this.#fallenAtMs = nowMs;
  }

  get ratePerSecond(): number {
    return this.#rate;
  }

  get isSlowed(): boolean {
    return this.#rate < this.#limit;
  }

  /** Units a second that were accepted of late. */
  get acceptedPerSecond(): number {
    return this.#recent.acceptedPerSecond;
  }

  setLimit(limitPerSecond: number): void {
    const wasSlowed = this.isSlowed;
    this.#limit = limitPerSecond;
    this.#rate = wasSlowed ? Math.min(this.#rate, limitPerSecond) : limitPerSecond;
  }

  accepted(units: number, sentMs: number): void {
    if (!this.#counts(sentMs)) return;
    if (this.#tookNothing) this.#startAnew();
    this.#add('accepted', units);
  }

  /** Returns true where the rate fell. */
  refused(units: number, sentMs: number, nowMs: number): boolean {
    if (!this.#counts(sentMs)) return false;
    this.#noteRefusal(sentMs);
    this.#add('refused', units);
    const isSoon = nowMs - this.#fallenAtMs < reactionMs || this.#recent.ms < firstLookMs;
    const isSure = this.#recent.answers >= leastAnswers;
    const share = this.#recent.refusedShare;
    if (isSoon || !isSure || share < Math.max(mostRefused, this.#tolerated * toleranceMargin)) return false;
    const verdict = this.#verdict(share);
    if (verdict === 'wait') return false;
    if (verdict === 'useless') return this.#putUp();
    this.#isTrial = verdict === 'doubtful';
    this.#fall(nowMs, share, verdict);
    return true;
  }

  /** One step up, where next to nothing is refused. Returns true where the rate rose. */
  rise(nowMs: number): boolean {
    const sinceFallMs = nowMs - this.#fallenAtMs;
    const isKnown = this.#recent.answers >= leastAnswers || sinceFallMs >= judgedAfterMs;
    if (!this.isSlowed || sinceFallMs < reactionMs || !isKnown) return false;
    const share = this.#recent.refusedShare;
    if (share > Math.max(hardlyRefused, this.#tolerated)) {
      // Where a share is put up with, one that is larger for a moment is chance.
      if (this.#tolerated === 0) this.#step = firstStep;
      return false;
    }
    if (this.#fellForShare !== undefined && refusedShareOf(this.#sinceFall) < this.#fellForShare / muchLess)
      this.#forgive();
    if (share < this.#tolerated / 2) this.#tolerated *= 0.98;
    const rate = this.#rate * (1 + this.#step);
    const isOutOfReach = this.#limit === Number.POSITIVE_INFINITY && rate > outOfReach * this.acceptedPerSecond;
    this.#rate = isOutOfReach ? this.#limit : Math.min(this.#limit, rate);
    this.#step = Math.min(1, this.#step * acceleration);
    return true;
  }

  /**
   * What a refusal means after a fall. Where a fall did not help, a deep one decides whether the rate is what items are
   * refused for: a rate that fell again and again for other reasons would come to nothing.
   */
  #verdict(share: number): Verdict {
    if (share >= muchRefused && this.#recent.answers >= manyAnswers) return 'deep';
    if (this.#fellForShare === undefined || this.#fellForShare >= muchRefused) return 'fall';
    const since = refusedShareOf(this.#sinceFall);
    const isWorse = since >= Math.max(this.#fellForShare * 2, 0.2);
    if (isWorse && this.#sinceFall.answers >= manyAnswers) return 'deep';
    if (this.#sinceFall.ms < judgedAfterMs || this.#sinceFall.answers < leastAnswers) return 'wait';
    if (since < this.#fellForShare / muchLess) return since < 2 * mostRefused ? 'wait' : 'fall';
    return this.#isTrial ? 'useless' : 'doubtful';
  }

  /** That share is refused at any rate: it is put up with, and the rate is what it was before it fell. */
  #putUp(): boolean {
    this.#tolerated = Math.min(
      mostTolerated,
      Math.max(refusedShareOf(this.#sinceFall), this.#tolerated) * toleranceMargin,
    );
    this.#rate = Math.min(this.#limit, this.#fellFrom);
    this.#forgive();
    return true;
  }

  #forgive(): void {
    this.#fellForShare = undefined;
    this.#isTrial = false;
  }

  /** What a table took that took nothing says nothing about what it takes now: the rate doubles until it refuses. */
  #startAnew(): void {
    this.#tookNothing = false;
    this.#recent.clear();
    this.#sinceFall = noAnswers();
    this.#step = 1;
  }

  #fall(nowMs: number, share: number, verdict: Verdict): void {
    this.#tookNothing = this.#recent.acceptedPerSecond === 0;
    const was = Math.min(this.#rate, Math.max(1, this.#recent.sentPerSecond));
    if (this.#fellForShare === undefined) this.#fellFrom = was;
    const towards = Math.min(was, this.acceptedPerSecond) * ofAccepted;
    if (verdict === 'deep') {
      this.#best = [];
      this.#second = noAnswers();
    }
    const floor = verdict === 'fall' ? Math.min(was * ofAccepted, this.#bestPerSecond() * ofBest) : was * deepestFall;
    const rate = verdict === 'doubtful' ? towards * ofDoubtful : Math.max(towards, floor);
    const fallen = this.#tookNothing ? Math.max(was * deepestFall, Math.min(was, leastTried)) : rate;
    this.#rate = Math.min(this.#limit, Math.max(1, fallen));
    this.#step = firstStep;
    this.#fallenAtMs = nowMs;
    this.#fellForShare = verdict === 'doubtful' ? refusedShareOf(this.#sinceFall) : share;
    this.#lastSentMs = undefined;
    this.#recent.clear();
    this.#sinceFall = noAnswers();
  }

  /** An attempt sent before the last fall says nothing about the rate after it. */
  #counts(sentMs: number): boolean {
    if (sentMs < this.#fallenAtMs) return false;
    const elapsedMs = Math.max(0, Math.min(sentMs - (this.#lastSentMs ?? sentMs), longestPauseMs));
    this.#sinceFall.ms += elapsedMs;
    this.#second.ms += elapsedMs;
    this.#recent.spend(elapsedMs);
    this.#lastSentMs = Math.max(sentMs, this.#lastSentMs ?? sentMs);
    this.#noteSecond();
    return true;
  }

  /** What was accepted before refusals began, of capacity that had been saved up, says nothing about the rate to keep. */
  #noteRefusal(sentMs: number): void {
    const isFirst = sentMs - this.#refusedSentMs >= reactionMs && this.#answersSinceRefusal >= leastAnswers;
    if (isFirst) this.#recent.clear();
    this.#refusedSentMs = sentMs;
    this.#answersSinceRefusal = 0;
  }

  #add(figure: 'accepted' | 'refused', units: number): void {
    this.#recent.add(figure, units);
    addAnswer(this.#sinceFall, figure, units);
    this.#answersSinceRefusal++;
    addAnswer(this.#second, figure, units);
  }

  /** Units a second that were accepted in the best of the last seconds. */
  #bestPerSecond(): number {
    return Math.max(0, ...this.#best);
  }

  #noteSecond(): void {
    if (this.#second.ms < 1_000) return;
    this.#best = [...this.#best.slice(1 - bestOfSeconds), (this.#second.accepted / this.#second.ms) * 1000];
    this.#second = noAnswers();
  }
}
