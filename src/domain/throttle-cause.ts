import { partName } from './write-capacity.ts';

/** Which limit refused a write: of the table, or of the global index that is named. */
export type ThrottleCause = {
  readonly limit: 'capacity' | 'on-demand-maximum' | 'partition' | 'account';
  readonly index?: string;
  /** True where the table did not say so: a handed-back item comes without a reason. */
  readonly inferred?: boolean;
};

/** In a few words: `the write capacity of index "by-user"`. */
export function throttleCauseText({ limit, index, inferred }: ThrottleCause): string {
  const what = partName(index);
  const texts: Readonly<Record<ThrottleCause['limit'], string>> = {
    capacity: `the write capacity of ${what}`,
    'on-demand-maximum': `the on-demand maximum of ${what}`,
    partition: `a hot partition of ${what}`,
    account: `the account's write limit, at ${what}`,
  };
  return inferred === true ? `${texts[limit]} (inferred)` : texts[limit];
}
