import type { S3Connection } from './s3-connection.ts';
import { Attempts, failureOf, repeated, repeatsBefore } from './s3-failure.ts';
import { s3Url } from './s3-url.ts';

/** Where files are uploaded to, and the run that uploads them. */
export type UploadPlace = {
  readonly bucket: string;
  /** Empty, or ends with a slash. */
  readonly prefix: string;
  readonly runId: string;
  readonly signal: AbortSignal;
  /** Told of parts that could not be removed. */
  warn(text: string): void;
};

/** An object as it is stored; without `sha256` and `runId` if no run uploaded it. */
export type StoredFile = {
  readonly sha256: string | undefined;
  readonly runId: string | undefined;
  readonly etag: string | undefined;
  /** That of the service, in base64; of several parts the checksum of their checksums. */
  readonly checksum: string | undefined;
};

/** The name of the metadata that tells which run uploaded an object. */
export const runMetadata = 'import-tokens-run';

/** What S3 answers with 400, but for a bucket in another region. */
const expiredToken = { name: 'ExpiredToken' };

/** Looks at an object. Undefined if there is none, or if it may not be looked at. Throws ImportError as `uploadFile`. */
export async function findStored(
  connection: S3Connection,
  { bucket, prefix, signal }: UploadPlace,
  name: string,
): Promise<StoredFile | undefined> {
  const { HeadObjectCommand } = await import('@aws-sdk/client-s3');
  const Key = prefix + name;
  const head = new HeadObjectCommand({ Bucket: bucket, Key, ChecksumMode: 'ENABLED' });
  const subject = { bucket, url: s3Url({ bucket }, Key), isWritten: true } as const;
  const reply = await repeated(connection, subject, signal, (options) =>
    connection.client.send(head, options).catch((error: unknown) => {
      const { status, bucketRegion = connection.region } = failureOf(error);
      // The reply to HEAD has no body that names the fault, unlike that to the upload that follows.
      if (status === 400 && bucketRegion === connection.region) throw Object.assign(error as Error, expiredToken);
      if (status >= 300 && status < 500 && status !== 429) return undefined;
      throw error;
    }),
  );
  if (reply === undefined) return undefined;
  const { Metadata: { sha256, [runMetadata]: runId } = {}, ETag: etag, ChecksumSHA256: checksum } = reply;
  return { sha256, runId, etag, checksum };
}

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
