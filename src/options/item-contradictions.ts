import { parseTemplate } from '../domain/column.ts';
import { type ImportError, usageError } from '../domain/import-error.ts';
import type { ImportOptions } from './import-options.ts';
import { ifExists } from './syntax/texts.ts';

/** Options that give one column two fates. */
export function mapping({ omit, types, rename, set, key }: ImportOptions): ImportError | undefined {
  const both = omit.find((column) => Object.hasOwn(types, column) || Object.hasOwn(rename, column));
  if (both !== undefined) {
    const flag = Object.hasOwn(types, both) ? '--types' : '--rename';
    return usageError(
      `column "${both}" is left out by --omit, but ${flag} names it`,
      `Remove it from --omit or ${flag}.`,
    );
  }
  const targets = Object.values(rename);
  const twice = targets.find((target, index) => targets.indexOf(target) !== index);
  if (twice !== undefined) return usageError(`--rename: two columns would become "${twice}"`);
  const made = set.map((text) => parseTemplate(text).name);
  const keyOmitted = key?.find((name) => omit.includes(name) && !targets.includes(name) && !made.includes(name));
  if (keyOmitted === undefined) return undefined;
  return usageError(
    `"${keyOmitted}" is a key, but --omit leaves it out`,
    'Remove it from --omit: an item needs its whole key.',
  );
}

/** Rows that have expired. */
export function expiry({ skipExpiredGraceSeconds, ttlColumn, omit }: ImportOptions): ImportError | undefined {
  if (ttlColumn === undefined) return undefined;
  if (skipExpiredGraceSeconds === undefined) {
    return usageError('--ttl-column requires --skip-expired', 'Add --skip-expired, or leave --ttl-column out.');
  }
  if (!omit.includes(ttlColumn)) return undefined;
  return usageError(
    '--ttl-column names a column that --omit leaves out',
    'Remove it from --omit, or name another column.',
  );
}

/** What happens to existing items. */
export function existingItems({ repository, ifExists: how, omit }: ImportOptions): ImportError | undefined {
  if (how.kind === 'replace') return undefined;
  const flag = `--if-exists ${ifExists.format(how)}`;
  if (repository === 'dynamodb-sdk') {
    return usageError(
      `${flag} needs conditional puts, but --repository dynamodb-sdk writes with BatchWriteItem`,
      'Use --repository dynamodb.',
    );
  }
  if (how.kind === 'keep' || !omit.includes(how.column)) return undefined;
  return usageError(
    `${flag} compares a column that --omit leaves out`,
    'Remove it from --omit, or compare another column.',
  );
}

/** Rows that delete. */
export function deletions({ deleteWhere, ifExists: how, given, resume }: ImportOptions): ImportError | undefined {
  if (deleteWhere === undefined) {
    // The run that is resumed may have the condition.
    if (!given.includes('maxDeletes') || resume !== undefined) return undefined;
    return usageError('--max-deletes requires --delete-where', 'Leave --max-deletes out, or add --delete-where.');
  }
  if (how.kind !== 'keep') return undefined;
  return usageError(
    '--delete-where cannot be combined with --if-exists keep, which leaves every existing item as it is',
    'Pass --if-exists newer:COLUMN, or leave --if-exists out.',
  );
}
