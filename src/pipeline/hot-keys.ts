import { ownText, type Token } from '../domain/token.ts';
import { backoffMs } from '../limit/rate-limiter.ts';
import type { Clock } from '../ports/clock.ts';

/** Batches in which most of a partition was refused while others passed, until it is taken for hot. */
const leastRefusals = 3;
/** So many others must pass for one that is refused: in the batch or, where that has no others, since it was refused last. */
const othersPassed = 10;
/** Tokens that try their luck together when a hot partition has waited. */
const mostReleased = 25;
/** Suspects that are remembered, of those for which no token waits: most are refused once or twice and never again. */
const mostRemembered = 1000;

type HotKeysSetup = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly partitionOf: (key: string) => string;
  /** Copies what a token shares with others, so that it can wait for long. */
  readonly detach: (token: Token) => void;
  /** Takes a token that has waited. */
  readonly giveBack: (token: Token) => void;
  /** Called for each partition that turns out to be hot. */
  readonly onFound: () => void;
};

/** A partition that is refused while others pass: its tokens wait here once it is hot. */
type Suspect = {
  refusals: number;
  attempt: number;
  readonly parked: Token[];
  cancel: (() => void) | undefined;
  /** All tokens that had passed, and been refused, when it was refused last. */
  passedBefore: number;
  refusedBefore: number;
};

/**
 * Finds partition keys whose items are refused again and again while others pass, and lets their tokens wait, with a
 * longer pause each time, so that one of them does not slow the run.
 */
export class HotKeys {
  readonly #setup: HotKeysSetup;
  readonly #suspects = new Map<string, Suspect>();
  /** Suspects at which it is worth looking for those that can be forgotten. */
  #forgetAt = 2 * mostRemembered;
  #passed = 0;
  #refused = 0;

  constructor(setup: HotKeysSetup) {
    this.#setup = setup;
  }

  /** Of the refused tokens of a batch, those that are not kept waiting here. */
  park(batch: readonly Token[], refused: readonly Token[]): readonly Token[] {
    if (refused.length === 0) return refused;
    const byPartition = new Map<string, Token[]>();
    for (const token of refused) {
      const partition = this.#setup.partitionOf(token.key);
      const known = byPartition.get(partition);
      if (known === undefined) byPartition.set(partition, [token]);
      else known.push(token);
    }
    const rest: Token[] = [];
    for (const [partition, tokens] of byPartition) {
      const suspect = this.#suspect(partition, tokens.length, batch, refused.length);
      if (suspect === undefined || suspect.refusals < leastRefusals) rest.push(...tokens);
      else this.#wait(suspect, tokens);
    }
    this.#refused += refused.length;
    return rest;
  }

  /** The table took these: a partition among them is less suspect. */
  passed(tokens: readonly Token[]): void {
    this.#passed += tokens.length;
    if (this.#suspects.size === 0) return;
    for (const partition of new Set(tokens.map(({ key }) => this.#setup.partitionOf(key)))) {
      const suspect = this.#suspects.get(partition);
      if (suspect === undefined) continue;
      suspect.attempt = 1;
      suspect.refusals--;
      if (suspect.refusals <= 0 && suspect.parked.length === 0) this.#suspects.delete(partition);
    }
  }

  /** What waits stays undone. */
  stop(): void {
    for (const suspect of this.#suspects.values()) suspect.cancel?.();
  }

  #suspect(partition: string, refusedOfIt: number, batch: readonly Token[], refused: number): Suspect | undefined {
    const known = this.#suspects.get(partition);
    if (known !== undefined && known.refusals >= leastRefusals) return known;
    const ofIt = batch.filter(({ key }) => this.#setup.partitionOf(key) === partition).length;
    const isAlone = ofIt === batch.length;
    const suspect = known ?? {
      refusals: 0,
      attempt: 1,
      parked: [],
      cancel: undefined,
      passedBefore: 0,
      refusedBefore: 0,
    };
    const refusedOthers = isAlone ? this.#refused - suspect.refusedBefore - 1 : refused - refusedOfIt;
    const passedOthers = isAlone ? this.#passed - suspect.passedBefore : batch.length - ofIt - refusedOthers;
    suspect.passedBefore = this.#passed;
    suspect.refusedBefore = this.#refused;
    this.#remember(partition, suspect);
    const isFirstAlone = isAlone && known === undefined;
    const othersPass = passedOthers > 0 && passedOthers >= refusedOthers * othersPassed;
    if (refusedOfIt * 2 < ofIt || isFirstAlone || !othersPass) return undefined;
    suspect.refusals++;
    if (suspect.refusals === leastRefusals) this.#setup.onFound();
    return suspect;
  }

  /** The one refused last comes last. */
  #remember(partition: string, suspect: Suspect): void {
    this.#suspects.delete(partition);
    this.#suspects.set(ownText(partition), suspect);
    if (this.#suspects.size < this.#forgetAt) return;
    const idle = [...this.#suspects].filter(([, { parked }]) => parked.length === 0);
    for (const [known] of idle.slice(0, -mostRemembered)) this.#suspects.delete(known);
    this.#forgetAt = this.#suspects.size + mostRemembered;
  }

  #wait(suspect: Suspect, tokens: readonly Token[]): void {
    for (const token of tokens) this.#setup.detach(token);
    suspect.parked.push(...tokens);
    suspect.refusals = leastRefusals;
    if (suspect.cancel !== undefined) return;
    const release = () => {
      suspect.cancel = undefined;
      for (const token of suspect.parked.splice(0, mostReleased)) this.#setup.giveBack(token);
      if (suspect.parked.length > 0) this.#wait(suspect, []);
    };
    suspect.cancel = this.#setup.clock.setTimer(backoffMs(suspect.attempt++, this.#setup.random), release);
  }
}
