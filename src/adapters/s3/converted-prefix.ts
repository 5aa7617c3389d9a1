import { rm } from 'node:fs/promises';
import { ImportError } from '../../domain/import-error.ts';
import { type ConvertedFiles, ownerName } from '../../ports/converted-files.ts';
import type { S3Connection } from './s3-connection.ts';
import { failureOf, repeated } from './s3-failure.ts';
import { uploadFile, uploadText } from './s3-upload.ts';
import { parseS3Url } from './s3-url.ts';
import { findStored, listKeys, type UploadPlace } from './stored-objects.ts';

type PrefixOptions = {
  /** Local folder in which files are written before they are uploaded. */
  readonly stagingFolder: string;
  readonly signal: AbortSignal;
  /** Told of what could not be checked or removed. */
  warn(text: string): void;
};

/** `s3://bucket/prefix/`. Throws ImportError `usage`. */
export function parseConvertedPrefix(url: string): { readonly bucket: string; readonly prefix: string } {
  const { bucket, key, kind } = parseS3Url(url);
  if (kind === 'prefix') return { bucket, prefix: key };
  throw new ImportError('usage', `--to ${url} names an object, and several are written`, {
    hint: `Pass a prefix, which ends with a slash: ${url.replace(/[/*]*$/, '')}/`,
  });
}

/** Converted files as objects below a prefix, each uploaded when it is finished. Throws ImportError `usage`. */
export function convertedPrefix(connection: S3Connection, url: string, options: PrefixOptions): ConvertedFiles {
  const { stagingFolder } = options;
  const { bucket, prefix } = parseConvertedPrefix(url);
  let place: UploadPlace | undefined;
  return {
    ...{ place: url, stagingFolder },
    async claim(runId) {
      place = { ...options, bucket, prefix, runId };
      await claim(connection, place, url);
    },
    async put(staged, file) {
      await uploadFile(connection, place!, staged, file);
      await rm(staged);
    },
    async sha256(name) {
      const stored = await findStored(connection, place!, name);
      return stored?.runId === place!.runId ? stored.sha256 : undefined;
    },
  };
}

/** Proves before any row is read that the prefix can be written to, and that nothing else is in it. */
async function claim(connection: S3Connection, place: UploadPlace, url: string): Promise<void> {
  const { runId, warn } = place;
  const owner = await findStored(connection, place, ownerName);
  if (owner?.runId === runId) {
    await unlessDenied(
      () => removeParts(connection, place, url),
      () =>
        warn(`${url} could not be checked for parts of unfinished uploads, which needs s3:ListBucketMultipartUploads`),
    );
    return;
  }
  if (owner !== undefined) throw notEmpty(url, 'belongs to another run');
  await unlessDenied(
    () => requireEmpty(connection, place, url),
    () => warn(`${url} could not be checked for other objects, which AWS would import too: this needs s3:ListBucket`),
  );
  await uploadText(connection, place, ownerName, `${runId}\n`);
}

async function requireEmpty(connection: S3Connection, { bucket, prefix }: UploadPlace, url: string): Promise<void> {
  for await (const { key } of listKeys(connection, bucket, { prefix, most: 2, isWritten: true })) {
    // Consoles mark a folder with an empty object of its name.
    if (key !== prefix) throw notEmpty(url, 'is not empty');
  }
}

function notEmpty(url: string, how: string): ImportError {
  return new ImportError('usage', `--to ${url} ${how}`, {
    hint: 'Pass a prefix without objects, or continue the conversion into this one with import-tokens convert --resume and its run directory.',
  });
}

/** Removes the parts of uploads that a killed process of this run began. */
async function removeParts(connection: S3Connection, { bucket, prefix, signal }: UploadPlace, url: string) {
  const { AbortMultipartUploadCommand, ListMultipartUploadsCommand } = await import('@aws-sdk/client-s3');
  const { client } = connection;
  const subject = { bucket, url, isWritten: true } as const;
  let markers = {};
  for (;;) {
    const list = new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...markers });
    const page = await repeated(connection, subject, signal, (options) => client.send(list, options));
    for (const { Key, UploadId } of page.Uploads ?? []) {
      const abort = new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId });
      await repeated(connection, subject, signal, (options) => client.send(abort, options).catch(unlessGone));
    }
    if (page.IsTruncated !== true) return;
    markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
  }
}

function unlessGone(error: unknown): void {
  if (failureOf(error).code !== 'NoSuchUpload') throw error;
}

async function unlessDenied(work: () => Promise<void>, whenDenied: () => void): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ImportError) || error.code !== 'access-denied') throw error;
    whenDenied();
  }
}
