import { onTestFinished } from 'vitest';
import { connectS3, type S3Connection } from '../../src/adapters/s3/s3-connection.ts';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { type BucketOptions, PlainBucket } from './plain-bucket.ts';
import { type S3Server, type S3ServerOptions, startS3Server } from './s3-server.ts';

export type S3Place = { readonly bucket: PlainBucket; readonly server: S3Server; readonly connection: S3Connection };

export type S3PlaceOptions = Partial<BucketOptions> &
  Pick<S3ServerOptions, 'fault'> & { readonly clock?: Clock; readonly signedFor?: string };

/** A bucket `dumps` behind a server of its own, with a connection to it; closed by `stop`. */
export async function openS3Place(options: S3PlaceOptions = {}): Promise<S3Place & { stop(): Promise<void> }> {
  const { fault, clock = systemClock, signedFor = 'us-east-1', ...bucketOptions } = options;
  const bucket = new PlainBucket({ name: 'dumps', ...bucketOptions });
  const server = await startS3Server({ buckets: [bucket], ...(fault && { fault }) });
  const connection = await connectS3({
    ...{ region: signedFor, endpointUrl: server.url, clock },
    random: () => 0.01,
  });
  const stop = async () => {
    await connection.close();
    await server.close();
  };
  return { bucket, server, connection, stop };
}

/** The same, closed after the test. */
export async function s3Place(options: S3PlaceOptions = {}): Promise<S3Place> {
  const { stop, ...place } = await openS3Place(options);
  onTestFinished(stop);
  return place;
}
