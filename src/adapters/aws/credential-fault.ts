import { ImportError } from '../../domain/import-error.ts';
import { type AwsSettings, type CredentialsPlace, profileText } from './aws-settings.ts';

/** Where credentials come from, for the operator. */
export function credentialsText({ credentials: place, profile }: AwsSettings): string {
  switch (place.kind) {
    case 'environment':
      return `AWS_ACCESS_KEY_ID${profile === undefined ? '' : `, which goes before ${profile.from}`}`;
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

/**
 * Names the place that failed to give credentials. Of what was said, by `cause` and on the way there, only codes are
 * shown.
 */
export function credentialsFault(
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
      ? expired(`credential_process of ${where} gives expired credentials`, 'Check the clock of this machine.', cause)
      : fault(`credential_process of ${where} gives no credentials`, 'Run that command by hand to see why.', cause);
  }
  if (/^(sso|login)_/.test(setting) || /aws sso login/i.test(text)) {
    const login = setting === 'login_session' ? 'aws login' : 'aws sso login';
    return expired(`the login of ${where} has expired`, `Log in again: ${login} --profile ${name}`, cause);
  }
  if (roleArn !== undefined) {
    const hint = `Check role_arn, and what it names as the source of its credentials, in ${where}.`;
    return fault(`STS gives no credentials for ${roleArn} of ${where}${code}`, hint, cause);
  }
  return fault(`${where} gives no credentials${code}`, hintFor(settings), cause);
}

function tokenFault(tokenFile: string, code: string): string {
  if (/ENOENT|EACCES|EISDIR/.test(code)) return `AWS_WEB_IDENTITY_TOKEN_FILE: ${tokenFile} can't be read${code}`;
  return `STS gives no credentials for the token in AWS_WEB_IDENTITY_TOKEN_FILE${code}`;
}

function noneFound(settings: AwsSettings, cause: unknown): ImportError {
  const { profile } = settings;
  const where = profile === undefined ? '' : ` for ${profileText(profile.value)} (${profile.from})`;
  return fault(`no AWS credentials were found${where}`, hintFor(settings), cause);
}

function hintFor({ profile }: AwsSettings): string {
  const keys = profile?.from === '--profile' ? '' : 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, ';
  return keys === ''
    ? 'Name a profile that has credentials, or log in (aws sso login).'
    : `${keys}name a profile with --profile, or log in (aws sso login).`;
}

function fault(message: string, hint: string, cause: unknown): ImportError {
  return new ImportError('credentials-missing', message, { hint, cause });
}

function expired(message: string, hint: string, cause: unknown): ImportError {
  return new ImportError('credentials-expired', message, { hint, cause });
}

/** ` (ENOENT)`, ` (AccessDenied)`, ` (HTTP 401)`; empty where there is none. */
function codeOf(cause: unknown): string {
  const { code, name = '', message = '' } = (cause ?? {}) as { code?: unknown; name?: string; message?: string };
  if (typeof code === 'string' || typeof code === 'number') return ` (${code})`;
  const status = /\bstatus:? (\d{3})\b/i.exec(message)?.[1];
  if (status !== undefined) return ` (HTTP ${status})`;
  return /^(Error|CredentialsProviderError|)$/.test(name) ? '' : ` (${name})`;
}
