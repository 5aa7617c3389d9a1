import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, expiredToken, invalidSignature, missingAuthentication, unrecognizedClient } from './answers.ts';

/** The secret of an access key; `expiresAtMs` (since 1970) for keys that expire. */
export type Secret = {
  readonly secretKey: string;
  readonly sessionToken?: string;
  readonly expiresAtMs?: number;
};

const maxSkewMs = 15 * 60 * 1000;

/**
 * Checks a POST to `/` by Signature Version 4, computed from the specification alone. Returns the answer that refuses
 * it, or undefined if the signature is valid.
 */
export function signatureFault(
  headers: IncomingHttpHeaders,
  body: string | Buffer,
  secrets: Readonly<Record<string, Secret>>,
  nowMs: number,
): Answer | undefined {
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    );
  if (parts === null) return missingAuthentication();
  const [, accessKeyId, day, region, service, signedHeaders, signature] = parts as unknown as string[];
  const secret = secrets[accessKeyId!];
  if (secret === undefined || headers['x-amz-security-token'] !== secret.sessionToken) return unrecognizedClient();
  if (nowMs >= (secret.expiresAtMs ?? Number.POSITIVE_INFINITY)) return expiredToken();

  const stamp = String(headers['x-amz-date'] ?? '');
  const skewMs = nowMs - stampMs(stamp);
  if (!(Math.abs(skewMs) < maxSkewMs) || !stamp.startsWith(day!)) {
    const state = skewMs > 0 ? 'expired' : 'not yet current';
    return invalidSignature(`Signature ${state}: ${stamp} is not within 15 min. of ${compact(nowMs)}`);
  }
  const names = signedHeaders!.split(';');
  const required = ['host', 'x-amz-date', 'x-amz-target', ...(secret.sessionToken ? ['x-amz-security-token'] : [])];
  if (service !== 'dynamodb' || required.some((name) => !names.includes(name))) {
    return invalidSignature('Credential should be scoped to correct service, and host and x-amz-* headers signed.');
  }
  const canonical = [
    'POST',
    '/',
    '',
    ...names.map((name) => `${name}:${folded(headers[name])}`),
    '',
    signedHeaders,
    sha256(body),
  ];
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical.join('\n'))].join('\n');
  const key = [region!, service!, 'aws4_request'].reduce(hmac, hmac(`AWS4${secret.secretKey}`, day!));
  if (hmac(key, text).toString('hex') === signature) return undefined;
  return invalidSignature(
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
  );
}

/** The access key that a request names. */
export function accessKeyOf(headers: IncomingHttpHeaders): string | undefined {
  return /Credential=([^/,]+)\//.exec(headers.authorization ?? '')?.[1];
}

function folded(value: string | string[] | undefined): string {
  return String(value ?? '')
    .trim()
    .replace(/ +/g, ' ');
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

function stampMs(stamp: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp)?.slice(1).map(Number);
  return parts === undefined ? Number.NaN : Date.UTC(parts[0]!, parts[1]! - 1, parts[2], parts[3], parts[4], parts[5]);
}

function compact(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '');
}
