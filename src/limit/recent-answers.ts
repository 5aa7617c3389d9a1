/** Units answered, and the time in which they were sent. */
type Answers = { ms: number; accepted: number; refused: number; answers: number };

export function noAnswers(): Answers {
  return { ms: 0, accepted: 0, refused: 0, answers: 0 };
}

export function addAnswer(to: Answers, figure: 'accepted' | 'refused', units: number): void {
  to[figure] += units;
  to.answers++;
}

/** Share of all units, 0 without any. */
export function refusedShareOf({ accepted, refused }: Pick<Answers, 'accepted' | 'refused'>): number {
  return refused === 0 ? 0 : refused / (accepted + refused);
}

/** Recent answers, in two panes that slide over time, so that between one and two panes are always counted. */
export class RecentAnswers {
  readonly #paneMs: number;
  readonly #leastAnswers: number;
  #before = noAnswers();
  #now = noAnswers();

  /** A pane lasts at least `paneMs`, and until it has `leastAnswers`. */
  constructor(paneMs: number, leastAnswers: number) {
    this.#paneMs = paneMs;
    this.#leastAnswers = leastAnswers;
  }

  get ms(): number {
    return this.#before.ms + this.#now.ms;
  }

  get answers(): number {
    return this.#before.answers + this.#now.answers;
  }

  get refusedShare(): number {
    const accepted = this.#before.accepted + this.#now.accepted;
    return refusedShareOf({ accepted, refused: this.#before.refused + this.#now.refused });
  }

  get acceptedPerSecond(): number {
    return this.#perSecond(this.#before.accepted + this.#now.accepted);
  }

  get sentPerSecond(): number {
    const refused = this.#before.refused + this.#now.refused;
    return this.acceptedPerSecond + this.#perSecond(refused);
  }

  /** Adds time in which attempts were sent whose answers follow. */
  spend(ms: number): void {
    this.#now.ms += ms;
    if (this.#now.ms < this.#paneMs || this.#now.answers < this.#leastAnswers) return;
    this.#before = this.#now;
    this.#now = noAnswers();
  }

  record(figure: 'accepted' | 'refused', units: number): void {
    addAnswer(this.#now, figure, units);
  }

  clear(): void {
    this.#before = noAnswers();
    this.#now = noAnswers();
  }

  #perSecond(units: number): number {
    return this.ms === 0 ? 0 : (units / this.ms) * 1000;
  }
}
