import { shellWord } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { S3Connection } from './s3-connection.ts';

/** A reply of S3 that is no success. */
type S3Failure = {
  /** Such as `NoSuchKey`; undefined if the reply has none. */
  readonly code: string | undefined;
  /** 0 if no reply came. */
  readonly status: number;
  /** As the service wrote it. */
  readonly message: string;
  /** Undefined if the reply does not name it. */
  readonly bucketRegion: string | undefined;
};

/** What is read or written, for messages. */
export type S3Subject = { readonly bucket: string; readonly url: string; readonly isWritten?: true };

/** Repeated requests in a row that bring no byte. */
const mostInVain = 5;
/** The same if S3 asks to slow down, which may take minutes. */
const mostSlowed = 12;
/** The same before the import begins, so that errors are shown within seconds. */
export const repeatsBefore = 1;
const firstPauseMs = 200;
const longestPauseMs = 20_000;

/** Counts the requests in a row that bring nothing, and waits before each repetition. */
export class Attempts {
  readonly #connection: S3Connection;
  readonly #subject: S3Subject;
  readonly #mostInVain: number;
  #inVain = 0;
  #slowed = 0;

  constructor(connection: S3Connection, subject: S3Subject, most = mostInVain) {
    this.#connection = connection;
    this.#subject = subject;
    this.#mostInVain = most;
  }

  /** Must be called when bytes have arrived. */
  progressed(): void {
    this.#inVain = 0;
    this.#slowed = 0;
  }

