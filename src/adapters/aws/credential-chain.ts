import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ImportError } from '../../domain/import-error.ts';
import { type AwsSettings, type CredentialsPlace, type Environment, profileText } from './aws-settings.ts';
import type { CredentialProvider, Credentials } from './credentials.ts';

/** Any client of the SDK, as far as credentials are concerned. */
type AwsClient = { readonly config: Pick<DynamoDBClient['config'], 'credentialDefaultProvider'> };

/** Not a possible name in a file, so the SDK's chain continues to the token file of the environment. */
const noProfile = 'none]';

/**
 * Gets credentials from the place that the AWS CLI would use, and from no other: the SDK's chain would continue with the
 * next place if one fails, and sign for another account. Nothing is cached. The provider rejects with ImportError.
 */
export function credentialChain(client: AwsClient, settings: AwsSettings, env: Environment): CredentialProvider {
  const { credentials: place, profile } = settings;
  if (place.kind === 'environment') return async () => keysOf(env);
  const name = place.kind === 'web-identity' ? noProfile : profile?.value;
  const said: string[] = [];
  const provide = sdkChain(client, name, (text) => said.push(text));
  return async () => {
    said.length = 0;
    let found: Credentials | undefined;
    try {
      found = await provide();
    } catch (cause) {
      throw cause instanceof ImportError ? cause : credentialsFault(place, settings, said, cause);
    }
    if (isFrom(place, found)) return found;
    throw credentialsFault(place, settings, said, undefined);
  };
}

/** The SDK's whole chain, without cached files. `tell` is called with the reason why a place was skipped. */
export function sdkChain(
  { config }: AwsClient,
  profile: string | undefined,
  tell: (text: string) => void = () => undefined,
): CredentialProvider {
  const silent = () => undefined;
  const logger = { debug: tell, info: silent, warn: silent, error: silent };
  const init = { ...config, logger, profile, ignoreCache: true, parentClientConfig: config };
  const provider = config.credentialDefaultProvider(init as Parameters<typeof config.credentialDefaultProvider>[0]);
  return () => provider();
}

function keysOf(env: Environment): Credentials {
  const sessionToken = env['AWS_SESSION_TOKEN'] || env['AWS_SECURITY_TOKEN'];
  const expiration = env['AWS_CREDENTIAL_EXPIRATION'];
  const accountId = env['AWS_ACCOUNT_ID'];
  return {
    accessKeyId: env['AWS_ACCESS_KEY_ID']!,
    secretAccessKey: env['AWS_SECRET_ACCESS_KEY']!,
    ...(sessionToken && { sessionToken }),
    ...(expiration && { expiration: new Date(expiration) }),
    ...(accountId && { accountId }),
    $source: { CREDENTIALS_ENV_VARS: 'g' },
  };
}

/** The SDK marks credentials with the providers that took part. */
function isFrom({ kind }: CredentialsPlace, { $source = {} }: Credentials): boolean {
  const marks = Object.keys($source);
  if (kind === 'profile') return marks.some((mark) => /PROFILE|PROCESS|SSO|LOGIN/.test(mark));
  return kind !== 'web-identity' || marks.includes('CREDENTIALS_ENV_VARS_STS_WEB_ID_TOKEN');
}

/** The source of the credentials, for the operator. */
export function credentialsText({ credentials: place, profile }: AwsSettings): string {
  switch (place.kind) {
    case 'environment':
      return `AWS_ACCESS_KEY_ID${profile === undefined ? '' : `, which precedes ${profile.from}`}`;
    case 'profile':
      return `${place.setting} of ${profileText(place.name)}${profile === undefined ? '' : ` (${profile.from})`}`;
    case 'web-identity':
      return 'AWS_WEB_IDENTITY_TOKEN_FILE';
    case 'container':
      return `the container (${place.variable})`;
    case 'instance':
      return 'the metadata of this instance';
    case 'none':
      return 'nowhere';
  }
}

/** Names the place that provided no credentials. Shows only codes of the messages in `cause` and `said`. */
function credentialsFault(
  place: CredentialsPlace,
  settings: AwsSettings,
  said: readonly string[],
  cause: unknown,
): ImportError {
  const text = [...said, cause instanceof Error ? cause.message : ''].join('\n');
  const code = codeOf(cause);
  switch (place.kind) {
    case 'profile':
      return profileFault(place, settings, text, code, cause);
    case 'web-identity':
      return fault(tokenFault(place.tokenFile, code), 'Check AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN.', cause);
    case 'container':
      return fault(
        `the credentials of this container could not be fetched${code}`,
        `Check ${place.variable} and what answers at ${place.address}.`,
        cause,
      );
    default:
      return noneFound(settings, cause);
  }
}

type InProfile = Extract<CredentialsPlace, { kind: 'profile' }>;

function profileFault(
  { name, setting, roleArn }: InProfile,
  settings: AwsSettings,
  text: string,
  code: string,
  cause: unknown,
): ImportError {
  const where = profileText(name);
  if (setting === 'credential_process') {
    const isLate = /expired/i.test(text);
    return isLate
      ? expired(`credential_process of ${where} returns expired credentials`, 'Check the clock of this machine.', cause)
      : fault(`credential_process of ${where} returns no credentials`, 'Run that command by hand to see why.', cause);
  }
  if (/^(sso|login)_/.test(setting) || /aws sso login/i.test(text)) {
    const login = setting === 'login_session' ? 'aws login' : 'aws sso login';
    return expired(`the login of ${where} has expired`, `Log in again: ${login} --profile ${name}`, cause);
  }
  if (roleArn !== undefined) {
    const hint = `Check role_arn and the source of its credentials in ${where}.`;
    return fault(`STS returns no credentials for ${roleArn} of ${where}${code}`, hint, cause);
  }
  return fault(`${where} provides no credentials${code}`, hintFor(settings), cause);
}

function tokenFault(tokenFile: string, code: string): string {
  if (/ENOENT|EACCES|EISDIR/.test(code)) return `AWS_WEB_IDENTITY_TOKEN_FILE: ${tokenFile} can't be read${code}`;
  return `STS returns no credentials for the token in AWS_WEB_IDENTITY_TOKEN_FILE${code}`;
}

function noneFound(settings: AwsSettings, cause: unknown): ImportError {
  const { profile } = settings;
  const where = profile === undefined ? '' : ` for ${profileText(profile.value)} (${profile.from})`;
  return fault(`no AWS credentials were found${where}`, hintFor(settings), cause);
}

function hintFor({ profile }: AwsSettings): string {
  return profile?.from === '--profile'
    ? 'Name a profile that has credentials, or log in (aws sso login).'
    : 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile with --profile, or log in (aws sso login).';
}

function fault(message: string, hint: string, cause: unknown): ImportError {
  return new ImportError('credentials-missing', message, { hint, cause });
}

function expired(message: string, hint: string, cause: unknown): ImportError {
  return new ImportError('credentials-expired', message, { hint, cause });
}

/** ` (ENOENT)`, ` (AccessDenied)`, ` (HTTP 401)`; empty if there is none. */
function codeOf(cause: unknown): string {
  const { code, name = '', message = '' } = (cause ?? {}) as { code?: unknown; name?: string; message?: string };
  if (typeof code === 'string' || typeof code === 'number') return ` (${code})`;
  const status = /\bstatus:? (\d{3})\b/i.exec(message)?.[1];
  if (status !== undefined) return ` (HTTP ${status})`;
  return /^(Error|CredentialsProviderError|)$/.test(name) ? '' : ` (${name})`;
}
