import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { ImportError } from '../../domain/import-error.ts';
import type { FinishedFile } from '../../ports/converted-files.ts';
import type { S3Connection } from './s3-connection.ts';
import { failureOf, repeated, type S3Subject, type SendOptions } from './s3-failure.ts';
import { s3Url } from './s3-url.ts';
import { findStored, runMetadata, type StoredFile, type UploadPlace } from './stored-objects.ts';

/** The largest file that one request uploads, and the least size of a part. */
const leastPartBytes = 8 * 1024 * 1024;
/** The service takes no more parts of one object. */
const mostParts = 10_000;
/** Parts on the way at once, each with its bytes in memory. */
const partsInFlight = 4;

/**
 * Uploads a finished file so that the object appears whole or not at all: the service compares a SHA-256 of each part.
 * Keeps an object of this run with the same bytes, replaces another one of this run, and refuses to overwrite any other.
 * Throws ImportError `usage`, `access-denied`, `credentials-expired`, `endpoint-unreachable`, `service-refused`,
 * `run-dir`, and the reason of the signal.
 */
export async function uploadFile(
  connection: S3Connection,
  place: UploadPlace,
  path: string,
  file: FinishedFile,
): Promise<'uploaded' | 'kept'> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    if (size !== file.bytes) throw changedFile(path);
    const read = (position: number, length: number) => readAll(handle, path, position, length);
    return await new Upload(connection, place, { ...file, read }, await import('@aws-sdk/client-s3')).run();
  } finally {
    await handle.close();
  }
}

/** Uploads a short text in the same way. */
export async function uploadText(
  connection: S3Connection,
  place: UploadPlace,
  name: string,
  text: string,
): Promise<'uploaded' | 'kept'> {
  const bytes = Buffer.from(text);
  const file = { name, bytes: bytes.length, sha256: sha256Of(bytes, 'hex'), read: async () => bytes };
  return new Upload(connection, place, file, await import('@aws-sdk/client-s3')).run();
}

type LocalFile = FinishedFile & { read(position: number, length: number): Promise<Buffer> };
type SentPart = { readonly PartNumber: number; readonly ETag: string | undefined; readonly ChecksumSHA256: string };
type Condition = { readonly IfNoneMatch: '*' } | { readonly IfMatch: string };

class Upload {
  readonly #connection: S3Connection;
  readonly #place: UploadPlace;
  readonly #file: LocalFile;
  readonly #sdk: typeof import('@aws-sdk/client-s3');
  readonly #subject: S3Subject;
  readonly #object: { readonly Bucket: string; readonly Key: string };
  readonly #partBytes: number;

  constructor(connection: S3Connection, place: UploadPlace, file: LocalFile, sdk: typeof import('@aws-sdk/client-s3')) {
    const { bucket, prefix } = place;
    this.#connection = connection;
    this.#place = place;
    this.#file = file;
    this.#sdk = sdk;
    this.#object = { Bucket: bucket, Key: prefix + file.name };
    this.#subject = { bucket, url: s3Url(place, prefix + file.name), isWritten: true };
    this.#partBytes = Math.max(leastPartBytes, Math.ceil(file.bytes / mostParts));
  }

  async run(): Promise<'uploaded' | 'kept'> {
    // Without the right to look, only the upload itself tells whether the name is taken.
    const stored = await this.#stored();
    if (stored !== undefined && this.#isSame(stored)) return 'kept';
    const condition = stored === undefined ? ({ IfNoneMatch: '*' } as const) : this.#replacing(stored);
    return this.#file.bytes <= leastPartBytes ? this.#putWhole(condition) : this.#putParts(condition);
  }

  async #putWhole(condition: Condition): Promise<'uploaded' | 'kept'> {
    const Body = await this.#read(0);
    const ChecksumSHA256 = sha256Of(Body);
    const described = { ...this.#object, ...this.#described(), ...condition };
    const put = new this.#sdk.PutObjectCommand({ ...described, Body, ChecksumSHA256 });
    return this.#publish(ChecksumSHA256, (options) => this.#client.send(put, options));
  }

  async #putParts(condition: Condition): Promise<'uploaded' | 'kept'> {
    const create = new this.#sdk.CreateMultipartUploadCommand({ ...this.#object, ...this.#described() });
    const { UploadId } = await this.#repeated((options) => this.#client.send(create, options));
    const upload = { ...this.#object, UploadId };
    try {
      const Parts = await this.#sendParts(upload);
      const complete = new this.#sdk.CompleteMultipartUploadCommand({
        ...{ ...upload, ...condition, MultipartUpload: { Parts }, MpuObjectSize: this.#file.bytes },
      });
      const outcome = await this.#publish(compositeOf(Parts), (options) => this.#client.send(complete, options));
      if (outcome === 'kept') await this.#abort(upload);
      return outcome;
    } catch (error) {
      await this.#abort(upload);
      throw error;
    }
  }

