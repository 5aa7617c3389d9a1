import type { Parser } from './parser.ts';
import { unexpected } from './usage-error.ts';

/** What a shell makes hard to type. */
const named: ReadonlyMap<string, string> = new Map([
  ['\\t', '\t'],
  ['tab', '\t'],
  ['\\\\', '\\'],
  ['\\0', '\0'],
]);

/** One ASCII character that ends no line; `\t` or `tab` is a tab. */
export const parseCharacter: Parser<string> = (text, flag) => {
  const character = named.get(text) ?? text;
  if (!/^[\x00-\x7f]$/.test(character) || character === '\n' || character === '\r') {
    throw unexpected(flag, 'one ASCII character (\\t for a tab)', text);
  }
  return character;
};

/** As a character; empty text or `none` says that there is none, and becomes empty text. */
export const parseCharacterOrNone: Parser<string> = (text, flag, previous) =>
  text === '' || text === 'none' ? '' : parseCharacter(text, flag, previous);

/** Text that `parseCharacter` reads back. */
export function characterText(character: string): string {
  if (character === '') return 'none';
  return [...named].find(([, meant]) => meant === character)?.[0] ?? character;
}
