import { createHmac, hash } from 'node:crypto';
import type { Credentials } from './credentials.ts';

/** What all requests to sign have in common. */
export type SignedRequest = {
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
export type Signature = { readonly date: string; readonly authorization: string };

/** What stays the same for all requests signed within a second with the same credentials. */
type Stamp = {
  readonly second: number;
  readonly credentials: Credentials;
  readonly date: string;
  readonly canonicalHead: string;
  readonly textHead: string;
  readonly authorizationHead: string;
  readonly key: Buffer;
};

/** AWS Signature Version 4. A signature costs two hashes and one HMAC; all else is kept for a second. */
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
    const signature = createHmac('sha256', stamp.key).update(text).digest('hex');
    return { date: stamp.date, authorization: stamp.authorizationHead + signature };
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
    key: signingKey(credentials.secretAccessKey, day, request),
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
