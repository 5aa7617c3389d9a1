import { utcText } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { CapacityEnding } from '../../domain/run-summary.ts';
import type { CapacityDebt, RaisedPart } from '../../domain/write-capacity.ts';
import type { Restored } from '../../pipeline/capacity/restore-capacity.ts';

type EndingFacts = {
  /** Left raised on purpose. */
  readonly kept?: boolean;
  readonly restoreCommand: string;
};

/** What became of the capacity, for the summary. */
export function capacityEnding(
  debt: CapacityDebt,
  { owed, fault, allowedAtMs, foreign }: Restored,
  { kept = false, restoreCommand }: EndingFacts,
): CapacityEnding {
  const state = kept ? 'kept' : owed === undefined ? 'restored' : 'owed';
  const isForeign = (index: string | undefined) => foreign.some((part) => part.index === index);
  const parts = state === 'owed' ? owed!.parts : debt.parts.filter(({ index }) => !isForeign(index));
  return {
    state,
    raised: parts.map(raisedInShort),
    leftAlone: foreign.map(({ index, foundWriteUnits = null }) => ({
      ...(index !== undefined && { index }),
      found: foundWriteUnits,
    })),
    ...(fault !== undefined && { because: fault.message }),
    ...(allowedAtMs !== undefined && { allowedAt: utcText(allowedAtMs) }),
    ...(state !== 'restored' && { restoreCommand, awsCommand: debt.undoCommand }),
  };
}

/** What a page or a summary says of a part. */
export function raisedInShort({
  index,
  beforeWriteUnits,
  raisedWriteUnits,
}: RaisedPart): CapacityEnding['raised'][number] {
  return { ...(index !== undefined && { index }), before: beforeWriteUnits, raised: raisedWriteUnits };
}

/** The fault that ended the run, and what is owed besides. */
export function owedBesides(fault: unknown, { because, allowedAt, restoreCommand, awsCommand }: CapacityEnding) {
  const what = fault instanceof ImportError ? fault.message : 'the run was stopped before the first write';
  const when = allowedAt === undefined ? '' : ` from ${allowedAt} on`;
  return new ImportError('capacity-owed', `${what}; and the capacity is STILL RAISED: ${because ?? 'not put back'}`, {
    hint: `Put it back${when}: ${restoreCommand}\nor, from any machine: ${awsCommand}`,
    cause: fault,
  });
}
