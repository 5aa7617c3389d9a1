import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ImportError } from '../../domain/import-error.ts';
import type { AwsSettings, CredentialsPlace } from './aws-settings.ts';
import { credentialsFault } from './credential-fault.ts';
import type { CredentialProvider, Credentials } from './credentials.ts';
import type { Environment } from './shared-config.ts';

/** Not a name that a file could hold, so the SDK's chain goes on to the token file of the environment. */
const noProfile = 'none]';

/**
 * Asks the place where the AWS CLI would look for credentials, and no other: the SDK's chain alone would go on to the
 * next where one fails, and sign for another account. Nothing is taken from a cache. Rejects with ImportError.
 */
export function credentialChain(client: DynamoDBClient, settings: AwsSettings, env: Environment): CredentialProvider {
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

/** The SDK's whole chain, made so that no file is taken from a cache. `tell` hears why it went on to the next place. */
export function sdkChain(
  { config }: DynamoDBClient,
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

/** The SDK marks credentials with what took part in finding them. */
function isFrom({ kind }: CredentialsPlace, { $source = {} }: Credentials): boolean {
  const marks = Object.keys($source);
  if (kind === 'profile') return marks.some((mark) => /PROFILE|PROCESS|SSO|LOGIN/.test(mark));
  return kind !== 'web-identity' || marks.includes('CREDENTIALS_ENV_VARS_STS_WEB_ID_TOKEN');
}
