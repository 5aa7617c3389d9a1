import type { ManifestExpiry } from '../../adapters/file/run/run-manifest.ts';
import type { Checked } from '../../domain/table.ts';
import { quoted } from '../../input/columns/column-names.ts';
import { type ExpiryRule, fiveYearsSeconds } from '../../input/columns/time-to-live.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import { usageError } from '../../options/syntax/syntax.ts';
import type { MappedRows } from './map-columns.ts';

/**
 * The rows without those that have expired, if `--skip-expired` asks for it. Throws ImportError `usage` if no column tells
 * when a row expires.
 * @param ttlAttribute of the table; asked for if `--ttl-column` is not given
 * @param kept what the first process of the run decided
 */
export async function skipExpired(
  options: ImportOptions,
  mapped: MappedRows,
  ttlAttribute: () => Promise<Checked<string | undefined>>,
  clockMs: number,
  kept?: ManifestExpiry,
): Promise<MappedRows> {
  const { skipExpiredGraceSeconds: graceSeconds } = options;
  if (graceSeconds === undefined) return mapped;
  const sourceName = options.ttlColumn ?? kept?.column ?? columnOf(await ttlAttribute(), mapped);
  const nowSeconds = Math.floor((kept?.clockMs ?? clockMs) / 1000);
  const expiry: ExpiryRule = {
    place: placeOf(sourceName, mapped),
    sourceName,
    fromSeconds: nowSeconds - fiveYearsSeconds,
    untilSeconds: nowSeconds - graceSeconds,
  };
  return { ...mapped, expiry };
}

/**
 * How long an import and its verification may be apart. In this time rows pass the line of five years, and others expire
 * that were written.
 */
const verifySlackSeconds = 30 * 86_400;

/**
 * The rows of which a verification can tell what the table should hold: an import may have skipped, or the service deleted,
 * every other row that has expired by now.
 */
export async function skipExpiredInVerify(
  options: ImportOptions,
  mapped: MappedRows,
  ttlAttribute: () => Promise<Checked<string | undefined>>,
  clockMs: number,
): Promise<MappedRows> {
  const { expiry, ...rest } = await skipExpired(options, mapped, ttlAttribute, clockMs);
  if (expiry === undefined) return rest;
  const fromSeconds = expiry.fromSeconds - verifySlackSeconds;
  return { ...rest, expiry: { ...expiry, fromSeconds, untilSeconds: Math.floor(clockMs / 1000) } };
}

function columnOf(ttlAttribute: Checked<string | undefined>, { columns }: MappedRows): string {
  if (ttlAttribute.kind === 'not-checked') {
    throw usageError(
      `--skip-expired: the TTL attribute is not known (${ttlAttribute.because})`,
      'Name the column with --ttl-column.',
    );
  }
  const { value: name } = ttlAttribute;
  if (name === undefined) {
    throw usageError(
      '--skip-expired: the table has no TTL attribute',
      'Name the column with --ttl-column, or leave --skip-expired out.',
    );
  }
  const column = columns.find((one) => one.name === name);
  if (column !== undefined) return column.sourceName;
  throw usageError(
    `--skip-expired: no column becomes ${quoted(name)}, the TTL attribute of the table`,
    `Pass --rename COLUMN=${name}, or leave --skip-expired out.`,
  );
}

function placeOf(sourceName: string, { columns }: MappedRows): number {
  const place = columns.findIndex((column) => column.sourceName === sourceName);
  const { type } = columns[place]!;
  if (type === 'N' || type === 'EPOCH') return place;
  throw usageError(
    `--skip-expired: column ${quoted(sourceName)} is ${type}, and DynamoDB expires only numbers`,
    `Pass --types ${sourceName}=EPOCH for date-times, or --types ${sourceName}=N for seconds.`,
  );
}
