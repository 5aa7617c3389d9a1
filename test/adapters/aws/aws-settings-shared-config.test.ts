import { expect, test } from 'vitest';
import { readProfiles } from '../../../src/adapters/aws/aws-settings.ts';
import { workDir } from '../../support/work-dir.ts';

async function profilesOf(config: string, credentials = '') {
  const dir = workDir();
  const env = {
    AWS_CONFIG_FILE: dir.write('config', config),
    AWS_SHARED_CREDENTIALS_FILE: dir.write('credentials', credentials),
  };
  const profiles = await readProfiles(env);
  return Object.fromEntries([...profiles].map(([name, settings]) => [name, Object.fromEntries(settings)]));
}

test('profiles are read from both files, as the AWS CLI names them in each', async () => {
  const config = '[default]\nregion=a\n[profile x]\nregion = b\n[profile "y z"]\nregion: c\n[x]\nregion = no\n';
  const credentials = '[x]\naws_access_key_id = K\nregion = d\n[profile x]\nregion = e\n[new]\nregion = f\n';
  expect(await profilesOf(config, credentials)).toEqual({
    ...{ default: { region: 'a' }, x: { region: 'd', aws_access_key_id: 'K' }, 'y z': { region: 'c' } },
    ...{ 'profile x': { region: 'e' }, new: { region: 'f' } },
  });
});

test('sections that are no profiles, nested settings, comments and odd lines are left out', async () => {
  const config = `# region = no
region = before any section
[sso-session s]\nsso_region = no
[services here]\ndynamodb =\n  endpoint_url = no
[profile x]
Region = eu-west-1   ; where it is
s3 =
  region = no
  addressing_style = path
nothing here
; region = no
  ca_bundle = nested under the line above
output = json
`;
  expect(await profilesOf(config)).toEqual({ x: { region: 'eu-west-1', s3: '', output: 'json' } });
});

test('settings may be indented, lines end with CR LF, and files be missing', async () => {
  expect(await profilesOf('[default]\r\n  region = eu-west-1\r\n  output = json\r\n')).toEqual({
    default: { region: 'eu-west-1', output: 'json' },
  });
  const { path } = workDir();
  expect((await readProfiles({ HOME: path })).size).toBe(0);
});
