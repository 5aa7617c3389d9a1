import type { ListedKey } from './list-keys.ts';

const dumpName = /\.txt(\.gz|\.zst)?$/;

/** Why an object of a listing is skipped; undefined if it may hold rows. */
export function whySkipped({ key, storedBytes }: ListedKey, listed: readonly ListedKey[]): string | undefined {
  const name = key.slice(key.lastIndexOf('/') + 1);
  if (name === '' || name.endsWith('_$folder$')) return 'a folder';
  if (storedBytes === 0) return 'empty';
  // As in Hadoop, Spark and Athena: _SUCCESS, _committed_123, .part-0.crc.
  if (/^[_.]/.test(name)) return 'a marker';
  if (/manifest(\.json|\.xml|\.txt|\.md5|\.checksum)*$/i.test(name) || /^manifest-\w+\.(json|md5)$/.test(name)) {
    return 'a manifest';
  }
  const isDefinition = name.endsWith('.sql') && listed.some((other) => isDumpOf(key, other.key));
  return isDefinition ? 'the table definition of a .txt' : undefined;
}

/** Whether the two are what `mysqldump --tab` writes for one table. */
function isDumpOf(sqlKey: string, key: string): boolean {
  return dumpName.test(key) && key.replace(dumpName, '.sql') === sqlKey;
}
