import { onTestFinished } from 'vitest';
import { type BucketOptions, PlainBucket } from '../../support/plain-bucket.ts';
import { type S3Server, type S3ServerOptions, startS3Server } from '../../support/s3-server.ts';

export type S3Target = {
  readonly bucket: PlainBucket;
  readonly server: S3Server;
  /** Variables that lead an importer there. */
  readonly env: Readonly<Record<string, string>>;
};

/** A bucket `dumps` behind a server of its own; closed after the test. */
export async function s3Target(
  options: Partial<BucketOptions> & Pick<S3ServerOptions, 'fault'> = {},
  whenDone: (close: () => Promise<void>) => void = onTestFinished,
): Promise<S3Target> {
  const { fault, ...bucketOptions } = options;
  const bucket = new PlainBucket({ name: 'dumps', ...bucketOptions });
  const server = await startS3Server({ buckets: [bucket], ...(fault && { fault }) });
  whenDone(server.close);
  return { bucket, server, env: { AWS_ENDPOINT_URL_S3: server.url } };
}
