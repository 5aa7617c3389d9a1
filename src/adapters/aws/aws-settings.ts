import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ImportError } from '../../domain/import-error.ts';
import { parseTableArn } from '../../domain/table.ts';

/** A setting and its source: `AWS_REGION`, `profile "prod"`. */
export type Found = { readonly value: string; readonly from: string };

/** The one source of credentials; no other is tried. */
export type CredentialsPlace =
  | { readonly kind: 'environment' }
  /** `setting` is what gives them: `role_arn`, `credential_process`. */
  | { readonly kind: 'profile'; readonly name: string; readonly setting: string; readonly roleArn: string | undefined }
  | { readonly kind: 'web-identity'; readonly tokenFile: string }
  | { readonly kind: 'container'; readonly variable: string; readonly address: string }
  | { readonly kind: 'instance' }
  | { readonly kind: 'none' };

/** Settings from flags, environment and shared files, in the precedence of the AWS CLI (version 2). */
export type AwsSettings = {
  /** Undefined: the default profile. */
  readonly profile: Found | undefined;
  readonly region: Found | undefined;
  /** Path of trusted certificates. */
  readonly caBundle: Found | undefined;
  readonly credentials: CredentialsPlace;
};

type AwsFlags = {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** Name or ARN. */
  readonly table?: string | undefined;
};

/**
 * Region: the ARN of the table, `--region`, AWS_REGION, AWS_DEFAULT_REGION, the profile. Profile: `--profile`, AWS_PROFILE,
 * AWS_DEFAULT_PROFILE. Certificates: AWS_CA_BUNDLE, the profile. Throws ImportError `credentials-missing` for an unknown
 * profile, and `usage` if two flags name different regions.
 */
export async function readAwsSettings(flags: AwsFlags, env: Environment): Promise<AwsSettings> {
  const named = first(['--profile', flags.profile], ...variables(env, 'AWS_PROFILE', 'AWS_DEFAULT_PROFILE'));
  const profiles = await readProfiles(env);
  const name = named?.value ?? 'default';
  const profile = profiles.get(name);
  if (profile === undefined && named !== undefined && name !== 'default') throw unknownProfile(named, profiles);
  const inProfile = profileText(name);
  return {
    profile: named,
    region: first(
      ['the ARN of --table', arnRegion(flags)],
      ['--region', flags.region],
      ...variables(env, 'AWS_REGION', 'AWS_DEFAULT_REGION'),
      [inProfile, profile?.get('region')],
    ),
    caBundle: first(...variables(env, 'AWS_CA_BUNDLE'), [`ca_bundle of ${inProfile}`, profile?.get('ca_bundle')]),
    credentials: credentialsPlace(name, profile ?? new Map(), env, flags.profile !== undefined),
  };
}

function arnRegion({ table = '', region }: AwsFlags): string | undefined {
  const arn = parseTableArn(table);
  if (arn === undefined || region === undefined || region === arn.region) return arn?.region;
  throw new ImportError('usage', `--table names a table in ${arn.region}, but --region is ${region}`, {
    hint: 'Omit --region, because the ARN contains the region.',
  });
}

export function profileText(name: string): string {
  return name === 'default' ? 'the default profile' : `profile "${name}"`;
}

/** Settings of a profile that provide credentials, in the order in which the AWS CLI tries them. */
const settingsThatGive = [
  'web_identity_token_file',
  ...['sso_session', 'sso_start_url', 'sso_account_id', 'aws_access_key_id', 'login_session', 'credential_process'],
];

const tokenVariable = 'AWS_WEB_IDENTITY_TOKEN_FILE';

