/** At most one fall in this time, so that a fall is judged by what was sent after it. */
const reactionMs = 400;
/** Fewer answers than this say little about a share. */
const leastAnswers = 12;
/** A rate falls above this share of refused units, and rises only below the other. */
const mostRefused = 0.02;
const hardlyRefused = 0.005;
/** Where a fall ends, of what the table accepted; and how deep one may go at most, since a moment may deceive. */
const ofAccepted = 0.94;
const deepestFall = 0.25;
/** How much deeper one goes that is to show whether the rate is what items are refused for. */
const ofDoubtful = 0.7;
/** Refusals are looked at for so long before the first of them makes the rate fall. */
const firstLookMs = 150;
/** A fall is followed by another at once where so much is refused, or so many times as much; else it is looked into. */
const muchRefused = 0.25;
const muchMoreRefused = 2;
const judgedAfterMs = 3_000;
/** A share that no fall made smaller is put up with, and a little more of it. */
const toleranceMargin = 1.3;
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
  /** Share that was refused when the rate fell, as long as refusals have not ceased since. */
  #fellForShare: number | undefined;
  #sinceFall = emptyPane();
  /** The rate before a deep fall that is to show whether the rate matters. */
  #trial: number | undefined;
  /** Share that is refused whatever the rate. */
  #tolerated = 0;
  #lastSentMs: number | undefined;
  #refusedSentMs = Number.NEGATIVE_INFINITY;
  #answersSinceRefusal = 0;
  /** Two panes slide over time, so that a rate is always judged by one to two reaction times. */
  #before: Pane;
  #now: Pane;

  /** `limitPerSecond`: infinite where there is none. */
  constructor(limitPerSecond: number, nowMs: number) {
    this.#limit = limitPerSecond;
    this.#rate = limitPerSecond;
    this.#fallenAtMs = nowMs;
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
    if (this.#counts(sentMs)) this.#add('accepted', units);
  }

  /** Returns true where the rate fell. */
  refused(units: number, sentMs: number, nowMs: number): boolean {
    if (!this.#counts(sentMs)) return false;
    this.#noteRefusal(sentMs);
    this.#add('refused', units);
    const isSoon = nowMs - this.#fallenAtMs < reactionMs || this.#sum('ms') < firstLookMs;
    const isSure = this.#sum('answers') >= leastAnswers;
    const share = this.#refusedShare();
    if (isSoon || !isSure || share < Math.max(mostRefused, this.#tolerated * toleranceMargin)) return false;
    const verdict = this.#verdict(share);
    if (verdict === 'wait') return false;
    if (verdict === 'useless') return this.#putUp();
    if (verdict === 'doubtful') this.#trial ??= this.#rate;
    this.#fall(nowMs, share, verdict === 'doubtful' ? ofDoubtful : 1);
    return true;
  }

  /** One step up, where next to nothing is refused. Returns true where the rate rose. */
  rise(nowMs: number): boolean {
    const sinceFallMs = nowMs - this.#fallenAtMs;
    const isKnown = this.#sum('answers') >= leastAnswers || sinceFallMs >= judgedAfterMs;
    if (!this.isSlowed || sinceFallMs < reactionMs || !isKnown) return false;
    const share = this.#refusedShare();
    if (share > Math.max(hardlyRefused, this.#tolerated)) {
      this.#step = firstStep;
      return false;
    }
    this.#fellForShare = undefined;
    this.#trial = undefined;
    if (share < this.#tolerated / 2) this.#tolerated *= 0.9;
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
  #verdict(share: number): 'fall' | 'wait' | 'doubtful' | 'useless' {
    const before = this.#fellForShare;
    if (before === undefined || share >= muchRefused || share >= before * muchMoreRefused) return 'fall';
    if (this.#sinceFall.ms < judgedAfterMs || this.#sinceFall.answers < leastAnswers) return 'wait';
    if (shareOf(this.#sinceFall) < before / 2) return 'fall';
    return this.#trial === undefined ? 'doubtful' : 'useless';
  }

  /** That share is refused at any rate: it is put up with, and the rate is what it was before the trial. */
  #putUp(): boolean {
    this.#tolerated = Math.min(0.5, shareOf(this.#sinceFall) * toleranceMargin);
    this.#rate = Math.min(this.#limit, this.#trial!);
    this.#fellForShare = undefined;
    this.#trial = undefined;
    return true;
  }

  #fall(nowMs: number, share: number, depth: number): void {
    const sent = this.#perSecond(this.#sum('accepted') + this.#sum('refused'));
    const was = Math.min(this.#rate, Math.max(1, sent));
    const towards = Math.min(was, this.acceptedPerSecond) * ofAccepted * depth;
    this.#rate = Math.min(this.#limit, Math.max(1, towards, was * deepestFall));
    this.#step = firstStep;
    this.#fallenAtMs = nowMs;
    this.#fellForShare = share;
    this.#lastSentMs = undefined;
    this.#before = emptyPane();
    this.#now = emptyPane();
    this.#sinceFall = emptyPane();
  }

  /** An attempt sent before the last fall says nothing about the rate after it. */
  #counts(sentMs: number): boolean {
    if (sentMs < this.#fallenAtMs) return false;
    const elapsedMs = Math.min(sentMs - (this.#lastSentMs ?? sentMs), longestPauseMs);
    if (elapsedMs > 0) for (const pane of [this.#now, this.#sinceFall]) pane.ms += elapsedMs;
    this.#lastSentMs = Math.max(sentMs, this.#lastSentMs ?? sentMs);
    this.#slide();
    return true;
  }

  /** What was accepted before refusals began, of capacity that had been saved up, says nothing about the rate to keep. */
  #noteRefusal(sentMs: number): void {
    const isFirst = sentMs - this.#refusedSentMs >= reactionMs && this.#answersSinceRefusal >= leastAnswers;
    if (isFirst) {
      this.#before = emptyPane();
      this.#now = emptyPane();
    }
    this.#refusedSentMs = sentMs;
    this.#answersSinceRefusal = 0;
  }

  #add(figure: 'accepted' | 'refused', units: number): void {
    for (const pane of [this.#now, this.#sinceFall]) {
      pane[figure] += units;
      pane.answers++;
    }
    this.#answersSinceRefusal++;
  }

  #slide(): void {
    if (this.#now.ms < reactionMs || this.#now.answers < leastAnswers) return;
    this.#before = this.#now;
    this.#now = emptyPane();
  }

  #refusedShare(): number {
    return shareOf({ accepted: this.#sum('accepted'), refused: this.#sum('refused') });
  }

  #sum(figure: keyof Pane): number {
    return this.#before[figure] + this.#now[figure];
  }

  #perSecond(units: number): number {
    const ms = this.#sum('ms');
    return ms === 0 ? 0 : (units / ms) * 1000;
  }
}

function shareOf({ accepted, refused }: Pick<Pane, 'accepted' | 'refused'>): number {
  return refused === 0 ? 0 : refused / (accepted + refused);
}

function emptyPane(): Pane {
  return { ms: 0, accepted: 0, refused: 0, answers: 0 };
}
