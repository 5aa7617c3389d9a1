import type { S3Connection } from './s3-connection.ts';
import { failureOf, repeated } from './s3-failure.ts';
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
