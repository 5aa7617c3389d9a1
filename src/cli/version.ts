import packageJson from '../../package.json' with { type: 'json' };

/** Put in by the build; sources that run unbuilt have none. */
declare const BUILD_COMMIT: string | undefined;

/** `0.1.0 (commit 1a2b3c4d5e6f, Node v24.1.0 on linux-x64)`: what a bug report needs. */
export function versionText(runtime: string): string {
  const commit = typeof BUILD_COMMIT === 'string' ? BUILD_COMMIT : 'unbuilt';
  return `${packageJson.version} (commit ${commit}, ${runtime})`;
}
