import type { S3Connection } from './s3-connection.ts';
import { Attempts, repeatsBefore } from './s3-failure.ts';
import { s3Url } from './s3-url.ts';

export type ListedKey = { readonly key: string; readonly storedBytes: number };

type Listing = {
  readonly prefix: string;
  /** Leaves out keys that contain it after the prefix. */
  readonly delimiter?: string;
  /** Keys in one page at most. */
  readonly most?: number;
  /** For messages: the prefix is there to be written to. */
  readonly isWritten?: true;
};

/** The keys that begin with the prefix. Throws ImportError, as `findObject`. */
export async function* listKeys(
  connection: S3Connection,
  bucket: string,
  { prefix, delimiter, most, isWritten }: Listing,
): AsyncGenerator<ListedKey> {
  const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
  const attempts = new Attempts(
    connection,
    { bucket, url: s3Url({ bucket }, prefix), ...(isWritten && { isWritten }) },
    repeatsBefore,
  );
  let ContinuationToken: string | undefined;
  for (;;) {
    const input = {
      ...{ Bucket: bucket, Prefix: prefix, ContinuationToken },
      // Keys may hold characters that XML may not.
      EncodingType: 'url' as const,
      ...(delimiter !== undefined && { Delimiter: delimiter }),
      ...(most !== undefined && { MaxKeys: most }),
    };
    const page = await connection.client.send(new ListObjectsV2Command(input)).catch((error: unknown) => ({ error }));
    if ('error' in page) {
      await attempts.pauseAfter(page.error);
      continue;
    }
    attempts.progressed();
    const isEncoded = page.EncodingType === 'url';
    for (const { Key = '', Size = 0 } of page.Contents ?? []) {
      yield { key: isEncoded ? decodeURIComponent(Key.replaceAll('+', ' ')) : Key, storedBytes: Size };
    }
    ContinuationToken = page.NextContinuationToken;
    if (ContinuationToken === undefined) return;
  }
}

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