  #described() {
    const { runId } = this.#place;
    return { ChecksumAlgorithm: 'SHA256', Metadata: { sha256: this.#file.sha256, [runMetadata]: runId } } as const;
  }

  async #sendParts(upload: { Bucket: string; Key: string; UploadId: string | undefined }): Promise<SentPart[]> {
    const parts = Math.ceil(this.#file.bytes / this.#partBytes);
    const sent: SentPart[] = [];
    const stop = new AbortController();
    let next = 0;
    const send = async () => {
      while (next < parts && !stop.signal.aborted) {
        const at = next++;
        const Body = await this.#read(at);
        const part = { PartNumber: at + 1, ChecksumSHA256: sha256Of(Body) };
        const command = new this.#sdk.UploadPartCommand({ ...upload, ...part, Body, ChecksumAlgorithm: 'SHA256' });
        const { ETag } = await this.#repeated((options) => this.#client.send(command, options));
        sent[at] = { ...part, ETag };
      }
    };
    const workers = Array.from({ length: partsInFlight }, () => send().catch((error: unknown) => stop.abort(error)));
    await Promise.all(workers);
    stop.signal.throwIfAborted();
    return sent;
  }

  /** Makes the object visible. Where a reply was lost, what is stored tells what became of the request. */
  async #publish(
    checksum: string,
    send: (options: SendOptions) => Promise<{ readonly ChecksumSHA256?: string | undefined }>,
  ): Promise<'uploaded' | 'kept'> {
    let requests = 0;
    const reply = await this.#repeated(async (options) => {
      requests++;
      return send(options).catch((error: unknown) => {
        const { code, status } = failureOf(error);
        if (status === 412 || (requests > 1 && code === 'NoSuchUpload')) return undefined;
        throw error;
      });
    });
    if (reply === undefined) {
      const stored = await this.#stored();
      if (stored === undefined || !this.#isSame(stored)) throw this.#taken(stored);
      return requests > 1 ? 'uploaded' : 'kept';
    }
    const told = reply.ChecksumSHA256 ?? (await this.#stored())?.checksum;
    // S3 appends the number of parts to a checksum of checksums.
    if (told?.replace(/-\d+$/, '') === checksum) return 'uploaded';
    const how = told === undefined ? 'does not tell its SHA-256' : 'with another SHA-256 than the file has';
    throw new ImportError('service-refused', `${this.#connection.origin} stored ${this.#subject.url}, but ${how}`, {
      hint: 'Convert to a folder, and upload that with aws s3 sync.',
    });
  }

  #isSame({ sha256, runId }: StoredFile): boolean {
    return runId === this.#place.runId && sha256 === this.#file.sha256;
  }

  #replacing(stored: StoredFile): Condition {
    if (stored.runId !== this.#place.runId || stored.etag === undefined) throw this.#taken(stored);
    return { IfMatch: stored.etag };
  }

  #taken(stored: StoredFile | undefined): ImportError {
    const how = stored === undefined ? 'these credentials may not look at it' : 'it was not written by this run';
    return new ImportError('usage', `${this.#subject.url} exists already, and ${how}`, {
      hint: 'Pass another prefix with --to, or remove the object.',
    });
  }

  #stored(): Promise<StoredFile | undefined> {
    return findStored(this.#connection, this.#place, this.#file.name);
  }

  #read(at: number): Promise<Buffer> {
    const position = at * this.#partBytes;
    return this.#file.read(position, Math.min(this.#partBytes, this.#file.bytes - position));
  }

  /** One request, as the run may be stopping. */
  async #abort(upload: { Bucket: string; Key: string; UploadId: string | undefined }): Promise<void> {
    await this.#client.send(new this.#sdk.AbortMultipartUploadCommand(upload)).catch((error: unknown) => {
      if (failureOf(error).code === 'NoSuchUpload') return;
      const { url } = this.#subject;
      this.#place.warn(`parts of ${url} are left, and S3 charges for them until a resume of this run removes them`);
    });
  }

  #repeated<Reply>(send: (options: SendOptions) => Promise<Reply>): Promise<Reply> {
    return repeated(this.#connection, this.#subject, this.#place.signal, send);
  }

  get #client(): S3Client {
    return this.#connection.client;
  }
}

async function readAll(handle: FileHandle, path: string, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) throw changedFile(path);
    done += bytesRead;
  }
  return buffer;
}

function changedFile(path: string): ImportError {
  return new ImportError('run-dir', `${path} is not as long as it was when it was written`, {
    hint: 'Resume the run, which writes the file again.',
  });
}

function sha256Of(bytes: Uint8Array, encoding: 'base64' | 'hex' = 'base64'): string {
  return createHash('sha256').update(bytes).digest(encoding);
}

/** The checksum of the checksums of all parts, as S3 makes it. */
function compositeOf(parts: readonly SentPart[]): string {
  return sha256Of(Buffer.concat(parts.map(({ ChecksumSHA256 }) => Buffer.from(ChecksumSHA256, 'base64'))));
}
