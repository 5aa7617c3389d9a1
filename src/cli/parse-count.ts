import type { Parser } from './parser.ts';
import { unexpected } from './usage-error.ts';

/** Whole numbers from `least` to `most`; digits may be set apart by underscores. */
export function parseCount(least: number, most: number = Number.MAX_SAFE_INTEGER): Parser<number> {
  const range = most === Number.MAX_SAFE_INTEGER ? `${least} up` : `${least} to ${most}`;
  return (text, flag) => {
    const value = wholeNumber(text);
    if (value === undefined || value < least || value > most) {
      throw unexpected(flag, `a whole number from ${range}`, text);
    }
    return value;
  };
}

/** The number that the text writes, or undefined where it is not a whole one. */
export function wholeNumber(text: string): number | undefined {
  if (!/^\d+(_\d+)*$/.test(text)) return undefined;
  const value = Number(text.replaceAll('_', ''));
  return Number.isSafeInteger(value) ? value : undefined;
}
