import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { ImportError } from '../../domain/import-error.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ConnectionOptions } from './dispatcher.ts';

/** Keys to sign with, as the SDK's providers give them. */
export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
  /** Which providers of the SDK took part. */
  readonly $source?: object;
};

export type CredentialProvider = () => Promise<Credentials>;

/** How long before they expire credentials are refreshed. */
const refreshAheadMs = 5 * 60_000;
/** Least time between refreshes, so that an unsuccessful one is not repeated with every batch. */
const refreshPauseMs = 10_000;

/** Longest wait of a request for fresh credentials, which a person may have to confirm. */
const longestWaitMs = 60_000;

/** The SDK copies every input and output for a logger's `info` and `error`, unless it has neither. */
const silentLogger = { debug() {}, warn() {} } as unknown as NonNullable<DynamoDBClientConfig['logger']>;

/** The settings that all SDK clients share. `source` is called once per request. */
export function sdkConfig(
  { region, profile, endpointUrl, clock }: Pick<ConnectionOptions, 'region' | 'profile' | 'endpointUrl' | 'clock'>,
  source: () => CredentialSource,
) {
  // `memoized` keeps the SDK from remembering what the source already remembers, and may renew.
  const provide = () => source().soon(clock, longestWaitMs);
  return {
    credentials: Object.assign(provide, { memoized: true }),
    logger: silentLogger,
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
    ...(endpointUrl !== undefined && { endpoint: endpointUrl }),
  };
}

/** The credentials in use: refreshed before they expire, and read again when the service refuses them. */
export class CredentialSource {
  readonly #makeProvider: () => CredentialProvider;
  readonly #wallMs: () => number;
  readonly #profile: string | undefined;
  #provider: CredentialProvider;
  #current: Credentials | undefined;
  #cameExpired = false;
  #refreshedAtMs = -Infinity;
  #refused: Credentials | undefined;
  #refreshing: Promise<Credentials> | undefined;
  #renewing: Promise<boolean> | undefined;

  /** `makeProvider` returns a provider without a cache, so that files are read again. `profile` is for messages. */
  constructor(makeProvider: () => CredentialProvider, wallMs: () => number, profile?: string) {
    this.#makeProvider = makeProvider;
    this.#wallMs = wallMs;
    this.#profile = profile;
    this.#provider = makeProvider();
  }

  /** Rejects with ImportError `credentials-missing` or `credentials-expired`. */
  async current(): Promise<Credentials> {
    return this.atHand() ?? this.#refresh();
  }

  /** The same, but rejects with `credentials-expired` if fresh ones take longer, because their program may wait for input. */
  async soon(clock: Clock, withinMs: number): Promise<Credentials> {
    return this.atHand() ?? inTime(this.#refresh(), clock, withinMs);
  }

  /**
   * The credentials in use; undefined if fresh ones are needed first. Credentials that were already expired when they came
   * stay in use until the service refuses them, because one of the two clocks is wrong.
   */
  atHand(): Credentials | undefined {
    const current = this.#current;
    if (current?.expiration === undefined) return current;
    const leftMs = this.#leftMs(current);
    if (leftMs <= 0 && !this.#cameExpired) return undefined;
    if (leftMs < refreshAheadMs && this.#wallMs() >= this.#refreshedAtMs + refreshPauseMs) {
      this.#refresh().catch(() => undefined);
    }
    return current;
  }

  /** When the credentials in use expire, in ms since 1970. */
  get expireMs(): number | undefined {
    return this.#current?.expiration?.getTime();
  }

  /** Notes that the service considers these expired. */
  refuse(credentials: Credentials): void {
    if (credentials === this.#current) this.#refused = credentials;
  }

  /** False for environment variables, whose changes this process does not see. */
  get renewable(): boolean {
    return !('CREDENTIALS_ENV_VARS' in (this.#current?.$source ?? {}));
  }

  /** Reads the credentials again; true if they differ from the refused ones. Never rejects. */
  renew(): Promise<boolean> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #renew(): Promise<boolean> {
    const refused = this.#refused;
    if (this.#current !== undefined && this.#current !== refused && this.#leftMs(this.#current) > 0) return true;
    this.#provider = this.#makeProvider();
    try {
      const fresh = await this.#refresh();
      const changed = refused === undefined || !sameKeys(fresh, refused);
      this.#refused = changed ? undefined : fresh;
      return changed;
    } catch {
      return false;
    }
  }

  #leftMs({ expiration }: Credentials): number {
    return expiration === undefined ? Number.POSITIVE_INFINITY : expiration.getTime() - this.#wallMs();
  }

  #refresh(): Promise<Credentials> {
    this.#refreshedAtMs = this.#wallMs();
    this.#refreshing ??= this.#provider()
      .then(
        (credentials) => {
          refuseLineBreaks(credentials);
          this.#current = credentials;
          this.#cameExpired = this.#leftMs(credentials) <= 0;
          return credentials;
        },
        (cause: unknown) => {
          throw credentialsFault(cause, this.#profile);
        },
      )
      .finally(() => {
        this.#refreshing = undefined;
      });
    return this.#refreshing;
  }
}

async function inTime(fresh: Promise<Credentials>, clock: Clock, withinMs: number): Promise<Credentials> {
  let cancel: (() => void) | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    cancel = clock.setTimer(withinMs, () => reject(tooLate()));
  });
  try {
    return await Promise.race([fresh, late]);
  } finally {
    cancel?.();
  }
}

function tooLate(): ImportError {
  return new ImportError('credentials-expired', 'AWS credentials expired and were not refreshed in time', {
    hint: 'Check whether the program or the login that provides them waits for you.',
  });
}

function sameKeys(a: Credentials, b: Credentials): boolean {
  return (
    a.accessKeyId === b.accessKeyId && a.secretAccessKey === b.secretAccessKey && a.sessionToken === b.sessionToken
  );
}

/** In the headers of a request, a line break could add another header. */
function refuseLineBreaks({ accessKeyId, secretAccessKey, sessionToken = '' }: Credentials): void {
  if (!/[\r\n]/.test(accessKeyId + secretAccessKey + sessionToken)) return;
  throw new ImportError('credentials-missing', 'the AWS credentials hold a line break', {
    hint: 'Remove it from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or from the credentials file.',
  });
}

function credentialsFault(cause: unknown, profile: string | undefined): ImportError {
  if (cause instanceof ImportError) return cause;
  const text = cause instanceof Error ? cause.message : '';
  if (/expired|aws sso login|\bsso\b.*\b(invalid|session)/i.test(text)) {
    return new ImportError('credentials-expired', 'the AWS credentials have expired', {
      hint: 'Log in again (aws sso login --profile NAME), or renew the credentials file.',
      cause,
    });
  }
  const where = profile === undefined ? '' : ` for the profile "${profile}"`;
  return new ImportError('credentials-missing', `no AWS credentials were found${where}`, {
    hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile with --profile, or log in (aws sso login).',
    cause,
  });
}