  /** Resolves when the request may be repeated, or when `signal` aborts. Rejects with ImportError if it may not. */
  async pauseAfter(error: unknown, signal?: AbortSignal): Promise<void> {
    if (error instanceof ImportError || this.#connection.closed.aborted) throw error;
    const { clock, random, credentials, closed } = this.#connection;
    const remedy = remedyFor(failureOf(error));
    const isSlowed = remedy === 'slow down';
    const count = isSlowed ? ++this.#slowed : ++this.#inVain;
    const isLast = count > (isSlowed ? mostSlowed : this.#mostInVain);
    if (remedy === undefined || isLast) throw importErrorOf(error, this.#connection, this.#subject);
    if (remedy === 'renew') {
      credentials.refuse(await credentials.current());
      if (!(await credentials.renew())) throw importErrorOf(error, this.#connection, this.#subject);
      return;
    }
    const pauseMs = random() * Math.min(longestPauseMs, firstPauseMs * 2 ** count);
    await clock.sleep(pauseMs, signal === undefined ? closed : AbortSignal.any([closed, signal]));
    closed.throwIfAborted();
  }
}

export type SendOptions = { readonly abortSignal: AbortSignal };

/** Repeats a request until it succeeds or may not be repeated. Throws ImportError, and the reason of the signal. */
export async function repeated<Reply>(
  connection: S3Connection,
  subject: S3Subject,
  signal: AbortSignal,
  send: (options: SendOptions) => Promise<Reply>,
): Promise<Reply> {
  const attempts = new Attempts(connection, subject);
  for (;;) {
    signal.throwIfAborted();
    try {
      return await send({ abortSignal: signal });
    } catch (error) {
      signal.throwIfAborted();
      await attempts.pauseAfter(error, signal);
    }
  }
}

/** Reads an error of the SDK; for a fault of the connection the status is 0 and the code is that of the fault. */
export function failureOf(error: unknown): S3Failure {
  const { name, code, message, $metadata, $response, Region } = error as {
    name?: string;
    code?: unknown;
    message?: string;
    $metadata?: { httpStatusCode?: number };
    $response?: { statusCode?: number; headers?: Record<string, string> };
    Region?: string;
  };
  const ofTunnel = code === 'UND_ERR_ABORTED' ? /^Proxy response \((\d+)\)/.exec(message ?? '')?.[1] : undefined;
  const status = $metadata?.httpStatusCode ?? $response?.statusCode ?? Number(ofTunnel ?? 0);
  const isNamed =
    name !== undefined && !/^(Unknown|UnknownError|SyntaxError|AbortError|Error|S3ServiceException|\d+)$/.test(name);
  return {
    code: status === 0 ? String(code ?? name) : isNamed ? name : undefined,
    status,
    message: message ?? '',
    bucketRegion: $response?.headers?.['x-amz-bucket-region'] ?? Region,
  };
}

const slowing = new Set(['SlowDown', 'Throttling', 'ThrottlingException', 'RequestLimitExceeded', 'TooManyRequests']);
const passing = new Set([
  ...['InternalError', 'RequestTimeout', 'RequestTimeTooSkewed', 'OperationAborted', 'ConditionalRequestConflict'],
  // Bytes were changed on their way.
  ...['BadDigest', 'XAmzContentSHA256Mismatch', 'XAmzContentChecksumMismatch'],
]);
const expiring = new Set(['ExpiredToken', 'TokenRefreshRequired', 'RequestExpired']);
const refusedKeys = new Set(['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken', 'InvalidSecurity']);
const misplaced = new Set(['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException']);

/** What helps against a failure; undefined if nothing does. */
function remedyFor({ code = '', status }: S3Failure): 'slow down' | 'again' | 'renew' | undefined {
  if (slowing.has(code) || status === 429 || (status === 503 && code !== 'InternalError')) return 'slow down';
  if (expiring.has(code)) return 'renew';
  if (passing.has(code) || status === 0 || status >= 500) return 'again';
  return undefined;
}

/** What a failure means for the run. The service's own text is not shown. */
function importErrorOf(cause: unknown, connection: S3Connection, subject: S3Subject): ImportError {
  const failure = failureOf(cause);
  const { code = '', status, bucketRegion } = failure;
  const { bucket, url, isWritten } = subject;
  const { region, origin, credentials } = connection;
  if (misplaced.has(code) || (status === 301 && bucketRegion !== undefined)) {
    const place = bucketRegion === undefined ? `is not in region ${region}` : `is in region ${bucketRegion}`;
    const instead = bucketRegion === undefined ? '' : `, not ${region}`;
    return new ImportError('usage', `bucket "${bucket}" ${place}${instead}`, {
      hint: `Pass --s3-region ${bucketRegion ?? 'with the region of the bucket'}.`,
    });
  }
  if (expiring.has(code) || refusedKeys.has(code)) {
    return new ImportError('credentials-expired', `S3 refused the AWS credentials (${code})`, {
      hint: credentials.renewable
        ? 'Log in again (aws sso login --profile NAME), or renew the credentials file.'
        : 'Set new AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.',
    });
  }
  switch (code) {
    case 'NoSuchBucket':
      if (isWritten) return missingTarget(bucket);
      return new ImportError('source-missing', `bucket "${bucket}" does not exist`, {
        hint: 'Check its name, --s3-region, --profile and AWS_ENDPOINT_URL_S3.',
      });
    case 'NoSuchKey':
      return new ImportError('source-missing', `${url} does not exist`, {
        hint: 'Check the key; a prefix ends with /, and a pattern with *.',
      });
    case 'InvalidObjectState':
      return archived(url, undefined);
    case 'AccessDenied':
    case 'AllAccessDisabled':
      if (isWritten) return writeDenied(failure.message, url);
      return new ImportError(
        'access-denied',
        accessDenied(failure.message, url, `these credentials may not read ${url}, or it does not exist`),
        {
          hint: 'Allow s3:GetObject on the object, s3:ListBucket on the bucket and kms:Decrypt on the key of an encrypted one.',
        },
      );
  }
  if (code === 'InvalidRequest' && /server side encryption/i.test(failure.message)) {
    return new ImportError('source-unreadable', `${url} is encrypted with a key that its owner keeps (SSE-C)`, {
      hint: pipeHint(url, '--sse-c AES256 --sse-c-key fileb://KEY '),
    });
  }
  if (status === 0 || code === '') return unreachable(failure, origin, cause);
  const what = isWritten ? 'take' : 'give out';
  return new ImportError('service-refused', `${origin} refused to ${what} ${url} (${code}, HTTP ${status})`, {
    hint: 'Check --s3-region, AWS_ENDPOINT_URL_S3 and what stands between this machine and the endpoint.',
  });
}

/** `storageClass`: as S3 names it, if it is known. */
export function archived(url: string, storageClass: string | undefined): ImportError {
  const named = storageClass === undefined ? '' : ` (${storageClass})`;
  return new ImportError('source-unreadable', `${url} is archived${named}, so it cannot be read`, {
    hint: 'Restore it first with aws s3api restore-object, and start again once it is restored.',
  });
}

/** The bucket serves only readers who agree to pay. */
export function requesterPays(url: string, bucket: string): ImportError {
  return new ImportError('access-denied', `bucket "${bucket}" charges those who read it (requester pays)`, {
    hint: pipeHint(url, '--request-payer requester '),
  });
}

function pipeHint(url: string, flags: string): string {
  return `Pipe it, with the same options: aws s3 cp ${flags}${shellWord(url)} - | import-tokens -`;
}

/** The object is no longer what it was when the import began. */
export function changedObject(url: string, how: string): ImportError {
  return new ImportError('source-changed', `${url} changed while it was being read: ${how}`, {
    hint: 'Import an object that nothing writes to any more, as a new run.',
  });
}

function missingTarget(bucket: string): ImportError {
  return new ImportError('usage', `bucket "${bucket}" does not exist`, {
    hint: 'Create it, or check --to, --s3-region, --profile and AWS_ENDPOINT_URL_S3.',
  });
}

function writeDenied(message: string, url: string): ImportError {
  return new ImportError('access-denied', accessDenied(message, url, `these credentials may not write ${url}`), {
    hint: 'Allow s3:PutObject, s3:GetObject and s3:AbortMultipartUpload on the objects, s3:ListBucket and s3:ListBucketMultipartUploads on the bucket, and kms:GenerateDataKey and kms:Decrypt on the key of an encrypted one.',
  });
}

/** The ARN and the action of the service's text name no value of a row. */
function accessDenied(message: string, url: string, otherwise: string): string {
  const [, who, action] = /^User: (arn:\S+) is not authorized to perform: ([\w:]+)/.exec(message) ?? [];
  if (action !== undefined) return `${who} may not use ${action} on ${url}`;
  return otherwise;
}

function unreachable({ code, status }: S3Failure, origin: string, cause: unknown): ImportError {
  if (status === 407) {
    return new ImportError('endpoint-unreachable', `the proxy on the way to ${origin} asks who you are (HTTP 407)`, {
      hint: 'Put user and password into the variable: HTTPS_PROXY=http://user:password@host:port, HTTP_PROXY for http.',
      cause,
    });
  }
  const how =
    status === 0 ? `no answer from ${origin} (${code})` : `${origin} answers with HTTP ${status}, not as S3 does`;
  return new ImportError('endpoint-unreachable', how, {
    hint: 'Check --s3-region, AWS_ENDPOINT_URL_S3, the network and the proxy settings.',
    cause,
  });
}
