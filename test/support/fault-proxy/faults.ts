import type { Random } from '../seeded-random.ts';

/** Probabilities of faults in [0, 1]; a request has at most one of the first group. */
export type Faults = {
  /** The request is refused as throttled, nothing is written. */
  readonly throttle?: number;
  /** 500 or 503, nothing is written. */
  readonly serverError?: number;
  /** 500, though the write took effect. */
  readonly serverErrorAfterWrite?: number;
  /** The connection is reset, nothing is written. */
  readonly resetBeforeWrite?: number;
  /** The connection is reset, though the write took effect. */
  readonly resetAfterWrite?: number;
  /** Never answered, nothing is written. */
  readonly hang?: number;
  /** Never answered, and written after `applyAfterMs`, when the client has long given up. */
  readonly applyLate?: number;
  /** Written at once, answered after `answerAfterMs`. */
  readonly answerLate?: number;
  /** Written, and the reply breaks off in its middle. */
  readonly truncate?: number;

  /** Also applies faults to BatchGetItem; `handBack` leaves keys unprocessed. */
  readonly reads?: boolean;

  /** Of what is written, a random part is handed back instead. */
  readonly handBack?: number;

  readonly applyAfterMs?: DelayMs;
  readonly answerAfterMs?: DelayMs;

  /** Canonical keys that are handed back whenever they come; see `canonicalKey`. */
  readonly alwaysRefuseKeys?: ReadonlySet<string>;
  /** Canonical keys for which a whole batch is refused with a ValidationException. */
  readonly invalidKeys?: ReadonlySet<string>;
};

/** Milliseconds, or the bounds between which they are drawn. */
export type DelayMs = number | readonly [least: number, most: number];

const kinds = [
  'throttle',
  'serverError',
  'serverErrorAfterWrite',
  'resetBeforeWrite',
  'resetAfterWrite',
  'hang',
  'applyLate',
  'answerLate',
  'truncate',
] as const;

export type FaultKind = (typeof kinds)[number];

/** The fault of the next request, if any. */
export function drawFault(random: Random, faults: Faults): FaultKind | undefined {
  let drawn = random();
  for (const kind of kinds) {
    drawn -= faults[kind] ?? 0;
    if (drawn < 0) return kind;
  }
  return undefined;
}

/** Whether the seed decides which requests have faults. */
export function leftToChance(faults: Faults): boolean {
  return [...kinds, 'handBack' as const].some((kind) => (faults[kind] ?? 0) % 1 !== 0);
}

export function drawDelayMs(random: Random, delay: DelayMs): number {
  return typeof delay === 'number' ? delay : delay[0] + random() * (delay[1] - delay[0]);
}
