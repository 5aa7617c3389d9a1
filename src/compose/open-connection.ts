import { readFile } from 'node:fs/promises';
import type { AwsSettings, Found } from '../adapters/aws/aws-settings.ts';
import { credentialsText } from '../adapters/aws/credential-chain.ts';
import type { ProxySettings } from '../adapters/aws/dispatcher.ts';
import type { Connection } from '../adapters/dynamodb/connection.ts';
import type { S3Connection } from '../adapters/s3/s3-connection.ts';
import { openFileLimit } from '../adapters/system/process-identity.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import { formatCount, utcText } from '../domain/format.ts';
import { ImportError } from '../domain/import-error.ts';
import { notReady, parseTableArn, type TableInfo } from '../domain/table.ts';
import type { ImportOptions } from '../options/import-options.ts';
import { type Surroundings, unlessStopped } from './surroundings.ts';

/** A connection to the table that the options name, and the table; undefined if it may not be described. */
type OpenedTable = {
  readonly connection: Connection;
  readonly table: TableInfo | undefined;
  readonly endpoint: string;
};

/**
 * Connects and describes the table. Throws ImportError, with what to do, for everything that would stop the first
 * request, and the reason of the signal.
 * @param rateFlag the flag that tells the rate if the table may not be described; undefined if there is no rate
 */
