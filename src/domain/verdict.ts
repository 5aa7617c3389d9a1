/** How the table's item stands to a row of the source. */
export type Verdict =
  | { readonly kind: 'equal' }
  | { readonly kind: 'missing' }
  /** `attributes` names those that differ, that the table lacks, or that it has besides. */
  | { readonly kind: 'different'; readonly attributes: readonly AttributeDifference[] };

/** The values are there only where they may be shown; undefined where there is none. */
export type AttributeDifference = { readonly name: string; readonly inRow?: string; readonly inTable?: string };
