import { wholeNumber } from '../../domain/amount.ts';
import { parseTemplate, separatorNames, type ToldType } from '../../domain/column.ts';
import { usageError } from '../../domain/import-error.ts';
import { listPrices, type Prices } from '../../domain/import-estimate.ts';
import { type Syntax, unexpected } from '../option.ts';

/** Names separated by commas, each of them once. */
export const names: Syntax<readonly string[]> = {
  placeholder: '<a,b,...>',
  parse(text, flag) {
    const given = text.split(',').map((name) => name.trim());
    if (given.includes('')) throw unexpected(flag, 'names separated by commas', text);
    const twice = given.find((name, index) => given.indexOf(name) !== index);
    if (twice !== undefined) throw usageError(`${flag}: "${twice}" is named twice`);
    return given;
  },
  format: (list) => (list.length === 0 ? undefined : list.join(',')),
};

/** As names, added to those of the same flag before. */
export const moreNames: Syntax<readonly string[]> = {
  placeholder: '<col,...>',
  parse: (text, flag, previous = []) => [...new Set([...previous, ...names.parse(text, flag)])],
  format: names.format,
};

/** A partition key, or a partition key and a sort key. */
export const keyNames: Syntax<readonly string[]> = {
  placeholder: '<a[,b]>',
  parse(text, flag) {
    const given = names.parse(text, flag);
    if (given.length > 2) throw unexpected(flag, 'a partition key, or a partition key and a sort key', text);
    return given;
  },
  format: names.format,
};

/** `column=TYPE` pairs, added to those of the same flag before. */
export const columnTypes: Syntax<Readonly<Record<string, ToldType>>> = {
  placeholder: '<col=type,...>',
  parse: (text, flag, previous = noPairs) =>
    merge(
      flag,
      previous,
      pairs(text, flag, 'column=TYPE pairs').map(([name, type]) => [name, columnType(type, flag)]),
    ),
  format: formatPairs,
};

/** `column=attribute` pairs, added to those of the same flag before. */
export const renames: Syntax<Readonly<Record<string, string>>> = {
  placeholder: '<col=attr,...>',
  parse: (text, flag, previous = noPairs) => merge(flag, previous, pairs(text, flag, 'column=attribute pairs')),
  format: formatPairs,
};

/** `attribute=text` with `{column}` in it, added to those of the same flag before. */
export const templates: Syntax<readonly string[]> = {
  placeholder: '<attr=text>',
  parse(text, flag, previous = []) {
    const { name } = parseTemplate(text);
    if (previous.includes(text)) return previous;
    if (previous.some((other) => parseTemplate(other).name === name)) {
      throw usageError(`${flag}: attribute "${name}" is given twice`, `Leave out one ${flag}.`);
    }
    return [...previous, text];
  },
  format: (list) => list,
};

/** `index=units` pairs, added to those of the same flag before. */
export const indexUnits: Syntax<Readonly<Record<string, number>>> = {
  placeholder: '<index=n,...>',
  parse(text, flag, previous = {}) {
    const expected = 'index=units pairs';
    const units = pairs(text, flag, expected).map(([name, value]) => {
      const count = wholeNumber(value);
      if (count === undefined || count < 1) throw unexpected(flag, `${expected} separated by commas`, text);
      return [name, count] as const;
    });
    return { ...previous, ...Object.fromEntries(units) };
  },
  format: formatPairs,
};

const priceNames = { 'on-demand': 'usdPerMillionUnits', provisioned: 'usdPerUnitHour' } as const;

/** `on-demand=0.78,provisioned=0.00081`; a price that is not given keeps its list price. */
export const prices: Syntax<Prices> = {
  placeholder: '<name=usd,...>',
  parse(text, flag, previous = listPrices) {
    const given = text.split(',').map((pair) => {
      const [name = '', value = ''] = pair.split('=').map((part) => part.trim());
      if (!Object.hasOwn(priceNames, name) || !/^\d+(\.\d+)?$/.test(value)) {
        throw unexpected(flag, 'on-demand=USD, provisioned=USD or both, separated by a comma', text);
      }
      return [priceNames[name as keyof typeof priceNames], Number(value)];
    });
    const merged = { ...previous, ...(Object.fromEntries(given) as Partial<Prices>) };
    return { ...merged, source: given.length === 2 ? flag : `${flag} and ${listPrices.source}` };
  },
  format: ({ usdPerMillionUnits, usdPerUnitHour }) => `on-demand=${usdPerMillionUnits},provisioned=${usdPerUnitHour}`,
};

/** Without a prototype: a column may be called `constructor`. */
export const noPairs: Readonly<Record<string, never>> = Object.create(null);

function pairs(text: string, flag: string, expected: string): readonly (readonly [string, string])[] {
  return text.split(',').map((pair) => {
    const cut = pair.indexOf('=');
    const name = pair.slice(0, Math.max(cut, 0)).trim();
    const value = pair.slice(cut + 1).trim();
    if (name === '' || value === '') throw unexpected(flag, `${expected} separated by commas`, text, commaHint(text));
    return [name, value];
  });
}

/** Commas are between the pairs. */
function commaHint(text: string): string | undefined {
  return /\b(SS|NS|L)\(,\)/i.test(text) ? 'Write the word comma for a comma: tags=SS(comma).' : undefined;
}

const typeNames: readonly string[] = ['S', 'N', 'B', 'BOOL', 'JSON', 'EPOCH', 'HEX', 'BASE64'] satisfies ToldType[];

function columnType(text: string, flag: string): ToldType {
  const type = text.toUpperCase();
  if (typeNames.includes(type)) return type as ToldType;
  const [, split = '', separator = ''] = /^(SS|NS|L)(?:\((.*)\))?$/isu.exec(text) ?? [];
  const named = [...separatorNames].find(([, character]) => character === separator)?.[0] ?? separator;
  if (separatorNames.has(named) || /^[^\r\n]$/u.test(named)) return `${split.toUpperCase()}(${named})` as ToldType;
  const hint =
    split === '' ? undefined : `Pass one character to split at, or the word comma: ${split.toUpperCase()}(comma).`;
  throw unexpected(flag, `one of the types ${typeNames.join(', ')}, SS(|), NS(|), L(|)`, text, hint);
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
  return Object.setPrototypeOf(Object.fromEntries(merged), null);
}

function formatPairs(values: Readonly<Record<string, string | number>>): string | undefined {
  const entries = Object.entries(values);
  return entries.length === 0 ? undefined : entries.map((pair) => pair.join('=')).join(',');
}
