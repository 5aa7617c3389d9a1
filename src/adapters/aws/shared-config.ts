import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings of one profile by their names in lower case. */
export type Profile = ReadonlyMap<string, string>;

/** Profiles of `~/.aws/config` and `~/.aws/credentials`, or what takes their place; the second file goes first. */
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

/** A file that is missing, or may not be read, has no settings, as for the AWS CLI. */
async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

/** `profile prod` and `profile "my prod"` are; `sso-session x` and `services x` are not. */
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
    // What is indented further belongs to the setting above it.
    if (key === undefined || indent > keyIndent) continue;
    keyIndent = indent;
    sections.at(-1)?.settings.set(key.toLowerCase(), value!.replace(/\s+[#;].*$/, ''));
  }
  return sections;
}
