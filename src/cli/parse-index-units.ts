import { wholeNumber } from './parse-count.ts';
import { parseRenames } from './parse-list.ts';
import type { Parser } from './parser.ts';
import { unexpected } from './usage-error.ts';

/** `index=units` pairs, added to those of the same flag before. */
export const parseIndexUnits: Parser<Readonly<Record<string, number>>> = (text, flag, previous = {}) => {
  const units = Object.entries(parseRenames(text, flag, undefined)).map(([name, value]) => {
    const count = wholeNumber(value);
    if (count === undefined || count < 1) throw unexpected(flag, 'index=units pairs set apart by commas', text);
    return [name, count] as const;
  });
  return { ...previous, ...Object.fromEntries(units) };
};
