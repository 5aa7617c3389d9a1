import { formatCount } from '../domain/format-count.ts';
import { ImportError } from '../domain/import-error.ts';

/** Most rows that may be rejected: a number (-1 for no limit), or a share of the rows read. */
export type RejectLimit = { readonly kind: 'units' | 'percent'; readonly value: number };

/** A share says little before so many rows were read. */
const rowsBeforeShareCounts = 1000;

/** The fault of a run that rejected more rows than it may, or undefined. */
export function tooManyRejects(limit: RejectLimit, rejected: number, read: number): ImportError | undefined {
  if (rejected === 0 || limit.value < 0) return undefined;
  const tooMany =
    limit.kind === 'units'
      ? rejected > limit.value
      : read >= rowsBeforeShareCounts && rejected * 100 > read * limit.value;
  if (!tooMany) return undefined;
  const allowed = limit.kind === 'units' ? formatCount(limit.value) : `${limit.value}%`;
  return new ImportError(
    'too-many-rejects',
    `${formatCount(rejected)} of ${formatCount(read)} rows were rejected; --max-rejects allows ${allowed}`,
    {
      hint: 'See rejects.jsonl for the reasons. Correct --types or the source, or allow more with --max-rejects, and resume.',
    },
  );
}
