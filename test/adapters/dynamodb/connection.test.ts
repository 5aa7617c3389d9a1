import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConnectionOptions } from '../../../src/adapters/aws/dispatcher.ts';
import { connect, type ServiceEndpoint } from '../../../src/adapters/dynamodb/connection.ts';
import { systemClock } from '../../../src/adapters/system/system-clock.ts';
import type { ImportError } from '../../../src/domain/import-error.ts';
import { staticKeys, withAwsEnvironment } from '../../support/aws-environment.ts';

withAwsEnvironment({});

let folder: string;
let before: NodeJS.ProcessEnv;
beforeEach(async () => {
  before = { ...process.env };
  folder = await mkdtemp(join(tmpdir(), 'connection-'));
});
afterEach(async () => {
  process.env = before;
  await rm(folder, { recursive: true });
});

type Told = Partial<ConnectionOptions>;

function options(told: Told): ConnectionOptions {
  return { requestTimeoutMs: 1_000, concurrency: 1, clock: systemClock, ...told };
}

async function endpointWith(variables: Record<string, string>, told: Told = {}): Promise<ServiceEndpoint> {
  Object.assign(process.env, staticKeys, variables);
  const connection = await connect(options(told));
  try {
    return await connection.endpoint('tokens');
  } finally {
    await connection.close();
  }
}

async function faultWith(variables: Record<string, string>, told: Told = {}): Promise<ImportError> {
  Object.assign(process.env, variables);
  return connect(options(told)).then(
    () => expect.unreachable('it connected'),
    (error: ImportError) => error,
  );
}

async function configFiles(config: string, credentials: string): Promise<Record<string, string>> {
  const paths = { AWS_CONFIG_FILE: join(folder, 'config'), AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials') };
  await writeFile(paths.AWS_CONFIG_FILE, config);
  await writeFile(paths.AWS_SHARED_CREDENTIALS_FILE, credentials);
  return paths;
}

describe('the endpoint is resolved as the SDK does:', () => {
  test.each<{ title: string; variables?: Record<string, string>; told?: Told; origin: string; path?: string }>([
    { title: 'by region', told: { region: 'eu-central-1' }, origin: 'https://dynamodb.eu-central-1.amazonaws.com' },
    {
      title: 'by AWS_REGION',
      variables: { AWS_REGION: 'cn-north-1' },
      origin: 'https://dynamodb.cn-north-1.amazonaws.com.cn',
    },
    {
      title: 'FIPS',
      variables: { AWS_REGION: 'us-east-1', AWS_USE_FIPS_ENDPOINT: 'true' },
      origin: 'https://dynamodb-fips.us-east-1.amazonaws.com',
    },
    {
      title: 'dual-stack',
      variables: { AWS_REGION: 'us-east-1', AWS_USE_DUALSTACK_ENDPOINT: 'true' },
      origin: 'https://dynamodb.us-east-1.api.aws',
    },
    {
      title: 'by account',
      variables: { AWS_REGION: 'us-east-1', AWS_ACCOUNT_ID: '111122223333' },
      origin: 'https://111122223333.ddb.us-east-1.amazonaws.com',
    },
    {
      title: 'AWS_ENDPOINT_URL_DYNAMODB',
      variables: { AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000' },
      origin: 'http://127.0.0.1:8000',
    },
    {
      title: 'AWS_ENDPOINT_URL',
      variables: { AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: 'https://localhost:4566/aws' },
      origin: 'https://localhost:4566',
      path: '/aws',
    },
    {
      title: '--endpoint-url before the environment',
      variables: { AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000' },
      told: { endpointUrl: 'http://127.0.0.1:9000' },
      origin: 'http://127.0.0.1:9000',
    },
  ])('$title', async ({ variables, told, origin, path }) => {
    const endpoint = await endpointWith(variables ?? {}, told);
    expect(endpoint).toMatchObject({ origin, path: path ?? '/' });
  });

  test('a profile gives region, endpoint and keys', async () => {
    const files = await configFiles(
      '[profile prod]\nregion = eu-west-3\nservices = here\n[services here]\ndynamodb =\n  endpoint_url = http://127.0.0.1:7000\n',
      '[prod]\naws_access_key_id = AKIDPROD\naws_secret_access_key = x\n',
    );
    Object.assign(process.env, files, { AWS_PROFILE: 'prod' });
    const connection = await connect(options({}));
    expect(connection.region).toBe('eu-west-3');
    expect((await connection.endpoint('tokens')).origin).toBe('http://127.0.0.1:7000');
    expect((await connection.credentials.current()).accessKeyId).toBe('AKIDPROD');
    await connection.close();
  });

  test('--profile comes before keys in the environment', async () => {
    const files = await configFiles(
      '[profile prod]\nregion = eu-west-3\n',
      '[prod]\naws_access_key_id = AKIDPROD\naws_secret_access_key = x\n',
    );
    Object.assign(process.env, staticKeys, files);
    const connection = await connect(options({ profile: 'prod' }));
    expect(connection.region).toBe('eu-west-3');
    expect((await connection.credentials.current()).accessKeyId).toBe('AKIDPROD');
    await connection.close();
  });
});

describe('says what is missing and what to do:', () => {
  test('no region', async () => {
    const fault = await faultWith(staticKeys);
    expect(fault.code).toBe('region-missing');
    expect(fault.hint).toContain('--region');
  });

  test.each(['us-east-1\n', 'eu central'])('a region that is none: %j', async (region) => {
    const fault = await faultWith({ ...staticKeys, AWS_REGION: region });
    expect(fault.code).toBe('region-missing');
    expect(fault.message).toContain('no valid AWS region is set');
    expect(fault.hint).toContain('line break');
  });

  test.each(['localhost:8000', 'foo'])('an endpoint of the environment that is no URL: %s', async (address) => {
    const endpoint = endpointWith({ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_DYNAMODB: address });
    await expect(endpoint).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('AWS_ENDPOINT_URL_DYNAMODB: an endpoint begins with http:// or https://'),
    });
  });

  test('no credentials', async () => {
    const fault = await faultWith({ AWS_REGION: 'us-east-1' });
    expect(fault.code).toBe('credentials-missing');
    expect(fault.hint).toContain('--profile');
  });

  test('a profile that is not there, by its name', async () => {
    const fault = await faultWith({ AWS_REGION: 'us-east-1' }, { profile: 'nowhere' });
    expect(fault.code).toBe('credentials-missing');
    expect(fault.message).toContain('"nowhere"');
  });

  test('an SSO login that is over', async () => {
    const files = await configFiles(
      '[profile sso]\nregion = us-east-1\nsso_session = s\nsso_account_id = 111122223333\nsso_role_name = r\n' +
        '[sso-session s]\nsso_region = us-east-1\nsso_start_url = https://example.awsapps.com/start\n',
      '',
    );
    const fault = await faultWith({ ...files, HOME: folder }, { profile: 'sso' });
    expect(fault.code).toBe('credentials-expired');
    expect(fault.hint).toContain('aws sso login');
  });

  test('an endpoint that is no URL', async () => {
    const fault = await faultWith(staticKeys, { region: 'us-east-1', endpointUrl: 'localhost:8000' });
    expect(fault.code).toBe('usage');
    expect(fault.message).toContain('--endpoint-url');
  });
});
