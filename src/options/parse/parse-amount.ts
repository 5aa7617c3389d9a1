import type { Amount } from '../../domain/amount.ts';
import { countHint, wholeNumber } from './parse-count.ts';
import type { Parser } from './parser.ts';
import { unexpected } from './usage-error.ts';

/** A number of write units a second, or a share such as `80%`; zero only where `least` is 0. */
export function parseAmount(least: 0 | 1): Parser<Amount> {
  return (text, flag) => {
    const amount = amountOf(text);
    if (amount === undefined || (amount.value === 0 && least > 0)) {
      const expected = `a number of write units a second from ${least} up or a share up to 100%`;
      throw unexpected(flag, expected, text, amountHint(flag, text));
    }
    return amount;
  };
}

/** As an amount of rows, or -1 for no limit. */
export const parseMaxRejects: Parser<Amount> = (text, flag) => {
  const amount = text === '-1' ? ({ kind: 'units', value: -1 } as const) : amountOf(text);
  if (amount === undefined)
    throw unexpected(flag, 'a number of rows, a share up to 100%, or -1 for no limit', text, amountHint(flag, text));
  return amount;
};

function amountHint(flag: string, text: string): string | undefined {
  return text.endsWith('%') ? undefined : countHint(flag, text);
}

/** A rate as a file holds it; undefined where the text is none. */
export function readAmount(text: string): Amount | undefined {
  const amount = amountOf(text);
  return amount?.value === 0 ? undefined : amount;
}

function amountOf(text: string): Amount | undefined {
  if (!text.endsWith('%')) {
    const value = wholeNumber(text);
    return value === undefined ? undefined : { kind: 'units', value };
  }
  const share = text.slice(0, -1).trim();
  if (!/^\d{1,3}(\.\d+)?$/.test(share)) return undefined;
  const value = Number(share);
  return value > 100 ? undefined : { kind: 'percent', value };
}
