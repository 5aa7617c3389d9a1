import { ImportError } from '../../domain/import-error.ts';
import { parseTableArn } from '../../domain/table.ts';
import type { Failed, ThrottleCause } from '../../domain/write-result.ts';
import type { Connection } from './connection.ts';
import { parseObject } from './wire/reply-shape.ts';

/** A reply that is no success, or what came instead of a reply. */
export type ServiceFailure = {
  /** Name of the exception without its namespace; undefined if the reply names none. */
  readonly type: string | undefined;
  /** 0 where no reply came. */
  readonly status: number;
  /** As the service wrote it: it may quote values, so it is never shown. */
  readonly message: string;
  /** Codes like `TableWriteProvisionedThroughputExceeded`. */
  readonly throttlingReasons: readonly string[];
  /** What the codes mean. */
  readonly throttleCauses: readonly ThrottleCause[];
};

/** For messages. */
export type FailureContext = {
  readonly tableName: string;
  readonly region: string;
  readonly origin: string;
  /** False if the credentials came from the environment, which does not change while the process runs. */
  readonly renewable: boolean;
};

export function failureContext(
  { region, credentials }: Pick<Connection, 'region' | 'credentials'>,
  tableName: string,
  origin: string,
): FailureContext {
  return { tableName, region, origin, renewable: credentials.renewable };
}

const throttling = new Set([
  'ProvisionedThroughputExceededException',
  'ProvisionedThroughputExceeded',
  'ThrottlingException',
  'Throttling',
  'RequestLimitExceeded',
  'LimitExceededException',
  'TooManyRequestsException',
]);

/** The item is at fault, or the size of the batch. */
const refusing = new Set([
  'ValidationException',
  'SerializationException',
  'ItemCollectionSizeLimitExceededException',
  'RequestEntityTooLargeException',
]);

const expiring = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'InvalidClientTokenId',
  'IncompleteSignatureException',
  'MissingAuthenticationTokenException',
  'RequestExpired',
]);

/** Refused for a moment, nothing written. */
const passing = new Set([
  'TransactionConflictException',
  'TransactionInProgressException',
  'ReplicatedWriteConflictException',
  'RequestTimeTooSkewed',
]);

/** Reads a reply that is no success. */
export function readFailure(status: number, body: string, errorTypeHeader: unknown): ServiceFailure {
  const reply = parseObject(body) as Record<string, unknown> | undefined;
  const type = reply?.['__type'] ?? errorTypeHeader;
  const message = reply?.['message'] ?? reply?.['Message'];
  return {
    status,
    type: typeof type === 'string' ? bareType(type) : undefined,
    message: typeof message === 'string' ? message : '',
    throttlingReasons: throttlingReasonTexts(reply?.['ThrottlingReasons'] ?? reply?.['throttlingReasons']),
    throttleCauses: throttleCauses(reply?.['ThrottlingReasons'] ?? reply?.['throttlingReasons']),
  };
}

