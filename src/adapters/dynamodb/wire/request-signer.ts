import { createHmac, hash } from 'node:crypto';
import type { Credentials } from '../../aws/credentials.ts';

/** What all requests to sign have in common. */
type SignedRequest = {
  readonly method: string;
  readonly host: string;
  /** As sent: segments are escaped once more for the signature. */
  readonly path: string;
  /** Further headers to sign, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly region: string;
  readonly service: string;
};

/** Values of the headers `x-amz-date` and `authorization`. */
type Signature = { readonly date: string; readonly authorization: string };

/** What stays the same for all requests signed within a second with the same credentials. */
type Stamp = {
  readonly second: number;
  readonly credentials: Credentials;
  readonly date: string;
  readonly canonicalHead: string;
  readonly textHead: string;
  readonly authorizationHead: string;
  readonly sign: (text: string) => string;
};

/** AWS Signature Version 4. A signature costs four hashes; all else is kept for a second. */
export class RequestSigner {
  readonly #request: SignedRequest;
  #stamp: Stamp | undefined;

  constructor(request: SignedRequest) {
    this.#request = request;
  }

  /** `wallMs`: milliseconds since 1970 by the server's clock. */
  sign(body: string | Uint8Array, wallMs: number, credentials: Credentials): Signature {
    const second = Math.floor(wallMs / 1000);
    let stamp = this.#stamp;
    if (stamp?.second !== second || stamp.credentials !== credentials) {
      stamp = makeStamp(this.#request, second, credentials);
      this.#stamp = stamp;
    }
    const canonical = stamp.canonicalHead + hash('sha256', body, 'hex');
    const text = stamp.textHead + hash('sha256', canonical, 'hex');
    return { date: stamp.date, authorization: stamp.authorizationHead + stamp.sign(text) };
  }
}

function makeStamp(request: SignedRequest, second: number, credentials: Credentials): Stamp {
  const date = new Date(second * 1000).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const day = date.slice(0, 8);
  const scope = `${day}/${request.region}/${request.service}/aws4_request`;
  const headers = signedHeaders(request, date, credentials);
  const names = headers.map(([name]) => name).join(';');
  const lines = headers.map(([name, value]) => `${name}:${value.trim().replace(/\s+/g, ' ')}\n`).join('');
  return {
    second,
    credentials,
    date,
    canonicalHead: `${request.method}\n${escapePath(request.path)}\n\n${lines}\n${names}\n`,
    textHead: `AWS4-HMAC-SHA256\n${date}\n${scope}\n`,
    authorizationHead: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=`,
    sign: keyedHash(signingKey(credentials.secretAccessKey, day, request)),
  };
}

function signedHeaders(request: SignedRequest, date: string, credentials: Credentials): [string, string][] {
  const headers: Record<string, string> = { ...request.headers, host: request.host, 'x-amz-date': date };
  if (credentials.sessionToken !== undefined) headers['x-amz-security-token'] = credentials.sessionToken;
  return Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1));
}

function escapePath(path: string): string {
  return path.replace(/[^A-Za-z0-9\-._~/]+/g, (text) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`),
  );
}

function signingKey(secret: string, day: string, { region, service }: SignedRequest): Buffer {
  let key = hmac(`AWS4${secret}`, day);
  for (const part of [region, service, 'aws4_request']) key = hmac(key, part);
  return key;
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** Bytes that SHA-256 takes at once, and that it gives. */
const blockBytes = 64;
const hashBytes = 32;

/**
 * HMAC-SHA256 (RFC 2104) of ASCII text with one key, in hexadecimal. Its padded keys are made once: an HMAC object for
 * each request costs twice as much as the hashes (`npm run bench -- --only stages`).
 */
function keyedHash(key: Buffer): (text: string) => string {
  const padded = (pad: number, room: number) => {
    const bytes = Buffer.alloc(blockBytes + room);
    for (let i = 0; i < blockBytes; i++) bytes[i] = (key[i] ?? 0) ^ pad;
    return bytes;
  };
  let inner = padded(0x36, 256);
  const outer = padded(0x5c, hashBytes);
  return (text) => {
    const end = blockBytes + text.length;
    if (end > inner.length) inner = Buffer.concat([inner, Buffer.alloc(end)]);
    inner.write(text, blockBytes, 'latin1');
    outer.write(hash('sha256', inner.subarray(0, end), 'binary'), blockBytes, 'latin1');
    return hash('sha256', outer, 'hex');
  };
}