/** A profile named by a flag precedes the keys and the token of the environment; one named by a variable does not. */
function credentialsPlace(name: string, profile: Profile, env: Environment, byFlag: boolean): CredentialsPlace {
  const ofProfile = (setting: string) =>
    ({ kind: 'profile', name, setting, roleArn: profile.get('role_arn') }) satisfies CredentialsPlace;
  if (!byFlag && env['AWS_ACCESS_KEY_ID']) return inEnvironment(env);
  if (profile.get('role_arn') && !profile.get('web_identity_token_file')) return ofProfile('role_arn');
  const tokenFile = env[tokenVariable];
  if (!byFlag && tokenFile) return webIdentity(tokenFile, env);
  const setting = settingsThatGive.find((candidate) => profile.get(candidate));
  if (setting !== undefined) return ofProfile(setting);
  const container = first(
    ...variables(env, 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'),
  );
  if (container !== undefined) return { kind: 'container', variable: container.from, address: container.value };
  return { kind: isOn(env['AWS_EC2_METADATA_DISABLED']) ? 'none' : 'instance' };
}

function inEnvironment(env: Environment): CredentialsPlace {
  if (env['AWS_SECRET_ACCESS_KEY']) return { kind: 'environment' };
  throw new ImportError('credentials-missing', 'AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not', {
    hint: 'Set both variables, or neither.',
  });
}

function webIdentity(tokenFile: string, env: Environment): CredentialsPlace {
  if (env['AWS_ROLE_ARN']) return { kind: 'web-identity', tokenFile };
  throw new ImportError('credentials-missing', `${tokenVariable} is set, but AWS_ROLE_ARN is not`, {
    hint: 'Set both variables, or neither.',
  });
}

function isOn(text: string | undefined): boolean {
  return text?.toLowerCase() === 'true';
}

function variables(env: Environment, ...names: readonly string[]): (readonly [string, string | undefined])[] {
  return names.map((name) => [name, env[name]]);
}

/** Empty values count as unset. */
function first(...candidates: readonly (readonly [string, string | undefined])[]): Found | undefined {
  const found = candidates.find(([, value]) => value !== undefined && value !== '');
  return found === undefined ? undefined : { value: found[1]!, from: found[0] };
}

function unknownProfile({ value, from }: Found, profiles: ReadonlyMap<string, Profile>): ImportError {
  const names = [...profiles.keys()].sort();
  const known = names.length === 0 ? 'Neither file holds a profile.' : `Known profiles: ${names.join(', ')}.`;
  return new ImportError('credentials-missing', `${from}: there is no AWS profile "${value}"`, {
    hint: `Check the name in ~/.aws/config and ~/.aws/credentials. ${known}`,
  });
}

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings of one profile, by name in lower case. */
type Profile = ReadonlyMap<string, string>;

/** Profiles of `~/.aws/config` and `~/.aws/credentials`, or the files that replace them; the second has precedence. */
export async function readProfiles(env: Environment): Promise<ReadonlyMap<string, Profile>> {
  const folder = join(env['HOME'] || env['USERPROFILE'] || homedir(), '.aws');
  const [config, credentials] = await Promise.all([
    textOf(env['AWS_CONFIG_FILE'] || join(folder, 'config')),
    textOf(env['AWS_SHARED_CREDENTIALS_FILE'] || join(folder, 'credentials')),
  ]);
  const profiles = new Map<string, Map<string, string>>();
  const add = (name: string | undefined, section: Profile) => {
    if (name !== undefined) profiles.set(name, new Map([...(profiles.get(name) ?? []), ...section]));
  };
  for (const { name, settings } of sectionsOf(config)) add(profileInConfig(name), settings);
  for (const { name, settings } of sectionsOf(credentials)) add(name, settings);
  return profiles;
}

/** A missing or unreadable file has no settings, as in the AWS CLI. */
async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

/** Matches `profile prod` and `profile "my prod"`, but not `sso-session x` or `services x`. */
function profileInConfig(section: string): string | undefined {
  if (section === 'default') return section;
  return /^profile\s+(["']?)(.+)\1$/.exec(section)?.[2];
}

type Section = { readonly name: string; readonly settings: Map<string, string> };

function sectionsOf(text: string): readonly Section[] {
  const sections: Section[] = [];
  let keyIndent = 0;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const name = /^\s*\[\s*(.*?)\s*\]/.exec(line)?.[1];
    const indent = line.length - line.trimStart().length;
    if (name !== undefined) {
      sections.push({ name, settings: new Map() });
      keyIndent = Number.POSITIVE_INFINITY;
      continue;
    }
    const [, key, value] = /^\s*([^=:\s][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    // A line that is indented further belongs to the setting above it.
    if (key === undefined || indent > keyIndent) continue;
    keyIndent = indent;
    sections.at(-1)?.settings.set(key.toLowerCase(), value!.replace(/\s+[#;].*$/, ''));
  }
  return sections;
}