export async function openTable(
  options: ImportOptions,
  rateFlag: '--wps' | '--rcu' | undefined,
  surroundings: Pick<Surroundings, 'env' | 'signal' | 'warn'>,
): Promise<OpenedTable> {
  await checkOpenFiles(options.concurrency);
  const connection = await openConnection(options, surroundings);
  try {
    const table = await describeIfAllowed(connection, options, rateFlag, surroundings.signal);
    checkAccount(options, table);
    return { connection, table, endpoint: (await connection.endpoint(options.table)).origin };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/**
 * Undefined if DescribeTable is denied and the options tell what the table would have told: key and rate. Throws
 * ImportError for everything else that is in the way, and the reason of `signal`.
 */
async function describeIfAllowed(
  connection: Connection,
  { table: tableName, key, wps, rcu }: ImportOptions,
  rateFlag: '--wps' | '--rcu' | undefined,
  signal: AbortSignal,
): Promise<TableInfo | undefined> {
  const { describeTable } = await import('../adapters/dynamodb/table/describe-table.ts');
  try {
    const table = await unlessStopped(signal, describeTable(connection, tableName));
    if (table.status === 'ACTIVE' || table.status === 'UPDATING') return table;
    throw notReady(table);
  } catch (error) {
    if (!(error instanceof ImportError) || error.code !== 'access-denied') throw error;
    const tellsRate = rateFlag === '--wps' ? wps?.kind === 'units' : rcu !== undefined;
    if (key !== undefined && tellsRate) return undefined;
    const rate = rateFlag === undefined ? '' : ` and the rate with ${rateFlag}`;
    throw new ImportError('access-denied', error.message, {
      hint: `Allow dynamodb:DescribeTable, or name the primary key with --key${rate}.`,
      cause: error,
    });
  }
}

/** Throws ImportError `wrong-account` if `--expect-account` names another account than the table's. */
export function checkAccount(
  { expectAccount: expected, table: asked }: Pick<ImportOptions, 'expectAccount' | 'table'>,
  table: TableInfo | undefined,
): void {
  const account = table?.account ?? parseTableArn(asked)?.account;
  if (expected === undefined || account === expected) return;
  const found = account ?? 'not known, since the table may not be described';
  throw new ImportError('wrong-account', `--expect-account ${expected}, but the account is ${found}`, {
    hint: 'Check --profile and the credentials in the environment.',
  });
}

/** Open files in addition to the connections: runtime, source, run directory, control-plane calls. */
const otherFiles = 40;

/** Throws ImportError `usage` if this many connections cannot be open at once. */
export async function checkOpenFiles(connections: number, limit = openFileLimit()): Promise<void> {
  const allowed = await limit;
  const needed = connections + otherFiles;
  if (allowed === undefined || needed <= allowed) return;
  const fitting = allowed - otherFiles;
  const fewer = fitting < 1 ? '' : `, or pass --concurrency ${fitting}`;
  throw new ImportError(
    'usage',
    `--concurrency ${connections} needs ${formatCount(needed)} open files, and this process may have ${formatCount(allowed)}`,
    { hint: `Raise the limit with ulimit -n ${needed}${fewer}.` },
  );
}

type ConnectionFlags = Pick<
  ImportOptions,
  'table' | 'region' | 'profile' | 'endpointUrl' | 'requestTimeoutMs' | 'concurrency'
>;

/** Connects as the flags and the environment say. Throws ImportError, and the reason of `signal`. */
export async function openConnection(
  flags: ConnectionFlags,
  { env, warn, signal }: Pick<Surroundings, 'env' | 'warn'> & { readonly signal?: AbortSignal },
): Promise<Connection> {
  const [{ connect }, { readAwsSettings }] = await Promise.all([
    import('../adapters/dynamodb/connection.ts'),
    import('../adapters/aws/aws-settings.ts'),
  ]);
  const { endpointUrl, requestTimeoutMs, concurrency } = flags;
  const settings = await readAwsSettings(flags, env);
  const connecting = connect({
    endpointUrl,
    requestTimeoutMs,
    concurrency,
    clock: systemClock,
    region: settings.region?.value,
    profile: settings.profile?.value,
    aws: { settings, env },
    proxy: proxySettings(env),
    certificateAuthority: await certificateAuthority(settings.caBundle),
  });
  // A credential process may wait for a person.
  const connection = await (signal === undefined ? connecting : unlessStopped(signal, connecting));
  warnOfClock(connection, settings, warn);
  return connection;
}

/** The same for S3. Throws ImportError, and the reason of `signal`. */
export async function openS3Connection(
  { table, region, s3Region, profile }: Pick<ImportOptions, 'table' | 'region' | 's3Region' | 'profile'>,
  { env, random, signal }: Pick<Surroundings, 'env' | 'random' | 'signal'>,
): Promise<S3Connection> {
  const [{ connectS3 }, { readAwsSettings }] = await Promise.all([
    import('../adapters/s3/s3-connection.ts'),
    import('../adapters/aws/aws-settings.ts'),
  ]);
  const settings = await readAwsSettings({ region: s3Region ?? region, profile }, env);
  const connecting = connectS3({
    clock: systemClock,
    random,
    region: settings.region?.value ?? parseTableArn(table)?.region,
    profile: settings.profile?.value,
    aws: { settings, env },
    proxy: proxySettings(env),
    certificateAuthority: await certificateAuthority(settings.caBundle),
  });
  return unlessStopped(signal, connecting);
}

async function certificateAuthority(bundle: Found | undefined): Promise<string | undefined> {
  if (bundle === undefined) return undefined;
  const { value: path, from } = bundle;
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'no code';
    throw new ImportError('usage', `${from}: ${path} cannot be read (${code})`, {
      hint: 'Name a file of certificates in PEM, or leave the setting out.',
      cause,
    });
  }
}

/** Credentials that have expired when they arrive mean that a clock is wrong. */
function warnOfClock({ credentials }: Connection, settings: AwsSettings, warn: Surroundings['warn']): void {
  const { expireMs } = credentials;
  const areFetched = settings.credentials.kind !== 'environment';
  if (!areFetched || expireMs === undefined || expireMs > systemClock.wallMs()) return;
  warn(
    `the AWS credentials of ${credentialsText(settings)} expired at ${utcText(expireMs)} by the clock of this machine, ` +
      'though they have just been fetched: check the clock',
  );
}

/** Both spellings are in use; lower case goes first, as in curl. */
function proxySettings(env: Surroundings['env']): ProxySettings {
  return {
    httpProxy: proxyUrl(env, 'http_proxy', 'HTTP_PROXY'),
    httpsProxy: proxyUrl(env, 'https_proxy', 'HTTPS_PROXY'),
    noProxy: env['no_proxy'] ?? env['NO_PROXY'],
  };
}

/** A proxy without a scheme speaks plain HTTP. An empty variable means no proxy. */
function proxyUrl(env: Surroundings['env'], ...names: readonly string[]): URL | undefined {
  const name = names.find((candidate) => env[candidate] !== undefined);
  const text = name === undefined ? '' : env[name]!.trim();
  if (text === '') return undefined;
  const whole = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (url !== undefined && url.hostname !== '' && /^(https?|socks5?):$/.test(url.protocol)) return url;
  throw new ImportError('usage', `${name} does not name a proxy`, {
    hint: `Write it as host:port or http://host:port, or unset ${name}.`,
  });
}
