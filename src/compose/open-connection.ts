import { readFile } from 'node:fs/promises';
import type { Connection } from '../adapters/dynamodb/connection.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import type { ImportOptions } from '../cli/import-options.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { ImportError } from '../domain/import-error.ts';
import { unlessStopped } from './unless-stopped.ts';

type ConnectionFlags = Pick<ImportOptions, 'region' | 'profile' | 'endpointUrl' | 'requestTimeoutMs' | 'concurrency'>;

/** A connection as the flags and the environment have it. Throws ImportError, and what `signal` aborts with. */
export async function openConnection(
  flags: ConnectionFlags,
  { env, signal }: Pick<Surroundings, 'env'> & { readonly signal?: AbortSignal },
): Promise<Connection> {
  const { connect } = await import('../adapters/dynamodb/connection.ts');
  const { region, profile, endpointUrl, requestTimeoutMs, concurrency } = flags;
  const connecting = connect({
    ...{ region, profile, endpointUrl, requestTimeoutMs, concurrency },
    clock: systemClock,
    proxy: proxySettings(env),
    certificateAuthority: await certificateAuthority(env['AWS_CA_BUNDLE']),
  });
  // Whoever gives the credentials may wait for somebody.
  return signal === undefined ? connecting : unlessStopped(signal, connecting);
}

async function certificateAuthority(path: string | undefined): Promise<string | undefined> {
  if (path === undefined || path === '') return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'no code';
    throw new ImportError('usage', `AWS_CA_BUNDLE: ${path} can't be read (${code})`, {
      hint: 'Name a file of certificates in PEM, or unset the variable.',
      cause,
    });
  }
}

/** Both spellings are in use; the lower case goes first, as in curl. */
function proxySettings(env: Surroundings['env']) {
  return {
    httpProxy: env['http_proxy'] ?? env['HTTP_PROXY'],
    httpsProxy: env['https_proxy'] ?? env['HTTPS_PROXY'],
    noProxy: env['no_proxy'] ?? env['NO_PROXY'],
  };
}
