import type { ManifestExpiry } from '../../adapters/file/run/run-manifest.ts';
import type { Column } from '../../domain/column.ts';
import { type ImportError, usageError } from '../../domain/import-error.ts';
import type { Checked } from '../../domain/table.ts';
import { quoted } from '../../input/columns/column-names.ts';
import { type ExpiryRule, fiveYearsSeconds } from '../../input/columns/row-rules.ts';
import type { ImportOptions } from '../../options/import-options.ts';
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
  const { columns } = mapped;
  const place =
    options.ttlColumn === undefined
      ? placeOfAttribute(kept?.attribute ?? attributeOf(await ttlAttribute()), columns)
      : columns.findIndex(({ sourceName, template }) => sourceName === options.ttlColumn && template === undefined);
  const column = columns[place]!;
  if (column.type !== 'N' && column.type !== 'EPOCH') throw notNumeric(column);
  const nowSeconds = Math.floor((kept?.clockMs ?? clockMs) / 1000);
  const expiry: ExpiryRule = {
    place,
    sourceName: column.sourceName,
    isMade: column.template !== undefined,
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
  return { ...rest, expiry: { ...expiry, fromSeconds, untilSeconds: Math.floor(clockMs / 1000), givesTokens: true } };
}

/** What a resume has to know again. */
export function manifestExpiry({ expiry, columns }: MappedRows, clockMs: number): ManifestExpiry | undefined {
  return expiry && { column: expiry.sourceName, attribute: columns[expiry.place]!.name, clockMs };
}

function attributeOf(ttlAttribute: Checked<string | undefined>): string {
  if (ttlAttribute.kind === 'not-checked') {
    throw usageError(
      `--skip-expired: the TTL attribute is not known (${ttlAttribute.because})`,
      'Name the column with --ttl-column.',
    );
  }
  if (ttlAttribute.value !== undefined) return ttlAttribute.value;
  throw usageError(
    '--skip-expired: the table has no TTL attribute',
    'Name the column with --ttl-column, or leave --skip-expired out.',
  );
}

function placeOfAttribute(attribute: string, columns: readonly Column[]): number {
  const place = columns.findIndex(({ name }) => name === attribute);
  if (place !== -1) return place;
  throw usageError(
    `--skip-expired: no column becomes ${quoted(attribute)}, the TTL attribute of the table`,
    `Pass --rename COLUMN=${attribute}, or leave --skip-expired out.`,
  );
}

function notNumeric({ sourceName: name, type, template }: Column): ImportError {
  const what = `is ${type}, and DynamoDB expires only numbers`;
  if (template !== undefined) {
    return usageError(`--skip-expired: attribute ${quoted(name)} of --set ${what}`, `Pass --set '${name}:N={COLUMN}'.`);
  }
  return usageError(
    `--skip-expired: column ${quoted(name)} ${what}`,
    `Pass --types ${name}=EPOCH for date-times, or --types ${name}=N for seconds.`,
  );
}
