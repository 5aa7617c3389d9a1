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

/** As mysqldump takes a terminator or a quote: characters, the escapes of a SQL string, or `0x` and hexadecimal bytes. */
export const parseSeparator: Parser<string> = (text, flag) => {
  const separator = /^0x(?:[0-9a-f]{2})+$/i.test(text)
    ? Buffer.from(text.slice(2), 'hex').toString('latin1')
    : text.replaceAll(/\\(.)/gs, (_, letter: string) => sqlEscapes.get(letter) ?? letter);
  if (!/^[\x00-\x7f]*$/.test(separator)) throw unexpected(flag, 'ASCII characters, such as , or \\t or 0x09', text);
  return separator;
};

const sqlEscapes: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['b', '\b'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['Z', '\x1a'],
]);

/** Text that `parseSeparator` reads back. */
export function separatorText(separator: string): string {
  const isHexadecimal = /^0x/i.test(separator) || /[\x00-\x1f\x7f]/.test(separator.replaceAll(/[\t\n\r]/g, ''));
  if (isHexadecimal) return `0x${Buffer.from(separator, 'latin1').toString('hex')}`;
  return separator.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}
