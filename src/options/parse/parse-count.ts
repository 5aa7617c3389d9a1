import type { Parser } from './parser.ts';
import { unexpected } from './usage-error.ts';

const multiples: Readonly<Record<string, number>> = { k: 1000, m: 1_000_000, g: 1_000_000_000 };

/** Whole numbers from `least` to `most`; digits may be set apart by underscores. */
export function parseCount(least: number, most: number = Number.MAX_SAFE_INTEGER): Parser<number> {
  const range = most === Number.MAX_SAFE_INTEGER ? `${least} up` : `${least} to ${most}`;
  return (text, flag) => {
    const value = wholeNumber(text);
    if (value === undefined || value < least || value > most) {
      throw unexpected(flag, `a whole number from ${range}`, text, countHint(flag, text, most));
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

/** The spelling that is taken, of a number that one reads at once: `20k`, `1.5M`, `20,000`, `2e4`; a share is none. */
export function countHint(flag: string, text: string, most = Number.MAX_SAFE_INTEGER): string | undefined {
  if (/^[\d.]+\s*%$/.test(text)) return `${flag} takes no share: give the number itself`;
  const value = meantNumber(text);
  return value === undefined || value > most ? undefined : `did you mean ${flag} ${value}?`;
}

function meantNumber(text: string): number | undefined {
  const [, digits = '', multiple] = /^(\d+(?:\.\d+)?(?:e\d)?)\s*([kmg]?)$/i.exec(text) ?? [];
  const grouped = /^\d{1,3}([,.' ]\d{3})+$/.test(text);
  const value = grouped
    ? Number(text.replace(/\D/g, ''))
    : Number(digits) * (multiples[multiple?.toLowerCase() ?? ''] ?? 1);
  return value > 0 && Number.isSafeInteger(value) && String(value) !== text ? value : undefined;
}
