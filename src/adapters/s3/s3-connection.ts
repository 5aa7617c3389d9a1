import type { S3Client } from '@aws-sdk/client-s3';
import { ImportError } from '../../domain/import-error.ts';
import type { Clock } from '../../ports/clock.ts';
import { credentialChain, sdkChain } from '../aws/credential-chain.ts';
import { CredentialSource, sdkConfig } from '../aws/credentials.ts';
import type { ConnectionOptions } from '../aws/dispatcher.ts';
import type { SdkRequest } from '../aws/request-handler.ts';

export type S3Options = Omit<ConnectionOptions, 'requestTimeoutMs' | 'concurrency'> & {
  /** Numbers in [0, 1) that spread the pauses before repeated requests. */
  readonly random: () => number;
};

/** Region, credentials and endpoint of S3, resolved as those of DynamoDB are. */
export type S3Connection = {
  readonly client: S3Client;
  readonly region: string;
  /** `https://s3.eu-central-1.amazonaws.com` */
  readonly origin: string;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
  readonly random: () => number;
  /** Aborted by `close`, which ends all repetitions. */
  readonly closed: AbortSignal;
  close(): Promise<void>;
};

/** Maximum number of connections, which are used to look at the objects of a prefix. */
export const s3Concurrency = 32;
/** Longest wait for the head of a reply. */
const replyTimeoutMs = 5_000;
/** The slowest upload that is waited for. */
const leastBytesPerSecond = 64 * 1024;
/** The service joins the parts of a large object before it answers. */
const joinMs = 120_000;

/** Sends nothing yet. Throws ImportError `usage`, `region-missing`, `credentials-missing`, `credentials-expired`. */
export async function connectS3(options: S3Options): Promise<S3Connection> {
  const { aws, clock, random, profile } = options;
  const [{ S3Client }, { createDispatcher }, { createRequestHandler }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('../aws/dispatcher.ts'),
    import('../aws/request-handler.ts'),
  ]);
  const pool = { ...options, requestTimeoutMs: replyTimeoutMs, concurrency: s3Concurrency };
  const { dispatcher } = createDispatcher(pool);
  let source: CredentialSource | undefined;
  const config = {
    ...sdkConfig(options, () => source!),
    // Attempts are repeated here: the SDK cannot continue a body.
    maxAttempts: 1,
    // A range has no checksum of its own.
    responseChecksumValidation: 'WHEN_REQUIRED' as const,
    // The requests are sent by undici, which does not support it.
    expectContinueHeader: false,
    requestHandler: createRequestHandler(dispatcher, replyTimeoutMs, clock, { extraMs, isStored }),
  };
  let client = new S3Client(config);
  const provider = () =>
    aws === undefined ? sdkChain(client, profile) : credentialChain(client, aws.settings, aws.env);
  source = new CredentialSource(provider, () => clock.wallMs(), profile);
  try {
    const region = await regionOf(client);
    const origin = await originOf(client, region);
    // Compatible storage rarely has a host name for each bucket.
    if (!isOfAws(origin)) client = new S3Client({ ...config, forcePathStyle: true });
    await source.current();
    const closing = new AbortController();
    const close = async () => {
      closing.abort();
      client.destroy();
      await dispatcher.destroy();
    };
    return { client, region, origin, credentials: source, clock, random, closed: closing.signal, close };
  } catch (error) {
    await dispatcher.destroy();
    throw error;
  }
}

function extraMs({ method, query, body }: SdkRequest): number {
  if (method === 'POST' && query?.['uploadId'] !== undefined) return joinMs;
  return Math.ceil(((body?.length ?? 0) / leastBytesPerSecond) * 1000);
}

function isStored({ query }: SdkRequest): boolean {
  return query?.['x-id'] === 'GetObject';
}

async function regionOf(client: S3Client): Promise<string> {
  try {
    return await client.config.region();
  } catch (cause) {
    throw new ImportError('region-missing', 'no valid AWS region is set for S3', {
      hint: 'Name it with --s3-region, --region, AWS_REGION or the profile, such as eu-central-1.',
      cause,
    });
  }
}

/** Lets the SDK resolve the endpoint of a request (FIPS, dual-stack, environment, profile) that is not sent. */
async function originOf(client: S3Client, region: string): Promise<string> {
  const { ListBucketsCommand } = await import('@aws-sdk/client-s3');
  const command = new ListBucketsCommand({});
  let url: URL | undefined;
  command.middlewareStack.add(
    (_next, context) => async () => {
      url = context.endpointV2!.url;
      return { output: { $metadata: {} }, response: undefined };
    },
    { step: 'build', priority: 'high', name: 'readEndpoint' },
  );
  try {
    await client.send(command);
    // Such as localhost:9000, which is a URL with the scheme `localhost:`.
    if (!/^https?:$/.test(url!.protocol)) throw new Error('no address that requests can be sent to');
    return url!.origin;
  } catch (cause) {
    throw new ImportError('usage', `no endpoint of S3 can be made for region "${region}"`, {
      hint: 'Check --s3-region, AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_S3: an endpoint begins with http:// or https://.',
      cause,
    });
  }
}

function isOfAws(origin: string): boolean {
  return /\.(amazonaws\.com|amazonaws\.com\.cn|api\.aws)$/.test(new URL(origin).hostname);
}
