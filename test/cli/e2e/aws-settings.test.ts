import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { runsEveryCase } from '../../support/importer-command.ts';
import { listenOnLoopback } from '../../support/loopback.ts';
import { readBody } from '../../support/plain-server.ts';
import { recordSignedRequests } from '../../support/signed-requests.ts';
import { workDir } from '../../support/work-dir.ts';
import { tokensCsv } from './dynamo-target.ts';

const config = `[default]
region = eu-west-1
aws_access_key_id = AKIDDEFAULT
aws_secret_access_key = x
[profile prod]
region = eu-west-2
aws_access_key_id = AKIDPROD
aws_secret_access_key = x
[profile bare]
region = eu-west-3
[profile "with spaces"]
region = eu-north-1
[profile program]
region = eu-south-1
credential_process = /bin/sh keys.sh
`;
/** If both files have a setting, this one counts. */
const credentials = '[both]\naws_access_key_id = AKIDBOTH\naws_secret_access_key = x\nregion = sa-east-1\n';

type Variables = Readonly<Record<string, string | undefined>>;
const bare: Variables = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_REGION: undefined };
const keys: Variables = { AWS_ACCESS_KEY_ID: 'AKIDENV', AWS_SECRET_ACCESS_KEY: 'x' };

async function setUp() {
  const server = await recordSignedRequests();
  const dir = workDir();
  dir.write('.aws/config', `${config}[profile both]\nregion = ap-east-1\n`);
  dir.write('.aws/credentials', credentials);
  dir.write('tokens.csv', tokensCsv(50));
  dir.write('keys.sh', `echo '{"Version":1,"AccessKeyId":"AKIDPROGRAM","SecretAccessKey":"x"}'`);
  const show = (variables: Variables, flags: readonly string[] = []) =>
    dir.run(['capacity', 'show', '--endpoint-url', server.url, ...flags], { env: { ...bare, ...variables } });
  return { server, dir, show };
}

/** The decisions of version 2 of the AWS CLI. */
const cases: readonly (readonly [string, Variables, readonly string[], string])[] = [
  ['the default profile', {}, [], 'AKIDDEFAULT in eu-west-1'],
  ['AWS_DEFAULT_REGION before the profile', { AWS_DEFAULT_REGION: 'us-east-1' }, [], 'AKIDDEFAULT in us-east-1'],
  [
    'AWS_REGION before AWS_DEFAULT_REGION',
    { AWS_REGION: 'us-west-1', AWS_DEFAULT_REGION: 'us-east-1' },
    [],
    'AKIDDEFAULT in us-west-1',
  ],
  ['no empty variable', { AWS_REGION: '', AWS_DEFAULT_REGION: '', AWS_PROFILE: '' }, [], 'AKIDDEFAULT in eu-west-1'],
  ['--region before all', { AWS_REGION: 'us-west-1' }, ['--region', 'us-west-2'], 'AKIDDEFAULT in us-west-2'],
  ['AWS_PROFILE', { AWS_PROFILE: 'prod' }, [], 'AKIDPROD in eu-west-2'],
  ['AWS_DEFAULT_PROFILE', { AWS_DEFAULT_PROFILE: 'prod' }, [], 'AKIDPROD in eu-west-2'],
  [
    'AWS_PROFILE before AWS_DEFAULT_PROFILE',
    { AWS_PROFILE: 'prod', AWS_DEFAULT_PROFILE: 'both' },
    [],
    'AKIDPROD in eu-west-2',
  ],
  ['--profile before AWS_PROFILE', { AWS_PROFILE: 'both' }, ['--profile', 'prod'], 'AKIDPROD in eu-west-2'],
  ['keys of the environment before AWS_PROFILE', { ...keys, AWS_PROFILE: 'prod' }, [], 'AKIDENV in eu-west-2'],
  [
    'keys of the environment with a profile that has none',
    { ...keys, AWS_PROFILE: 'bare' },
    [],
    'AKIDENV in eu-west-3',
  ],
  [
    'keys of the environment before AWS_DEFAULT_PROFILE',
    { ...keys, AWS_DEFAULT_PROFILE: 'prod' },
    [],
    'AKIDENV in eu-west-2',
  ],
  ['--profile before keys of the environment', keys, ['--profile', 'prod'], 'AKIDPROD in eu-west-2'],
  [
    'a region of the environment before that of --profile',
    { AWS_DEFAULT_REGION: 'us-east-1' },
    ['--profile', 'prod'],
    'AKIDPROD in us-east-1',
  ],
  ['the credentials file before the config file', { AWS_PROFILE: 'both' }, [], 'AKIDBOTH in sa-east-1'],
  ['a profile with spaces in its name', { ...keys, AWS_PROFILE: 'with spaces' }, [], 'AKIDENV in eu-north-1'],
  ['a program', { AWS_PROFILE: 'program' }, [], 'AKIDPROGRAM in eu-south-1'],
];

