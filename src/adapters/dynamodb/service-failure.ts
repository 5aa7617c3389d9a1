import { ImportError } from '../../domain/import-error.ts';
import { parseTableArn } from '../../domain/table.ts';
import type { Failed, ThrottleCause } from '../../domain/write-result.ts';
import type { Connection } from './connection.ts';
import { refusalInWords } from './refusal-in-words.ts';

/** A reply that is no success, or what came instead of a reply. */
export type ServiceFailure = {
  /** Name of the exception without its namespace; undefined where the reply names none. */
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
  /** False where the credentials came from the environment, which does not change while the process runs. */
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
      ? 'log in again (aws sso login --profile NAME), or renew the credentials file'
      : 'set new AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN';
    return new ImportError('credentials-expired', `the AWS credentials were refused (${type})`, { hint });
  }
  switch (type) {
    case 'ResourceNotFoundException':
    case 'TableNotFoundException':
      return new ImportError('table-missing', tableMissing(tableName, region), {
        hint: 'check --table, --region and --profile; the table must exist before the import',
      });
    case 'ResourceInUseException':
      return new ImportError(
        'table-not-ready',
        `table "${tableName}" in region ${region} is being created or deleted`,
        {
          hint: 'wait until it is ACTIVE',
        },
      );
    case 'AccessDeniedException':
    case 'AccessDenied':
    case 'NotAuthorized':
    case 'OptInRequired':
      return new ImportError('access-denied', accessDenied(failure.message, context), {
        hint: 'the import needs dynamodb:BatchWriteItem on the table, and its key where it is encrypted with one',
      });
    default:
      return new ImportError('service-refused', serviceRefused(failure, context), {
        hint: 'check --region, --endpoint-url and what stands between this machine and the endpoint',
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
