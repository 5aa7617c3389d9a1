import { ImportError } from '../../domain/import-error.ts';
import type { Failed } from '../../domain/write-result.ts';
import {
  type FailureContext,
  importErrorOf,
  type ServiceFailure,
  throttleCauses,
  throttlingReasonTexts,
  writeResultOf,
} from './service-failure.ts';

/** Error codes of a connection that never came to be: nothing was sent. */
const unconnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Reasons that are not error codes. */
export const timeOut = 'time-out';
export const clockSkew = 'clock skew';
export const unreadableReply: Failed = { kind: 'transient', reason: 'unreadable reply', fateUnknown: true };

/** What an error thrown by an SDK client means for a batch. */
export function writeResultOfSdkError(error: unknown, context: FailureContext): Failed {
  if (error instanceof ImportError) {
    if (!error.code.startsWith('credentials')) return { kind: 'fatal', error };
    return { kind: 'expired', renewable: context.renewable, message: error.message };
  }
  const failure = failureOf(error);
  if (failure === undefined) {
    return { kind: 'transient', reason: connectionFault(error), fateUnknown: !neverConnected(error) };
  }
  const { clockSkewCorrected } = (error as { $metadata?: { clockSkewCorrected?: boolean } }).$metadata ?? {};
  if (clockSkewCorrected) return { kind: 'transient', reason: clockSkew, fateUnknown: false };
  return writeResultOf(failure, context);
}

/** What an error thrown by an SDK client means for the run. */
export function importErrorOfSdkError(error: unknown, context: FailureContext): ImportError {
  if (error instanceof ImportError) return error;
  const failure = failureOf(error);
  const refused = refusedOnTheWay(error, failure, context);
  if (refused !== undefined) return refused;
  if (failure !== undefined && (failure.type !== undefined || failure.status < 500)) {
    return importErrorOf(failure, context);
  }
  const { origin } = context;
  const message =
    failure === undefined
      ? `no answer from ${origin} (${connectionFault(error)})`
      : `${origin} answers with HTTP ${failure.status}, and not as DynamoDB does`;
  return new ImportError('endpoint-unreachable', message, {
    hint: 'Check --region, --endpoint-url, the network and the proxy settings.',
    cause: error,
  });
}

/** What a proxy says in place of the endpoint: DynamoDB names the type of what it refuses. */
function refusedOnTheWay(
  cause: unknown,
  failure: ServiceFailure | undefined,
  { origin }: FailureContext,
): ImportError | undefined {
  const ofTunnel = failure === undefined ? tunnelStatus(cause) : undefined;
  const status = ofTunnel ?? (failure?.type === undefined ? failure?.status : undefined);
  if (status === 407) {
    return new ImportError('endpoint-unreachable', `the proxy on the way to ${origin} asks who you are (HTTP 407)`, {
      hint: 'Put user and password into the variable: HTTPS_PROXY=http://user:password@host:port, HTTP_PROXY for http.',
      cause,
    });
  }
  if (ofTunnel === undefined && status !== 403) return undefined;
  const who = ofTunnel === undefined ? `${origin}, or a proxy on the way to it,` : `the proxy on the way to ${origin}`;
  return new ImportError('endpoint-unreachable', `${who} refuses the request (HTTP ${status})`, {
    hint: 'Have the proxy allow that host and port, or name the host in NO_PROXY.',
    cause,
  });
}

/** The status that a proxy answers with where a tunnel is asked for. */
function tunnelStatus(error: unknown): number | undefined {
  const { code, message = '' } = error as { code?: unknown; message?: string };
  const status = code === 'UND_ERR_ABORTED' ? /^Proxy response \((\d+)\)/.exec(message)?.[1] : undefined;
  return status === undefined ? undefined : Number(status);
}

/** A code that Node, undici or the SDK gives a connection's fault. */
export function connectionFault(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  const status = tunnelStatus(error);
  if (status !== undefined) return `HTTP ${status} of the proxy`;
  return typeof code === 'string' ? code : String(name ?? 'unknown fault');
}

function neverConnected(error: unknown): boolean {
  const fault = error as { code?: string; syscall?: string; message?: string };
  return (
    unconnected.has(fault.code ?? '') || fault.syscall === 'connect' || /\bTLS\b|certificate/i.test(fault.message ?? '')
  );
}

/** The exception that the service answered with; undefined if there was no answer. */
function failureOf(error: unknown): ServiceFailure | undefined {
  const { name, message, $metadata, $response, ThrottlingReasons, throttlingReasons } = error as {
    name?: string;
    message?: string;
    $metadata?: { httpStatusCode?: number };
    $response?: { statusCode?: number };
    ThrottlingReasons?: unknown;
    throttlingReasons?: unknown;
  };
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  if (status === undefined) return undefined;
  // An answer that names no type leaves the SDK's own name for it, or that of the parser's error.
  const named =
    name !== undefined && !/^(Unknown|UnknownError|SyntaxError|Error|DynamoDBServiceException|\d+)$/.test(name);
  return {
    type: named ? name : undefined,
    status,
    message: message ?? '',
    throttlingReasons: throttlingReasonTexts(ThrottlingReasons ?? throttlingReasons),
    throttleCauses: throttleCauses(ThrottlingReasons ?? throttlingReasons),
  };
}
