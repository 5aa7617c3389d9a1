import type { ColumnType } from '../../domain/column.ts';
import type { Parser } from './parser.ts';
import { unexpected, usageError } from './usage-error.ts';

const nothing: Readonly<Record<string, never>> = Object.create(null);

const columnTypes: readonly string[] = ['S', 'N', 'B', 'BOOL', 'JSON', 'EPOCH', 'HEX', 'BASE64'] satisfies ColumnType[];

/** Names set apart by commas, none of them twice. */
export const parseNames: Parser<readonly string[]> = (text, flag) => {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw unexpected(flag, 'names set apart by commas', text);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw usageError(`${flag}: "${twice}" is named twice`);
  return names;
};

/** As names, added to those of the same flag before. */
export const parseMoreNames: Parser<readonly string[]> = (text, flag, previous = []) => [
  ...new Set([...previous, ...parseNames(text, flag, undefined)]),
];

/** A partition key, or that and a sort key. */
export const parseKey: Parser<readonly string[]> = (text, flag) => {
  const names = parseNames(text, flag, undefined);
  if (names.length > 2) throw unexpected(flag, 'a partition key, or a partition and a sort key', text);
  return names;
};

/** `column=TYPE` pairs, added to those of the same flag before. */
export const parseTypes: Parser<Readonly<Record<string, ColumnType>>> = (text, flag, previous = nothing) =>
  merge(
    flag,
    previous,
    parsePairs(text, flag, 'column=TYPE pairs').map(([name, type]) => [name, columnType(type, flag)]),
  );

/** `column=attribute` pairs, added to those of the same flag before. */
export const parseRenames: Parser<Readonly<Record<string, string>>> = (text, flag, previous = nothing) =>
  merge(flag, previous, parsePairs(text, flag, 'column=attribute pairs'));

/** `name=value` pairs; `expected` puts them in words. */
export function parsePairs(text: string, flag: string, expected: string): readonly (readonly [string, string])[] {
  return text.split(',').map((pair) => {
    const cut = pair.indexOf('=');
    const name = pair.slice(0, Math.max(cut, 0)).trim();
    const value = pair.slice(cut + 1).trim();
    if (name === '' || value === '') throw unexpected(flag, `${expected} set apart by commas`, text);
    return [name, value];
  });
}

function columnType(text: string, flag: string): ColumnType {
  const type = text.toUpperCase();
  if (!columnTypes.includes(type)) throw unexpected(flag, `one of the types ${columnTypes.join(', ')}`, text);
  return type as ColumnType;
}

function merge<Value extends string>(
  flag: string,
  previous: Readonly<Record<string, Value>>,
  added: readonly (readonly [string, Value])[],
): Readonly<Record<string, Value>> {
  const merged = new Map(Object.entries(previous));
  for (const [name, value] of added) {
    if ((merged.get(name) ?? value) !== value) throw usageError(`${flag}: column "${name}" is given two values`);
    merged.set(name, value);
  }
  // Without a prototype: a column may be called `constructor`.
  return Object.setPrototypeOf(Object.fromEntries(merged), null);
}
