import { afterAll, beforeAll } from 'vitest';

/** Runs the tests of a file with these AWS variables only, so that settings of the machine have no effect. */
export function withAwsEnvironment(variables: Record<string, string> = staticKeys): void {
  let saved: NodeJS.ProcessEnv;
  beforeAll(() => {
    saved = { ...process.env };
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
    Object.assign(process.env, isolated, variables);
  });
  afterAll(() => {
    process.env = saved;
  });
}

export const staticKeys = { AWS_ACCESS_KEY_ID: 'AKIDTEST', AWS_SECRET_ACCESS_KEY: 'testsecret' };

const isolated = {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/nonexistent/config',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};