const shown = runsEveryCase ? cases : cases.filter((_, index) => index % 3 === 0);

test.each(shown)('region and keys are taken as by the AWS CLI: %s', async (_what, variables, flags, signer) => {
  const { server, show } = await setUp();
  await show(variables, flags);
  expect(server.signers()).toEqual([signer]);
});

test.each([
  ['eu-west-2', 'profile "prod"', { AWS_PROFILE: 'prod' }, 'AWS_ACCESS_KEY_ID, which precedes AWS_PROFILE'],
  ['us-east-1', 'AWS_DEFAULT_REGION', { AWS_DEFAULT_REGION: 'us-east-1' }, 'AWS_ACCESS_KEY_ID'],
])('an import writes where its preflight says: %s, from %s', async (region, regionFrom, variables, from) => {
  const { server, dir } = await setUp();
  const env = { ...bare, ...keys, ...variables };
  const { status, stderr } = await dir.run(['tokens.csv', '--endpoint-url', server.url, '--log-format', 'json'], {
    env,
  });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  const preflight = stderr.split('\n').find((line) => line.includes('"event":"preflight"'))!;
  expect(JSON.parse(preflight)).toMatchObject({ regionFrom, credentials: from });
  expect(server.signers()).toEqual([`AKIDENV in ${region}`]);
  expect(server.table.itemCount).toBe(50);
});

test('a token file of the environment comes before keys of a profile, but not before --profile', async () => {
  const { server, dir, show } = await setUp();
  const asked: string[] = [];
  const sts = createServer(async (request, response) => {
    asked.push(String(await readBody(request)));
    response.setHeader('content-type', 'text/xml');
    const keys =
      '<AccessKeyId>AKIDTOKEN</AccessKeyId><SecretAccessKey>x</SecretAccessKey><SessionToken>t</SessionToken>';
    const result = `<Credentials>${keys}<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>`;
    response.end(
      `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult>${result}</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
    );
  });
  const { port, close } = await listenOnLoopback(sts);
  onTestFinished(close);
  const env = {
    ...{ AWS_WEB_IDENTITY_TOKEN_FILE: dir.write('token', 'abc'), AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/pod' },
    AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}`,
  };
  await show(env);
  expect(server.signers()).toEqual(['AKIDTOKEN in eu-west-1']);
  expect(asked[0]).toContain('WebIdentityToken=abc');
  server.requests.length = 0;
  await show(env, ['--profile', 'prod']);
  expect(server.signers()).toEqual(['AKIDPROD in eu-west-2']);
  expect(asked).toHaveLength(1);
});

test('ca_bundle of the profile makes certificates trusted, and AWS_CA_BUNDLE comes before it', async () => {
  const { dir, show } = await setUp();
  dir.write('.aws/config', '[default]\nregion = us-east-1\nca_bundle = nowhere.pem\n');
  expect((await show(keys)).stderr).toContain('ca_bundle of the default profile: nowhere.pem cannot be read (ENOENT)');
  const named = await show({ ...keys, AWS_CA_BUNDLE: 'other.pem' });
  expect(named).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('AWS_CA_BUNDLE: other.pem cannot be read'),
  });
});

