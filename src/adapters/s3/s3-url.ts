import { ImportError } from '../../domain/import-error.ts';

/** What an `s3://` URL names. */
export type S3Location = {
  readonly bucket: string;
  /** Key of one object, prefix or pattern. */
  readonly key: string;
  /** A prefix ends with `/` and stands for everything below it; in a pattern `*` matches any text without `/`. */
  readonly kind: 'object' | 'prefix' | 'pattern';
};

export function isS3Url(path: string): boolean {
  return path.startsWith('s3://');
}

/**
 * Reads `s3://bucket/key`, `s3://bucket/prefix/` or `s3://bucket/prefix/part*`. The bucket may be the ARN of an access
 * point. Keys are not percent-encoded. Throws ImportError `usage`.
 */
export function parseS3Url(url: string): S3Location {
  const [, bucket, key] = form.exec(url) ?? [];
  if (bucket === undefined) {
    throw new ImportError('usage', `${url} is not an s3:// URL`, { hint: `Write it as ${forms}.` });
  }
  if (key === undefined) {
    throw new ImportError('usage', `${url} names a bucket, but nothing in it`, {
      hint: `Write it as ${forms}; s3://${bucket}/ is the whole bucket.`,
    });
  }
  if (key === '' || key.endsWith('/')) return { bucket, key, kind: 'prefix' };
  if (!key.includes('*')) return { bucket, key, kind: 'object' };
  if (!key.slice(0, key.lastIndexOf('/') + 1).includes('*')) return { bucket, key, kind: 'pattern' };
  throw new ImportError('usage', `${url} has a * before its last /`, {
    hint: 'Use * only after the last /, or name several sources.',
  });
}

const form = /^s3:\/\/(arn:[^:]*:s3[^:]*:[^:]*:[^:]*:accesspoint[:/][^/]+|[^/:]+)(?:\/(.*))?$/s;
const forms = 's3://bucket/key, s3://bucket/prefix/ or s3://bucket/prefix/part*';

export function s3Url({ bucket }: Pick<S3Location, 'bucket'>, key: string): string {
  return `s3://${bucket}/${key}`;
}
