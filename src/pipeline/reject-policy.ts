import { type Amount, amountInWords } from '../domain/amount.ts';
import { formatCount } from '../domain/format.ts';
import { ImportError } from '../domain/import-error.ts';

/** A share says little before so many rows were read. */
const rowsBeforeShareCounts = 1000;

/** The fault of a run that rejected more rows than it may (-1: no limit), or undefined. */
export function tooManyRejects(limit: Amount, rejected: number, read: number): ImportError | undefined {
  if (rejected === 0 || limit.value < 0) return undefined;
  const tooMany =
    limit.kind === 'units'
      ? rejected > limit.value
      : read >= rowsBeforeShareCounts && rejected * 100 > read * limit.value;
  if (!tooMany) return undefined;
  return new ImportError(
    'too-many-rejects',
    `${formatCount(rejected)} of ${formatCount(read)} rows were rejected; --max-rejects allows ${amountInWords(limit)}`,
    {
      hint: 'See rejects.jsonl for the reasons. Resume with a higher --max-rejects, or correct --types or the source and start a new run.',
    },
  );
}
