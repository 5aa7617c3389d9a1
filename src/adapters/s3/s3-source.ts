import { ImportError } from '../../domain/import-error.ts';
import { refuseUnsupportedBytes } from '../../input/unsupported-formats.ts';
import type { OpenedFile } from '../../ports/source.ts';
import { packingOf, refusePacking } from '../packing/packing.ts';
import { readUnpacked } from '../packing/unpack.ts';
import { type S3Connection, s3Concurrency } from './s3-connection.ts';
import { findObject, readObject, requireUnchangedObject, type S3Object } from './s3-object.ts';
import { parseS3Url, type S3Location, s3Url } from './s3-url.ts';
import { type ListedKey, listKeys } from './stored-objects.ts';

/** An object as a source file. */
export type S3SourceFile = OpenedFile &
  Required<Pick<OpenedFile, 'etag' | 'readFrom'>> & { readonly storedBytes: number };

/** The objects of a URL in the order of their keys, and those that are skipped. */
type S3Objects = {
  readonly files: readonly S3SourceFile[];
  readonly skipped: readonly { readonly url: string; readonly why: string }[];
};

/**
 * The objects that an `s3://` URL names, unpacked as files are. Throws ImportError `usage`, `source-*`, `access-denied`,
 * `credentials-expired`, `endpoint-unreachable`. `versionId`: the version of one object that an earlier process read.
 */
export async function openS3Source(connection: S3Connection, url: string, versionId?: string): Promise<S3Objects> {
  const location = { ...parseS3Url(url), versionId };
  if (location.kind === 'object') {
    return { files: [sourceFile(connection, await find(connection, location))], skipped: [] };
  }
  const listed = await keysOf(connection, location);
  const judged = listed.map((key) => ({ ...key, why: whySkipped(key, listed) }));
  const named = judged.filter(({ why }) => why === undefined);
  if (named.length === 0) throw nothingThere(url, location, judged.length);
  const found = await inParallel(named, ({ key }) => find(connection, { ...location, key }));
  return {
    files: found.map((object) => sourceFile(connection, object)),
    skipped: judged.flatMap(({ key, why }) => (why === undefined ? [] : [{ url: s3Url(location, key), why }])),
  };
}

/** The names of the objects in a prefix, without those in prefixes below it. Throws ImportError, as `openS3Source`. */
export async function namesBelow(connection: S3Connection, url: string): Promise<readonly string[]> {
  const { bucket, key: prefix } = parseS3Url(url);
  const names: string[] = [];
  for await (const { key } of listKeys(connection, bucket, { prefix, delimiter: '/' })) {
    names.push(key.slice(prefix.length));
  }
  return names.filter((name) => name !== '');
}

/** Sorted by bytes, as S3 lists them; directory buckets list them in no order. */
async function keysOf(connection: S3Connection, { bucket, key, kind }: S3Location): Promise<readonly ListedKey[]> {
  const prefix = kind === 'prefix' ? key : key.slice(0, key.indexOf('*'));
  const pattern = kind === 'prefix' ? undefined : patternOf(key);
  const keys: ListedKey[] = [];
  for await (const listed of listKeys(connection, bucket, { prefix, ...(pattern && { delimiter: '/' }) })) {
    if (pattern?.test(listed.key) ?? true) keys.push(listed);
  }
  return keys.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
}

function patternOf(key: string): RegExp {
  const parts = key.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]*')}$`, 's');
}

function nothingThere(url: string, { kind }: S3Location, skipped: number): ImportError {
  const relation = kind === 'prefix' ? 'below it' : 'that match it';
  if (skipped > 0) {
    return new ImportError('source-missing', `${url}: none of the ${skipped} objects ${relation} holds rows`, {
      hint: 'Name the objects one by one to import them all the same.',
    });
  }
  const none = kind === 'prefix' ? 'no object is below it' : 'no object matches it';
  return new ImportError('source-missing', `${url}: ${none}`, { hint: 'Check the key; upper and lower case differ.' });
}

const dumpName = /\.txt(\.gz|\.zst)?$/;

/** Why an object of a listing is skipped; undefined if it may hold rows. */
function whySkipped({ key, storedBytes }: ListedKey, listed: readonly ListedKey[]): string | undefined {
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

async function find(
  connection: S3Connection,
  location: S3Location & { readonly versionId?: string | undefined },
): Promise<S3Object> {
  const object = await findObject(connection, location);
  const packing = packingOf(object.head);
  refusePacking(object.url, packing);
  if (packing === undefined) refuseUnsupportedBytes(object.head, object.url);
  return object;
}

function sourceFile(connection: S3Connection, object: S3Object): S3SourceFile {
  const { url, storedBytes, mtimeMs, etag, versionId, head } = object;
  let storedBytesRead = 0;
  return {
    ...{ name: url, path: url, storedBytes, mtimeMs, etag, versionId },
    storedBytesRead: () => storedBytesRead,
    checkUnchanged: () => requireUnchangedObject(connection, object),
    read: () => readUnpacked(url, counted(0)),
    readFrom,
  };

  /** A compressed object has to be read from its beginning. */
  async function* readFrom(byteOffset: number): AsyncGenerator<Uint8Array> {
    if (byteOffset === Number.POSITIVE_INFINITY) storedBytesRead = storedBytes;
    else if (packingOf(head) === undefined) yield* counted(byteOffset);
    else yield* withoutFirst(byteOffset, readUnpacked(url, counted(0)));
  }

  async function* counted(from: number): AsyncGenerator<Uint8Array> {
    storedBytesRead = from;
    for await (const chunk of readObject(connection, object, from)) {
      storedBytesRead += chunk.length;
      yield chunk;
    }
  }
}

async function* withoutFirst(byteLength: number, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let left = byteLength;
  for await (const chunk of chunks) {
    const rest = chunk.subarray(Math.min(left, chunk.length));
    left -= chunk.length - rest.length;
    if (rest.length > 0) yield rest;
  }
}

/** Runs `work` on all items, at most `s3Concurrency` at a time, and keeps their order. */
async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(s3Concurrency, items.length) }, worker));
  return results;
}
