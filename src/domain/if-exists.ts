/**
 * What becomes of an item that is in the table already: replaced; kept; or replaced where its attribute `column` is
 * missing or less than the row's.
 */
export type IfExists =
  | { readonly kind: 'replace' }
  | { readonly kind: 'keep' }
  | { readonly kind: 'newer'; readonly column: string };

/** What a load costs, before any retry. */
export type WriteCost = {
  readonly requests: number;
  readonly writeUnits: number;
  /** What makes it more, for the operator; undefined where nothing does. */
  readonly besides: string | undefined;
};

/** Requests and write units of a load of `rows` rows whose puts cost `writeUnits` in all. */
export function writeCost(
  ifExists: IfExists,
  rows: { readonly rows: number; readonly writeUnits: number },
  batchSize: number,
): WriteCost {
  const { writeUnits } = rows;
  if (ifExists.kind === 'replace') {
    return { requests: Math.ceil(rows.rows / batchSize), writeUnits, besides: undefined };
  }
  return {
    requests: rows.rows,
    writeUnits,
    besides: 'a row whose item stays costs the write units of the larger of the two',
  };
}