/** `com.amazonaws.dynamodb.v20120810#ValidationException` or `ValidationException:http://…` → `ValidationException` */
function bareType(type: string): string | undefined {
  return /^(?:[^#]*#)?(\w+)/.exec(type)?.[1];
}

/** What a failed attempt to write means for the batch. */
export function writeResultOf(failure: ServiceFailure, context: FailureContext): Failed {
  const { type, status } = failure;
  if (type !== undefined && throttling.has(type)) {
    const { throttlingReasons, throttleCauses: causes } = failure;
    return { kind: 'throttled', reason: throttlingReasons.join(', ') || type, ...(causes.length > 0 && { causes }) };
  }
  if (status >= 500) return { kind: 'transient', reason: `HTTP ${status}`, fateUnknown: true };
  if (type !== undefined && passing.has(type)) return { kind: 'transient', reason: type, fateUnknown: false };
  if (status === 413 || (type !== undefined && refusing.has(type))) {
    return { kind: 'invalid', message: refusalInWords(type ?? `HTTP ${status}`, failure.message) };
  }
  if (type === undefined) return { kind: 'transient', reason: `HTTP ${status}`, fateUnknown: status < 300 };
  if (status === 429) return { kind: 'transient', reason: 'HTTP 429', fateUnknown: false };
  const error = importErrorOf(failure, context);
  if (error.code === 'credentials-expired') {
    return { kind: 'expired', renewable: context.renewable, message: error.message };
  }
  return { kind: 'fatal', error };
}

/** What a failure means for the run. The service's own text stays in `cause`, away from the screen. */
export function importErrorOf(failure: ServiceFailure, context: FailureContext): ImportError {
  const { tableName, region } = context;
  const { type } = failure;
  if (type !== undefined && expiring.has(type)) {
    const hint = context.renewable
      ? 'Log in again (aws sso login --profile NAME), or renew the credentials file.'
      : 'Set new AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.';
    return new ImportError('credentials-expired', `the AWS credentials were refused (${type})`, { hint });
  }
  switch (type) {
    case 'ResourceNotFoundException':
    case 'TableNotFoundException':
      return new ImportError('table-missing', tableMissing(tableName, region), {
        hint: 'Check --table, --region and --profile; the table must exist before the import.',
      });
    case 'ResourceInUseException':
      return new ImportError(
        'table-not-ready',
        `table "${tableName}" in region ${region} is being created or deleted`,
        {
          hint: 'Wait until it is ACTIVE.',
        },
      );
    case 'AccessDeniedException':
    case 'AccessDenied':
    case 'NotAuthorized':
    case 'OptInRequired':
      return new ImportError('access-denied', accessDenied(failure.message, context), {
        hint: 'Allow dynamodb:BatchWriteItem on the table, and the use of its key if it is encrypted with one.',
      });
    default:
      return new ImportError('service-refused', serviceRefused(failure, context), {
        hint: 'Check --region, --endpoint-url and what is between this machine and the endpoint.',
      });
  }
}

function tableMissing(tableName: string, region: string): string {
  const isArn = parseTableArn(tableName) !== undefined;
  return isArn ? `there is no table ${tableName}` : `table "${tableName}" is not in region ${region} of this account`;
}

/** The ARNs and the action of the service's text name no value of a row. */
function accessDenied(message: string, context: FailureContext): string {
  const [, who, action] = /^User: (arn:\S+) is not authorized to perform: ([\w:]+)/.exec(message) ?? [];
  const subject = who === undefined ? 'these credentials' : who;
  return `${subject} may not use ${action ?? 'this call'} on table "${context.tableName}" in region ${context.region}`;
}

function serviceRefused(failure: ServiceFailure, context: FailureContext): string {
  const status = failure.status === 0 ? '' : `, HTTP ${failure.status}`;
  return `${context.origin} refused the request (${failure.type ?? 'no type given'}${status})`;
}

type Reason = { readonly reason?: unknown; readonly resource?: unknown };

/** Codes of the service's ThrottlingReasons, each once, with the index if one is named. */
export function throttlingReasonTexts(reasons: unknown): string[] {
  const texts = new Set<string>();
  for (const { code, index } of read(reasons)) texts.add(index === undefined ? code : `${code} (index "${index}")`);
  return [...texts];
}

/** The limits that those codes name, each once; codes that are not known are left out. */
export function throttleCauses(reasons: unknown): ThrottleCause[] {
  const causes = new Map<string, ThrottleCause>();
  for (const { code, index } of read(reasons)) {
    const limit = limits.find(([pattern]) => pattern.test(code))?.[1];
    if (limit !== undefined) causes.set(`${limit} ${index}`, { limit, ...(index !== undefined && { index }) });
  }
  return [...causes.values()];
}

/** `TableWriteProvisionedThroughputExceeded`, `IndexWriteKeyRangeThroughputExceeded` and so on. */
const limits: readonly (readonly [RegExp, ThrottleCause['limit']])[] = [
  [/ProvisionedThroughputExceeded$/, 'capacity'],
  [/MaxOnDemandThroughputExceeded$/, 'on-demand-maximum'],
  [/KeyRangeThroughputExceeded$/, 'partition'],
  [/AccountLimitExceeded$/, 'account'],
];

function read(reasons: unknown): { readonly code: string; readonly index: string | undefined }[] {
  if (!Array.isArray(reasons)) return [];
  const told = reasons.filter((one): one is Reason => typeof one === 'object' && one !== null);
  return told.flatMap(({ reason, resource }) => {
    if (typeof reason !== 'string' || !/^\w+$/.test(reason)) return [];
    const index = typeof resource === 'string' ? /\/index\/([\w.-]+)$/.exec(resource)?.[1] : undefined;
    return [{ code: reason, index }];
  });
}

/** What the service says when it refuses an item, and what we say: its own text may quote values. */
const refusals: readonly (readonly [RegExp, string])[] = [
  [/item size .*exceed/i, 'the item is larger than 400 KB'],
  [/aggregated size of all range keys|size of rangekey/i, 'a sort key is longer than 1,024 bytes'],
  [/size of hashkey/i, 'a partition key is longer than 2,048 bytes'],
  [/empty (string|binary) value/i, 'a key attribute is empty'],
  [/type mismatch for index key/i, 'a key attribute of an index does not have the type the index asks for'],
  [/type mismatch for key/i, 'a key attribute does not have the type the table asks for'],
  [/missing the key|key element does not match the schema/i, "the item does not match the table's key"],
  [/contains duplicates/i, 'the batch holds a key twice'],
  [/more than 38 significant digits/i, 'a number has more than 38 significant digits'],
  [/number (over|under)flow/i, 'a number is out of range'],
  [/numeric value|converted into a number/i, 'a number is not written as one'],
  [/nesting level/i, 'a JSON value is nested deeper than 32 levels'],
  [/item collection/i, 'the items of one partition key with a local index exceed 10 GB'],
  [/too many items|less than or equal to 25/i, 'the batch holds more than 25 items'],
];

/** A message that names no value of the row. */
function refusalInWords(type: string, serviceText: string): string {
  if (type === 'ItemCollectionSizeLimitExceededException')
    return refusals.find(([on]) => on.test('item collection'))![1];
  const known = refusals.find(([pattern]) => pattern.test(serviceText));
  return known === undefined ? `the table refuses it (${type})` : known[1];
}
