import type { Readable } from 'node:stream';
import type { GetObjectCommandInput, GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { formatCount } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { Clock } from '../../ports/clock.ts';
import { headBytes } from '../packing/packing.ts';
import type { S3Connection } from './s3-connection.ts';
import { Attempts, archived, changedObject, failureOf, repeatsBefore, requesterPays } from './s3-failure.ts';
import { s3Url } from './s3-url.ts';
import { listKeys } from './stored-objects.ts';

/** One object as it was found. */
export type S3Object = {
  readonly url: string;
  readonly bucket: string;
  readonly key: string;
  /** Empty if the store returns none, or a weak one. */
  readonly etag: string;
  /** Undefined in a bucket that keeps no versions. */
  readonly versionId: string | undefined;
  readonly storedBytes: number;
  readonly mtimeMs: number | undefined;
  /** The first bytes, enough for `packingOf`. */
  readonly head: Uint8Array;
};

type Place = {
  readonly bucket: string;
  readonly key: string;
  /** The version that an earlier process read. If it is gone or may not be named, the current one is used. */
  readonly versionId?: string | undefined;
};

const headStallMs = 5_000;

/** Looks at an object. Throws ImportError `source-*`, `access-denied`, `usage`, `credentials-expired`, `endpoint-unreachable`. */
export async function findObject(connection: S3Connection, { bucket, key, versionId }: Place): Promise<S3Object> {
  const url = s3Url({ bucket }, key);
  const attempts = new Attempts(connection, { bucket, url }, repeatsBefore);
  for (;;) {
    try {
      const asked = { Bucket: bucket, Key: key, Range: `bytes=0-${headBytes - 1}` };
      const version = versionId && (await get(connection, { ...asked, VersionId: versionId }).catch(unlessRefused));
      const reply = version || (await get(connection, asked));
      const head = await bytesOf(reply.Body as Readable, connection);
      if (head.length === 0) throw emptyObject(url);
      return {
        ...{ url, bucket, key, head },
        etag: strong(reply.ETag),
        // A version named null is overwritten in place.
        versionId: reply.VersionId === 'null' ? undefined : reply.VersionId,
        storedBytes: Number(/\/(\d+)$/.exec(reply.ContentRange ?? '')?.[1] ?? reply.ContentLength ?? head.length),
        mtimeMs: reply.LastModified?.getTime(),
      };
    } catch (error) {
      await attempts.pauseAfter(await reasonOf(error, connection, { bucket, key }));
    }
  }
}

function strong(etag = ''): string {
  return etag.startsWith('W/') ? '' : etag;
}

/** Returns undefined for a refused request, and throws any other error. */
function unlessRefused(error: unknown): undefined {
  const { status } = failureOf(error);
  if (status < 400 || status >= 500) throw error;
}

async function bytesOf(body: Readable, { clock }: S3Connection): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of arriving(body, clock, headStallMs)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A more precise error than that of S3 if there is one, else the same error. */
async function reasonOf(error: unknown, connection: S3Connection, { bucket, key }: Place): Promise<unknown> {
  if (error instanceof ImportError) return error;
  const failure = failureOf(error);
  const url = s3Url({ bucket }, key);
  switch (failure.code) {
    case 'InvalidRange':
      return emptyObject(url);
    case 'NoSuchKey':
      return (await isPrefix(connection, { bucket, key })) ? namedWithoutSlash(url) : error;
    case 'InvalidObjectState':
      return archived(url, (error as { StorageClass?: string }).StorageClass);
    case 'AccessDenied':
      return (await isForThoseWhoPay(connection, { bucket, key })) ? requesterPays(url, bucket) : error;
    default:
      return error;
  }
}

function emptyObject(url: string): ImportError {
  return new ImportError('source-empty', `${url} is empty (0 bytes)`, {
    hint: 'Check that the dump that wrote it succeeded, or leave it out.',
  });
}

async function isPrefix(connection: S3Connection, { bucket, key }: Place): Promise<boolean> {
  const first = await listKeys(connection, bucket, { prefix: `${key}/`, most: 1 })
    .next()
    .catch(() => undefined);
  return first?.done === false;
}

function namedWithoutSlash(url: string): ImportError {
  return new ImportError('source-missing', `${url} is a prefix, not an object`, {
    hint: `Pass ${url}/ to import what is below it.`,
  });
}

/** S3 only says that access is denied, so this sends one request that the caller pays for. */
async function isForThoseWhoPay({ client }: S3Connection, { bucket, key }: Place): Promise<boolean> {
  const { HeadObjectCommand } = await import('@aws-sdk/client-s3');
  const asked = new HeadObjectCommand({ Bucket: bucket, Key: key, RequestPayer: 'requester' });
  const reply = await client.send(asked).catch(() => undefined);
  return reply?.RequestCharged === 'requester';
}

/** Requests the bytes of an object from `from` on. Throws errors of the SDK, and ImportError `source-changed`. */
async function getObject(connection: S3Connection, object: S3Object, from: number): Promise<Readable> {
  const { bucket, key, etag, versionId, storedBytes, url } = object;
  const range = { Bucket: bucket, Key: key, Range: `bytes=${from}-${storedBytes - 1}` };
  const asked = { ...range, ...(etag !== '' && { IfMatch: etag }) };
  try {
    const reply = await get(connection, { ...asked, VersionId: versionId }).catch((error: unknown) => {
      // Naming a version takes a right of its own, and If-Match alone is enough.
      if (versionId !== undefined && failureOf(error).status === 403) return get(connection, asked);
      throw error;
    });
    const body = reply.Body as Readable;
    const begin = /^bytes (\d+)-/.exec(reply.ContentRange ?? '')?.[1] ?? '0';
    if (isSame(reply, object) && Number(begin) === from) return body;
    body.on('error', () => {}).destroy();
    if (!isSame(reply, object)) throw changedObject(url, 'another object took its place');
    throw new ImportError('service-refused', `${connection.origin} does not give out a range of ${url}`, {
      hint: 'Name an endpoint that supports ranges in AWS_ENDPOINT_URL_S3, or download the object and import the file.',
    });
  } catch (error) {
    const { status } = failureOf(error);
    if (status === 412) throw changedObject(url, 'it was overwritten');
    if (status === 404 || status === 405) throw changedObject(url, 'it was removed');
    throw error;
  }
}

function isSame(reply: GetObjectCommandOutput, { etag, mtimeMs }: S3Object): boolean {
  return etag === '' ? reply.LastModified?.getTime() === mtimeMs : strong(reply.ETag) === etag;
}

/** Longest wait for the next bytes of a body. */
const stallMs = 20_000;

/**
 * The stored bytes of an object from `from` on, in fresh buffers, at most 256 KiB ahead of the reader. If a body breaks off
 * or stalls, the rest is requested again. Throws ImportError `source-changed`, or another one if five repetitions in a row
 * bring nothing.
 */
export async function* readObject(
  connection: S3Connection,
  object: S3Object,
  from = 0,
): AsyncGenerator<Uint8Array, void, undefined> {
  const attempts = new Attempts(connection, object);
  for (let at = from; at < object.storedBytes; ) {
    try {
      const body = await getObject(connection, object, at);
      for await (const chunk of arriving(body, connection.clock, stallMs)) {
        at += chunk.length;
        attempts.progressed();
        yield chunk;
      }
      if (at < object.storedBytes) throw bodyFault('body cut short');
    } catch (error) {
      await attempts.pauseAfter(error).catch((fault: unknown) => {
        throw brokenOff(fault, object, at);
      });
    }
  }
}

function brokenOff(fault: unknown, { url, storedBytes }: S3Object, at: number): unknown {
  if (!(fault instanceof ImportError) || fault.code !== 'endpoint-unreachable') return fault;
  const where = `${url} broke off after ${formatCount(at)} of ${formatCount(storedBytes)} bytes`;
  const { code, status } = failureOf(fault.cause);
  const last = status === 0 ? code : `HTTP ${status}`;
  return new ImportError(
    'source-unreadable',
    `${where}, and repeated requests for the rest brought nothing (${last})`,
    {
      hint: 'Check the network, then resume.',
      cause: fault,
    },
  );
}

/** Throws ImportError `source-changed` if the object has changed. */
export async function requireUnchangedObject(connection: S3Connection, object: S3Object): Promise<void> {
  const attempts = new Attempts(connection, object);
  for (;;) {
    try {
      const body = await getObject(connection, object, object.storedBytes - 1);
      body.on('error', () => {}).destroy();
      return;
    } catch (error) {
      await attempts.pauseAfter(error);
    }
  }
}

async function get({ client }: S3Connection, input: GetObjectCommandInput): Promise<GetObjectCommandOutput> {
  const { GetObjectCommand } = await import('@aws-sdk/client-s3');
  return client.send(new GetObjectCommand(input));
}

/** The chunks of a body. Rejects if the next one takes longer than `stallMs`; the time of the reader does not count. */
async function* arriving(body: Readable, clock: Clock, stallMs: number): AsyncGenerator<Uint8Array> {
  // Without a listener, an error after the last read would end the process.
  body.on('error', () => {});
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  try {
    for (;;) {
      const next = await inTime(chunks.next(), clock, stallMs);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    body.destroy();
  }
}

async function inTime<T>(coming: Promise<T>, clock: Clock, stallMs: number): Promise<T> {
  let cancel: () => void = () => {};
  const late = new Promise<never>((_resolve, reject) => {
    cancel = clock.setTimer(stallMs, () => reject(bodyFault(`no byte within ${stallMs / 1000} s`)));
  });
  try {
    return await Promise.race([coming, late]);
  } finally {
    cancel();
  }
}

/** An error with a code that messages show. */
function bodyFault(code: string): Error {
  return Object.assign(new Error(code), { code });
}
