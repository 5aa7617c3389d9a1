import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServeStart } from '../support/serve-plain-table.ts';

/** A loopback endpoint in a process of its own that discards what it is sent. */
export type Endpoint = {
  readonly url: string;
  /** Environment variables that make a client trust it. */
  readonly env: Readonly<Record<string, string>>;
  stop(): void;
};

/** With https it uses a self-signed certificate, which is left in `folder`. */
export async function startEndpoint(scheme: 'http' | 'https', folder: string): Promise<Endpoint> {
  const table = { name: 'tokens', key: [{ name: 'token', type: 'S' }], discard: true, tls: scheme === 'https' };
  const script = join(import.meta.dirname, '../support/serve-plain-table.mjs');
  const child = spawn(process.execPath, [script, '--table', JSON.stringify(table)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const { url, cert } = await started(child);
  const certificateFile = join(folder, 'endpoint.pem');
  if (cert !== undefined) writeFileSync(certificateFile, cert);
  return {
    url,
    // The importer obeys the first, the careful user's SDK only the second.
    env: cert === undefined ? {} : { AWS_CA_BUNDLE: certificateFile, NODE_EXTRA_CA_CERTS: certificateFile },
    stop: () => child.stdin?.end(),
  };
}

async function started(child: ChildProcess): Promise<ServeStart> {
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout!.once('data', (data) => resolve(String(data)));
    child.once('exit', (code) => reject(new Error(`the endpoint ended with ${code}`)));
  });
  return JSON.parse(line) as ServeStart;
}
