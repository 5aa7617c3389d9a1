import type { World } from './world.ts';

/**
 * Sets what the AWS SDK reads only from AWS_PROFILE, such as the endpoint of a profile, to what the AWS CLI would take:
 * `--profile`, else AWS_PROFILE, else AWS_DEFAULT_PROFILE. Paths of the shared files may begin with `~`.
 */
export function setAwsVariables({ env, setEnv }: Pick<World, 'env' | 'setEnv'>, profile: string | undefined): void {
  const ofEnvironment = env['AWS_PROFILE'] || env['AWS_DEFAULT_PROFILE'];
  if (profile !== undefined) setEnv('AWS_PROFILE', profile);
  else if (ofEnvironment && ofEnvironment !== env['AWS_PROFILE']) setEnv('AWS_PROFILE', ofEnvironment);
  for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) {
    const path = env[name];
    if (path?.startsWith('~/') && env['HOME']) setEnv(name, `${env['HOME']}${path.slice(1)}`);
  }
}
