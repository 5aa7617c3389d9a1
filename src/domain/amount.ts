import { formatCount } from './format.ts';

/** A number of units (write units a second, rows), or a share in percent of what there is. */
export type Amount = { readonly kind: 'units' | 'percent'; readonly value: number };

/** So many units, or that share of the whole. */
export function unitsOf({ kind, value }: Amount, wholeUnits: number): number {
  return kind === 'units' ? value : (wholeUnits * value) / 100;
}

/** Text that reads back as the same amount. */
export function amountText({ kind, value }: Amount): string {
  return kind === 'percent' ? `${value}%` : `${value}`;
}

/** For people, where it is not the flag that they typed. */
export function amountInWords({ kind, value }: Amount): string {
  return kind === 'percent' ? `${value}%` : formatCount(value);
}
