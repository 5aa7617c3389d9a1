import type { Parser } from './parser.ts';
import { unexpected } from './usage-error.ts';

/** Any text that is not empty, nor the flag behind one whose argument was forgotten. */
export const parseText: Parser<string> = (text, flag) => {
  if (text === '') throw unexpected(flag, 'some text', text);
  if (/^--[a-z]/.test(text))
    throw unexpected(flag, 'some text', text, `say what ${flag} is to be; a file of that name is ./${text}`);
  return text;
};

/** One of a few words. */
export function parseChoice<Word extends string>(...words: readonly Word[]): Parser<Word> {
  return (text, flag) => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw unexpected(flag, `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`, text);
    return word;
  };
}

/** Text of a given shape, which `expected` puts in words; `mend` makes such text of what is often pasted in its place. */
export function parseShape(shape: RegExp, expected: string, mend: (text: string) => string): Parser<string> {
  return (text, flag) => {
    if (shape.test(text)) return text;
    const mended = mend(text);
    throw unexpected(flag, expected, text, shape.test(mended) ? `did you mean ${flag} ${mended}?` : undefined);
  };
}

/** The address of an endpoint. */
export const parseUrl: Parser<string> = (text, flag) => {
  if (!/^https?:\/\/./.test(text) || !URL.canParse(text)) {
    throw unexpected(flag, 'an address that begins with http:// or https://', text);
  }
  return text;
};

/** UTC, a name such as Europe/Berlin, or an offset such as +02:00. */
export const parseTimeZone: Parser<string> = (text, flag) => {
  if (/^[+-]\d\d:\d\d$/.test(text)) return text;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone && text;
  } catch {
    throw unexpected(flag, 'a time zone such as UTC, Europe/Berlin or +02:00', text);
  }
};
