import type { Parser } from './parser.ts';
import { unexpected } from './usage-error.ts';

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
type Unit = keyof typeof unitMs;

/** The longest that a timer of the runtime can wait. */
const longestMs = 2 ** 31 - 1;

/** Milliseconds from `10ms`, `2s`, `1.5m`, `1h`; a bare number is milliseconds. */
export function parseDuration(leastMs: number): Parser<number> {
  return (text, flag) => {
    const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$/.exec(text);
    const valueMs = match === null ? Number.NaN : Math.round(Number(match[1]) * unitMs[(match[2] ?? 'ms') as Unit]);
    if (!(valueMs >= leastMs && valueMs <= longestMs)) {
      throw unexpected(flag, `a duration such as 10ms, 2s or 5m, from ${leastMs}ms up`, text);
    }
    return valueMs;
  };
}

/** The shortest text that reads back as the same duration. */
export function durationText(valueMs: number): string {
  const unit = (['h', 'm', 's'] as const).find((name) => valueMs > 0 && valueMs % unitMs[name] === 0) ?? 'ms';
  return `${valueMs / unitMs[unit]}${unit}`;
}
