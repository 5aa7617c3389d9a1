import { createHash, randomUUID } from 'node:crypto';
import { escaped, refusal, type S3Answer, type S3Request, sha256, xml } from './plain-bucket.ts';

type Metadata = Readonly<Record<string, string>>;
type Part = { readonly bytes: Buffer; readonly etag: string };

const leastPartBytes = 5 * 1024 * 1024;

/** The multipart uploads of a bucket, as S3 answers for them. */
export class PlainUploads {
  readonly #begun = new Map<
    string,
    { readonly key: string; readonly metadata: Metadata; readonly parts: Map<number, Part> }
  >();

  /** Keys of the uploads that were begun and neither completed nor aborted. */
  keys(): readonly string[] {
    return [...this.#begun.values()].map(({ key }) => key);
  }

  create(bucket: string, key: string, metadata: Metadata = {}): S3Answer {
    const id = randomUUID();
    this.#begun.set(id, { key, metadata, parts: new Map() });
    const names = `<Bucket>${bucket}</Bucket><Key>${escaped(key)}</Key>`;
    return xml(
      200,
      `<InitiateMultipartUploadResult>${names}<UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    );
  }

  put(query: URLSearchParams, bytes: Buffer): S3Answer {
    const upload = this.#begun.get(query.get('uploadId') ?? '');
    if (upload === undefined) return noSuchUpload();
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    upload.parts.set(Number(query.get('partNumber')), { bytes, etag });
    return { status: 200, headers: { etag, 'x-amz-checksum-sha256': sha256(bytes) }, body: Buffer.alloc(0) };
  }

  complete(
    id: string | null,
    { body }: S3Request,
    store: (bytes: Buffer, stored: { readonly checksum: string; readonly metadata: Metadata }) => void,
  ): S3Answer {
    const upload = this.#begun.get(id ?? '');
    if (upload === undefined) return noSuchUpload();
    const named = [...body.toString().matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => ({
      number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
      etag: /<ETag>(.*?)</.exec(part)?.[1]?.replaceAll('&quot;', '"'),
      checksum: /<ChecksumSHA256>(.*?)</.exec(part)?.[1],
    }));
    const parts = named.map(({ number }) => upload.parts.get(number));
    const areWhole = named.every(({ etag, checksum }, i) => {
      const part = parts[i];
      return part?.etag === etag && part !== undefined && checksum === sha256(part.bytes);
    });
    if (!areWhole || named.length === 0) return refusal(400, 'InvalidPart', 'A part could not be found.');
    if (parts.slice(0, -1).some((part) => part!.bytes.length < leastPartBytes)) {
      return refusal(400, 'EntityTooSmall', 'A part is smaller than the minimum allowed size.');
    }
    const digests = parts.map((part) => createHash('sha256').update(part!.bytes).digest());
    const checksum = `${sha256(Buffer.concat(digests))}-${parts.length}`;
    store(Buffer.concat(parts.map((part) => part!.bytes)), { checksum, metadata: upload.metadata });
    this.#begun.delete(id!);
    const result = `<ETag>&quot;x-${parts.length}&quot;</ETag><ChecksumSHA256>${checksum}</ChecksumSHA256>`;
    return xml(200, `<CompleteMultipartUploadResult>${result}</CompleteMultipartUploadResult>`);
  }

  abort(id: string | null): S3Answer {
    if (!this.#begun.delete(id ?? '')) return noSuchUpload();
    return { status: 204, headers: {}, body: Buffer.alloc(0) };
  }

  list(prefix: string): S3Answer {
    const uploads = [...this.#begun]
      .filter(([, { key }]) => key.startsWith(prefix))
      .map(([id, { key }]) => `<Upload><Key>${escaped(key)}</Key><UploadId>${id}</UploadId></Upload>`);
    const texts = `<IsTruncated>false</IsTruncated>${uploads.join('')}`;
    return xml(200, `<ListMultipartUploadsResult>${texts}</ListMultipartUploadsResult>`);
  }
}

function noSuchUpload(): S3Answer {
  return refusal(404, 'NoSuchUpload', 'The specified multipart upload does not exist.');
}
