import { addAnswer, noAnswers, RecentAnswers, refusedShareOf } from './recent-answers.ts';

/** Least time between two falls, so that a fall is judged by what was sent after it. */
const reactionMs = 400;
/** Fewer answers than this say little about a share. */
const leastAnswers = 20;
const manyAnswers = 40;
/** Shares of refused units above which a rate falls, and below which it rises. */
const mostRefused = 0.02;
const hardlyRefused = 0.005;
/** Target of a fall, as a share of what the table accepted, and its lower bound, because one moment may mislead. */
const ofAccepted = 0.94;
const deepestFall = 0.25;
/** How much deeper a fall goes that tests whether items are refused because of the rate. */
const ofDoubtful = 0.7;
/** Least units a second to try while nothing is accepted, so that the end of it shows soon. */
const leastTried = 10;
/** Refusals are observed for this long before the first fall. */
const firstLookMs = 150;
/** Above this share the table takes less than before; below it, a rate stays near the best of the last seconds. */
const muchRefused = 0.3;
const ofBest = 0.9;
const bestOfSeconds = 5;
/** A fall has helped if the share is this many times smaller after `judgedAfterMs`. */
const muchLess = 3;
const judgedAfterMs = 2_000;
/** A share that no fall reduces is tolerated, with this margin. */
const toleranceMargin = 1.3;
const mostTolerated = 0.25;
/** The first step up after a fall, and the factor of each further one, up to doubling the rate. */
const firstStep = 0.01;
const acceleration = 1.6;
/** Without a limit, a rate this many times what is used is no longer a limit. */
const outOfReach = 4;
/** A longer pause between two attempts is idle time. */
const longestPauseMs = 200;

/** What refusals lead to: a fall, a deep one, one that tests whether the rate matters, no fall yet, or none at all. */
type Reaction = 'fall' | 'deep' | 'doubtful' | 'wait' | 'useless';

/**
 * The rate that a table or an index takes: it falls towards what was accepted when units are refused, and rises in
 * accelerating steps up to the limit. Times are those of the caller's clock when attempts were sent.
 */
export class AdaptiveRate {
  #limit: number;
  #rate: number;
  #step = firstStep;
  #fallenAtMs: number;
  /** Share that was refused when the rate fell, until refusals stop. */
  #fellForShare: number | undefined;
  #sinceFall = noAnswers();
  /** Units accepted in each of the last seconds, and in this one. */
  #best: readonly number[] = [];
  #second = noAnswers();
  /** The rate before the first of the falls that did not help. */
  #fellFrom = 0;
  /** True after a deep fall that tests whether the rate matters. */
  #isTrial = false;
  /** True after a fall before which everything was refused, until something is accepted. */
  #tookNothing = false;
  /** Share that is refused at any rate. */
  #tolerated = 0;
  #lastSentMs: number | undefined;
  #refusedSentMs = Number.NEGATIVE_INFINITY;
  #answersSinceRefusal = 0;
  readonly #recent = new RecentAnswers(reactionMs, leastAnswers);

  /** `limitPerSecond`: infinite if there is none. */
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

  /** Units a second that were accepted recently. */
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
    if (this.#tookNothing) this.#startAgain();
    this.#record('accepted', units);
  }

