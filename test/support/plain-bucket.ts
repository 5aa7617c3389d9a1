import { createHash, randomUUID } from 'node:crypto';
import { PlainUploads } from './plain-uploads.ts';

export type BucketOptions = {
  readonly name: string;
  readonly region?: string;
  readonly isVersioned?: boolean;
  /** Keys in one page of a listing. */
  readonly pageKeys?: number;
  readonly isRequesterPays?: boolean;
  /** Its ETags are weak, so that no If-Match ever holds. */
  readonly hasWeakETags?: boolean;
  /** Whether a caller has this right to this key, or to the bucket where it is empty. */
  may?(action: S3Action, key: string): boolean;
};

export type S3Action =
  | 's3:GetObject'
  | 's3:GetObjectVersion'
  | 's3:ListBucket'
  | 's3:PutObject'
  | 's3:AbortMultipartUpload'
  | 's3:ListBucketMultipartUploads';

type StoredObject = {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly versionId: string | undefined;
  readonly storageClass: string | undefined;
  readonly restore: string | undefined;
  readonly lastModified: Date;
  /** SHA-256 in base64, or the checksum of those of the parts; undefined if the object was stored without one. */
  readonly checksum: string | undefined;
  /** Headers `x-amz-meta-…` of the upload. */
  readonly metadata: Readonly<Record<string, string>>;
};

/** A request for an object or a listing, as the bucket takes it. */
export type S3Request = {
  readonly method: string;
  readonly body: Buffer;
  /** The header `x-amz-checksum-sha256`. */
  readonly checksum: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly range: string | undefined;
  readonly ifMatch: string | undefined;
  readonly pays: boolean;
  readonly accessKeyId: string | undefined;
};

export type S3Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** Objects of one bucket, with ranges, If-Match, versions, storage classes and paged listings, as S3 answers for them. */
export class PlainBucket {
  readonly name: string;
  readonly region: string;
  readonly #options: BucketOptions;
  /** Versions by key, the current one last. */
  readonly #objects = new Map<string, StoredObject[]>();
  /** Uploads that were begun and neither completed nor aborted. */
  readonly uploads = new PlainUploads();
  #puts = 0;
  readonly #expired = new Set<string>(['AKIDEXPIRED']);

  constructor(options: BucketOptions) {
    this.name = options.name;
    this.region = options.region ?? 'us-east-1';
    this.#options = options;
  }

