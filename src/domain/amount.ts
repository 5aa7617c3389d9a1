import { formatCount } from './format.ts';

/** A number of units (write units a second, rows), or a share in percent of the whole. */
export type Amount = { readonly kind: 'units' | 'percent'; readonly value: number };

/** The units, or the share of `wholeUnits`. */
export function unitsOf({ kind, value }: Amount, wholeUnits: number): number {
  return kind === 'units' ? value : (wholeUnits * value) / 100;
}

/** The amount that the text writes: `20000`, `20_000`, `80%`; undefined where it writes none. */
export function amountOf(text: string): Amount | undefined {
  if (!text.endsWith('%')) {
    const value = wholeNumber(text);
    return value === undefined ? undefined : { kind: 'units', value };
  }
  const share = text.slice(0, -1).trim();
  if (!/^\d{1,3}(\.\d+)?$/.test(share)) return undefined;
  const value = Number(share);
  return value > 100 ? undefined : { kind: 'percent', value };
}

/** A write rate as a file holds it; undefined where the text is not one. Zero is not a rate. */
export function readAmount(text: string): Amount | undefined {
  const amount = amountOf(text);
  return amount?.value === 0 ? undefined : amount;
}

/** The whole number that the text writes, such as `20_000`; undefined where it writes none. */
export function wholeNumber(text: string): number | undefined {
  if (!/^\d+(_\d+)*$/.test(text)) return undefined;
  const value = Number(text.replaceAll('_', ''));
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Text that reads back as the same amount. */
export function amountText({ kind, value }: Amount): string {
  return kind === 'percent' ? `${value}%` : `${value}`;
}

/** For people, unless it is the flag that they typed. */
export function amountInWords({ kind, value }: Amount): string {
  return kind === 'percent' ? `${value}%` : formatCount(value);
}

/** How a setting was chosen. */
export type SettingOrigin = 'flag' | 'default';

/** One effective setting as the operator would type it: `{ flag: '--wps', value: '20000', origin: 'flag' }`. */
export type Setting = { readonly flag: string; readonly value: string; readonly origin: SettingOrigin };
