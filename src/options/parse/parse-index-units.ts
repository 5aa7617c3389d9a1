import { wholeNumber } from './parse-count.ts';
import { parsePairs } from './parse-list.ts';
import type { Parser } from './parser.ts';
import { unexpected } from './usage-error.ts';

const expected = 'index=units pairs';

/** `index=units` pairs, added to those of the same flag before. */
export const parseIndexUnits: Parser<Readonly<Record<string, number>>> = (text, flag, previous = {}) => {
  const units = parsePairs(text, flag, expected).map(([name, value]) => {
    const count = wholeNumber(value);
    if (count === undefined || count < 1) throw unexpected(flag, `${expected} set apart by commas`, text);
    return [name, count] as const;
  });
  return { ...previous, ...Object.fromEntries(units) };
};