  put(
    key: string,
    bytes: Uint8Array | string,
    stored: { storageClass?: string; restore?: string; checksum?: string; metadata?: StoredObject['metadata'] } = {},
  ): void {
    const buffer = Buffer.from(bytes as Uint8Array);
    const { storageClass, restore, checksum, metadata = {} } = stored;
    const object: StoredObject = {
      bytes: buffer,
      etag: `${this.#options.hasWeakETags ? 'W/' : ''}"${createHash('md5').update(buffer).digest('hex')}"`,
      versionId: this.#options.isVersioned ? randomUUID().replaceAll('-', '') : undefined,
      storageClass,
      restore,
      checksum,
      metadata,
      // S3 keeps whole seconds.
      lastModified: new Date(Date.UTC(2026, 0, 1, 0, 0, this.#puts++)),
    };
    const before = this.#options.isVersioned ? (this.#objects.get(key) ?? []) : [];
    this.#objects.set(key, [...before, object]);
  }

  remove(key: string): void {
    this.#objects.delete(key);
  }

  /** From now on, credentials with this key are expired. */
  refuse(accessKeyId: string): void {
    this.#expired.add(accessKeyId);
  }

  handle(request: S3Request): S3Answer {
    if (request.accessKeyId === undefined) return denied();
    if (request.accessKeyId === 'AKIDUNKNOWN') return refusal(403, 'InvalidAccessKeyId', 'There is no such key.');
    if (this.#expired.has(request.accessKeyId)) return refusal(400, 'ExpiredToken', 'The token has expired.');
    if (this.#options.isRequesterPays && !request.pays) return refusal(403, 'AccessDenied', 'Access Denied');
    if (request.method === 'PUT' || request.method === 'POST' || request.method === 'DELETE')
      return this.#write(request);
    if (request.query.has('uploads')) {
      if (!this.#may('s3:ListBucketMultipartUploads', '')) return denied();
      return this.uploads.list(request.query.get('prefix') ?? '');
    }
    return request.key === '' ? this.#list(request) : this.#get(request);
  }

  /** The bytes of an object; undefined if there is none. */
  bytes(key: string): Buffer | undefined {
    return this.#objects.get(key)?.at(-1)?.bytes;
  }

  keys(): readonly string[] {
    return [...this.#objects.keys()];
  }

  #write(request: S3Request): S3Answer {
    const { method, key, query, body, checksum, ifNoneMatch, ifMatch, metadata } = request;
    if (method === 'DELETE') {
      return this.#may('s3:AbortMultipartUpload', key) ? this.uploads.abort(query.get('uploadId')) : denied();
    }
    if (!this.#may('s3:PutObject', key)) return denied();
    if (query.has('uploads')) return this.uploads.create(this.name, key, metadata);
    const isPart = method === 'PUT' && query.has('uploadId');
    if (method === 'PUT' && checksum !== undefined && checksum !== sha256(body)) {
      return refusal(400, 'BadDigest', 'The SHA256 you specified did not match the calculated checksum.');
    }
    if (isPart) return this.uploads.put(query, body);
    const present = this.#objects.get(key)?.at(-1);
    if ((ifNoneMatch === '*' && present !== undefined) || (ifMatch !== undefined && ifMatch !== present?.etag)) {
      return refusal(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
    }
    if (method === 'PUT') {
      this.put(key, body, { metadata, ...(checksum !== undefined && { checksum }) });
      return {
        status: 200,
        headers: checksum === undefined ? {} : { 'x-amz-checksum-sha256': checksum },
        body: nothing,
      };
    }
    return this.uploads.complete(query.get('uploadId'), request, (bytes, stored) => this.put(key, bytes, stored));
  }

  #get({ key, query, range, ifMatch, pays }: S3Request): S3Answer {
    const versionId = query.get('versionId');
    if (!this.#may(versionId === null ? 's3:GetObject' : 's3:GetObjectVersion', key)) return denied();
    const versions = this.#objects.get(key) ?? [];
    const object = versionId === null ? versions.at(-1) : versions.find((version) => version.versionId === versionId);
    // Who may not list a bucket is not told what is missing in it.
    if (object === undefined && !this.#may('s3:ListBucket', '')) return denied();
    if (object === undefined && versionId !== null) return refusal(404, 'NoSuchVersion', 'No such version.');
    if (object === undefined) return refusal(404, 'NoSuchKey', 'The specified key does not exist.');
    if (ifMatch !== undefined && (ifMatch !== object.etag || this.#options.hasWeakETags)) {
      return refusal(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
    }
    const isArchived = /^(GLACIER|DEEP_ARCHIVE)$/.test(object.storageClass ?? '');
    if (isArchived && !object.restore?.includes('ongoing-request="false"')) {
      const more = `<StorageClass>${object.storageClass}</StorageClass>`;
      return refusal(403, 'InvalidObjectState', 'The operation is not valid for the storage class', more);
    }
    return this.#answer(object, range, pays);
  }

  #answer(
    { bytes, etag, versionId, storageClass, restore, lastModified, checksum, metadata }: StoredObject,
    range = '',
    pays: boolean,
  ): S3Answer {
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? [];
    const from = Number(first ?? 0);
    const to = last === undefined || last === '' ? bytes.length : Math.min(Number(last) + 1, bytes.length);
    if (first !== undefined && from >= bytes.length) {
      return refusal(416, 'InvalidRange', 'The requested range is not satisfiable');
    }
    return {
      status: first === undefined ? 200 : 206,
      headers: {
        etag,
        'content-type': 'binary/octet-stream',
        'last-modified': lastModified.toUTCString(),
        'accept-ranges': 'bytes',
        ...(first !== undefined && { 'content-range': `bytes ${from}-${to - 1}/${bytes.length}` }),
        ...(versionId !== undefined && { 'x-amz-version-id': versionId }),
        ...(storageClass !== undefined && { 'x-amz-storage-class': storageClass }),
        ...(restore !== undefined && { 'x-amz-restore': restore }),
        ...metadata,
        ...(checksum !== undefined && range === '' && { 'x-amz-checksum-sha256': checksum }),
        ...(pays && this.#options.isRequesterPays && { 'x-amz-request-charged': 'requester' }),
      },
      body: bytes.subarray(from, to),
    };
  }

  #list({ query }: S3Request): S3Answer {
    if (!this.#may('s3:ListBucket', '')) return denied();
    const { pageKeys = 1000 } = this.#options;
    const prefix = query.get('prefix') ?? '';
    const delimiter = query.get('delimiter') ?? '';
    const after = Buffer.from(query.get('continuation-token') ?? '', 'base64url').toString();
    const entries = new Map<string, StoredObject | undefined>();
    for (const key of [...this.#objects.keys()].sort(compareBytes)) {
      if (!key.startsWith(prefix)) continue;
      const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      if (end === -1) entries.set(key, this.#objects.get(key)!.at(-1));
      else entries.set(key.slice(0, end + delimiter.length), undefined);
    }
    const rest = [...entries].filter(([name]) => compareBytes(name, after) > 0);
    const most = Math.min(pageKeys, Number(query.get('max-keys') ?? pageKeys));
    const page = rest.slice(0, most);
    const isTruncated = rest.length > page.length;
    const isEncoded = query.get('encoding-type') === 'url';
    const text = (name: string) => (isEncoded ? encodeURIComponent(name).replaceAll('%20', '+') : escaped(name));
    const parts = [
      `<Name>${this.name}</Name><Prefix>${text(prefix)}</Prefix><KeyCount>${page.length}</KeyCount>`,
      `<IsTruncated>${isTruncated}</IsTruncated>${isEncoded ? '<EncodingType>url</EncodingType>' : ''}`,
      isTruncated
        ? `<NextContinuationToken>${Buffer.from(page.at(-1)![0]).toString('base64url')}</NextContinuationToken>`
        : '',
      ...page.map(([name, object]) =>
        object === undefined
          ? `<CommonPrefixes><Prefix>${text(name)}</Prefix></CommonPrefixes>`
          : `<Contents><Key>${text(name)}</Key><LastModified>${object.lastModified.toISOString()}</LastModified>` +
            `<ETag>${escaped(object.etag)}</ETag><Size>${object.bytes.length}</Size></Contents>`,
      ),
    ];
    return xml(200, `<ListBucketResult>${parts.join('')}</ListBucketResult>`);
  }

  #may(action: S3Action, key: string): boolean {
    return this.#options.may?.(action, key) ?? true;
  }
}

/** In base64. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}

/** An answer that refuses, with the body that S3 gives to it. */
export function refusal(status: number, code: string, message: string, more = ''): S3Answer {
  return xml(status, `<Error><Code>${code}</Code><Message>${message}</Message>${more}</Error>`);
}

const nothing = Buffer.alloc(0);

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function denied(): S3Answer {
  return refusal(403, 'AccessDenied', 'Access Denied');
}

export function xml(status: number, text: string): S3Answer {
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`),
  };
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
