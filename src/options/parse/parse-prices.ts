import { listPrices, type Prices } from '../../domain/import-estimate.ts';
import type { Parser } from './parser.ts';
import { unexpected } from './usage-error.ts';

const names = { 'on-demand': 'usdPerMillionUnits', provisioned: 'usdPerUnitHour' } as const;

/** `on-demand=0.78,provisioned=0.00081`: what is not named keeps its list price. */
export const parsePrices: Parser<Prices> = (text, flag, previous = listPrices) => {
  const given = text.split(',').map((pair) => {
    const [name = '', value = ''] = pair.split('=').map((part) => part.trim());
    if (!Object.hasOwn(names, name) || !/^\d+(\.\d+)?$/.test(value)) {
      throw unexpected(flag, 'on-demand=USD, provisioned=USD or both, set apart by a comma', text);
    }
    return [names[name as keyof typeof names], Number(value)];
  });
  const prices = { ...previous, ...(Object.fromEntries(given) as Partial<Prices>) };
  return { ...prices, source: given.length === 2 ? flag : `${flag} and ${listPrices.source}` };
};