const failing: readonly (readonly [string, Variables, string, string])[] = [
  [
    'a profile that is not there',
    { AWS_PROFILE: 'prdo' },
    'AWS_PROFILE: there is no AWS profile "prdo"',
    'bare, both,',
  ],
  ['half of a pair of keys', { AWS_ACCESS_KEY_ID: 'AKIDENV' }, 'but AWS_SECRET_ACCESS_KEY is not', 'Set both'],
  [
    'a program that fails',
    { AWS_PROFILE: 'fails' },
    'credential_process of profile "fails" returns no credentials',
    'Run that command by hand',
  ],
  [
    'a program that gives expired keys',
    { AWS_PROFILE: 'late' },
    'credential_process of profile "late" returns expired credentials',
    'Check the clock',
  ],
  [
    'a login that is over',
    { AWS_PROFILE: 'sso' },
    'the login of profile "sso" has expired',
    'aws sso login --profile sso',
  ],
  [
    'a token file that is missing',
    { AWS_WEB_IDENTITY_TOKEN_FILE: '/nonexistent/token', AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/r' },
    "AWS_WEB_IDENTITY_TOKEN_FILE: /nonexistent/token can't be read (ENOENT)",
    'Check AWS_WEB_IDENTITY_TOKEN_FILE',
  ],
  [
    'a role that STS refuses',
    { AWS_PROFILE: 'role' },
    'STS returns no credentials for arn:aws:iam::111122223333:role/r of profile "role" (AccessDenied)',
    'Check role_arn',
  ],
  [
    'a role whose source is missing',
    { AWS_PROFILE: 'orphan' },
    'STS returns no credentials for arn:aws:iam::111122223333:role/o of profile "orphan"',
    'Check role_arn',
  ],
];

test.each(failing)(
  'a credential source that fails is named, and no other replaces it: %s',
  async (_what, variables, says, hint) => {
    const { server, dir, show } = await setUp();
    const sts = createServer((_request, response) => {
      response.writeHead(403, { 'content-type': 'text/xml' });
      response.end('<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>');
    });
    const { port, close } = await listenOnLoopback(sts);
    onTestFinished(close);
    dir.write(
      'late.sh',
      `echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"x","Expiration":"2001-01-01T00:00:00Z"}'`,
    );
    dir.write(
      '.aws/config',
      `${config}[profile both]
region = ap-east-1
[profile fails]
credential_process = /bin/sh -c 'echo a secret >&2; exit 3'
[profile late]
credential_process = /bin/sh late.sh
[profile sso]
sso_session = s
sso_account_id = 111122223333
sso_role_name = r
[sso-session s]
sso_region = us-east-1
sso_start_url = https://example.awsapps.com/start
[profile role]
role_arn = arn:aws:iam::111122223333:role/r
source_profile = prod
[profile orphan]
role_arn = arn:aws:iam::111122223333:role/o
source_profile = gone
`,
    );
    // Another source would be available.
    const elsewhere = createServer((_request, response) => {
      response.end(JSON.stringify({ AccessKeyId: 'AKIDOTHER', SecretAccessKey: 'x' }));
    });
    const other = await listenOnLoopback(elsewhere);
    onTestFinished(other.close);
    const ended = await show({
      ...{ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}` },
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${other.port}/`,
      ...variables,
    });
    expect(ended.stderr).toContain(says);
    expect(ended.stderr).toContain(hint);
    expect(ended.stderr).not.toContain('a secret');
    expect(ended.status).toBe(4);
    expect(server.requests).toEqual([]);
  },
);

test('a container that gives no credentials is named', async () => {
  const { server, show } = await setUp();
  const refusing = createServer((_request, response) => {
    response.statusCode = 401;
    response.end('{"code":"x","message":"bad token"}');
  });
  const { port, close } = await listenOnLoopback(refusing);
  onTestFinished(close);
  const url = `http://127.0.0.1:${port}/creds`;
  const { status, stderr } = await show({
    ...{ AWS_CONFIG_FILE: 'none', AWS_REGION: 'us-east-1', AWS_CONTAINER_CREDENTIALS_FULL_URI: url },
  });
  expect({ status, stderr }).toEqual({
    status: 4,
    stderr: expect.stringContaining('the credentials of this container'),
  });
  expect(stderr).toContain(`Check AWS_CONTAINER_CREDENTIALS_FULL_URI and what answers at ${url}`);
  expect(server.requests).toEqual([]);
});

test('credentials that arrive expired are used, with a warning about the clock', async () => {
  const { server, show } = await setUp();
  const container = createServer((_request, response) => {
    const Expiration = '2020-01-31T02:00:00Z';
    response.end(JSON.stringify({ AccessKeyId: 'AKIDLATE', SecretAccessKey: 'x', Token: 't', Expiration }));
  });
  const { port, close } = await listenOnLoopback(container);
  onTestFinished(close);
  const { stderr } = await show({
    ...{ AWS_CONFIG_FILE: 'none', AWS_REGION: 'us-east-1' },
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/creds`,
  });
  expect(stderr).toContain(
    'the AWS credentials of the container (AWS_CONTAINER_CREDENTIALS_FULL_URI) expired at 2020-01-31',
  );
  expect(stderr).toContain('check the clock');
  expect(server.signers()).toEqual(['AKIDLATE in us-east-1']);
});