  /** Returns true if the rate changed. */
  refused(units: number, sentMs: number, nowMs: number): boolean {
    if (!this.#counts(sentMs)) return false;
    this.#noteRefusal(sentMs);
    this.#record('refused', units);
    const isSoon = nowMs - this.#fallenAtMs < reactionMs || this.#recent.ms < firstLookMs;
    const isSure = this.#recent.answers >= leastAnswers;
    const share = this.#recent.refusedShare;
    if (isSoon || !isSure || share < Math.max(mostRefused, this.#tolerated * toleranceMargin)) return false;
    const reaction = this.#reactionTo(share);
    if (reaction === 'wait') return false;
    if (reaction === 'useless') return this.#tolerate();
    this.#isTrial = reaction === 'doubtful';
    this.#fall(nowMs, share, reaction);
    return true;
  }

  /** Takes one step up if next to nothing is refused. Returns true if the rate rose. */
  rise(nowMs: number): boolean {
    const sinceFallMs = nowMs - this.#fallenAtMs;
    const isKnown = this.#recent.answers >= leastAnswers || sinceFallMs >= judgedAfterMs;
    if (!this.isSlowed || sinceFallMs < reactionMs || !isKnown) return false;
    const share = this.#recent.refusedShare;
    if (share > Math.max(hardlyRefused, this.#tolerated)) {
      // If a share is tolerated, a moment with a larger one is chance.
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
   * What a refusal means after a fall. If a fall did not help, a deep one tests whether items are refused because of the
   * rate: a rate that fell again and again for other reasons would end at nothing.
   */
  #reactionTo(share: number): Reaction {
    if (share >= muchRefused && this.#recent.answers >= manyAnswers) return 'deep';
    if (this.#fellForShare === undefined || this.#fellForShare >= muchRefused) return 'fall';
    const since = refusedShareOf(this.#sinceFall);
    const isWorse = since >= Math.max(this.#fellForShare * 2, 0.2);
    if (isWorse && this.#sinceFall.answers >= manyAnswers) return 'deep';
    if (this.#sinceFall.ms < judgedAfterMs || this.#sinceFall.answers < leastAnswers) return 'wait';
    if (since < this.#fellForShare / muchLess) return since < 2 * mostRefused ? 'wait' : 'fall';
    return this.#isTrial ? 'useless' : 'doubtful';
  }

  /** Tolerates a share that is refused at any rate, and returns to the rate before the falls. */
  #tolerate(): boolean {
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

  /** Nothing is known about what the table takes after a time in which it took nothing: the rate doubles until it refuses. */
  #startAgain(): void {
    this.#tookNothing = false;
    this.#recent.clear();
    this.#sinceFall = noAnswers();
    this.#step = 1;
  }

  #fall(nowMs: number, share: number, reaction: Reaction): void {
    this.#tookNothing = this.#recent.acceptedPerSecond === 0;
    const was = Math.min(this.#rate, Math.max(1, this.#recent.sentPerSecond));
    if (this.#fellForShare === undefined) this.#fellFrom = was;
    const towards = Math.min(was, this.acceptedPerSecond) * ofAccepted;
    if (reaction === 'deep') {
      this.#best = [];
      this.#second = noAnswers();
    }
    const floor = reaction === 'fall' ? Math.min(was * ofAccepted, this.#bestPerSecond() * ofBest) : was * deepestFall;
    const rate = reaction === 'doubtful' ? towards * ofDoubtful : Math.max(towards, floor);
    const fallen = this.#tookNothing ? Math.max(was * deepestFall, Math.min(was, leastTried)) : rate;
    this.#rate = Math.min(this.#limit, Math.max(1, fallen));
    this.#step = firstStep;
    this.#fallenAtMs = nowMs;
    this.#fellForShare = reaction === 'doubtful' ? refusedShareOf(this.#sinceFall) : share;
    this.#lastSentMs = undefined;
    this.#recent.clear();
    this.#sinceFall = noAnswers();
  }

  /** Whether an attempt counts: one sent before the last fall says nothing about the rate after it. */
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

  /** What was accepted before refusals began came from saved-up capacity, and says nothing about the rate to keep. */
  #noteRefusal(sentMs: number): void {
    const isFirst = sentMs - this.#refusedSentMs >= reactionMs && this.#answersSinceRefusal >= leastAnswers;
    if (isFirst) this.#recent.clear();
    this.#refusedSentMs = sentMs;
    this.#answersSinceRefusal = 0;
  }

  #record(figure: 'accepted' | 'refused', units: number): void {
    this.#recent.record(figure, units);
    addAnswer(this.#sinceFall, figure, units);
    this.#answersSinceRefusal++;
    addAnswer(this.#second, figure, units);
  }

  /** Units accepted in the best of the last seconds. */
  #bestPerSecond(): number {
    return Math.max(0, ...this.#best);
  }

  #noteSecond(): void {
    if (this.#second.ms < 1_000) return;
    this.#best = [...this.#best.slice(1 - bestOfSeconds), (this.#second.accepted / this.#second.ms) * 1000];
    this.#second = noAnswers();
  }
}
