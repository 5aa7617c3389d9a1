import type { ManifestTable } from '../adapters/file/run/run-manifest.ts';
import { ImportError } from '../domain/import-error.ts';
import type { Target } from './open-target.ts';

/** What tells a table from others of its name: its ARN, or where it is asked for if it may not be described. */
export function manifestTable({ table, region, endpoint }: Target): ManifestTable {
  if (table !== undefined) return { arn: table.arn };
  return { endpoint, ...(region !== undefined && { region }) };
}

/** Another region or account may well have a table of that name: half of the rows must not go there. */
export function checkSameTable(before: ManifestTable | undefined, target: Target): void {
  if (before === undefined) return;
  const now = manifestTable(target);
  const canBeCompared = (before.arn === undefined) === (now.arn === undefined);
  if (!canBeCompared || inWords(before) === inWords(now)) return;
  throw new ImportError('resume-mismatch', `this run was begun with ${inWords(before)}, but here is ${inWords(now)}`, {
    hint: 'Check --region, --profile and the environment. To import into another table, start a new run without --resume.',
  });
}

function inWords({ arn, region, endpoint }: ManifestTable): string {
  return arn ?? `a table in region ${region ?? 'unknown'} at ${endpoint}`;
}
