import { getAsset, isSea } from 'node:sea';

/** Set by the build; undefined in sources that run unbuilt. */
declare const LICENSES: string | undefined;

/** The notices of all bundled packages; a single executable has those of Node too. */
export function licensesText(): string {
  if (isSea()) return getAsset('licenses', 'utf8');
  return typeof LICENSES === 'string' ? LICENSES : 'npm run build collects the licenses.\n';
}
