import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Dispatcher } from 'undici';
import { ImportError } from '../../domain/import-error.ts';
import { credentialChain, sdkChain } from '../aws/credential-chain.ts';
import { CredentialSource, sdkConfig } from '../aws/credentials.ts';
import type { ConnectionOptions } from '../aws/dispatcher.ts';

/** Where requests for a table go. */
export type ServiceEndpoint = {
  /** `https://dynamodb.eu-central-1.amazonaws.com` */
  readonly origin: string;
  /** Path of every request, `/` as a rule. */
  readonly path: string;
  readonly signingRegion: string;
};

/** Region, credentials and endpoint, resolved as the AWS SDK does; control-plane calls go through `client`. */
export type Connection = {
  readonly options: ConnectionOptions;
  readonly region: string;
  readonly credentials: CredentialSource;
  readonly client: DynamoDBClient;
  /** Rejects with ImportError `usage`. */
  endpoint(tableName: string): Promise<ServiceEndpoint>;
  close(): Promise<void>;
};

/** For one attempt at a control-plane call, from its first byte to the last of the reply. */
const controlTimeoutMs = 3_000;
const controlAttempts = 2;

/** Sends nothing yet. Throws ImportError `usage`, `region-missing`, `credentials-missing`, `credentials-expired`. */
export async function connect(options: ConnectionOptions): Promise<Connection> {
  checkEndpointUrl(options.endpointUrl);
  const { aws } = options;
  const [{ DynamoDBClient }, { createDispatcher }, { createRequestHandler }] = await Promise.all([
    import('@aws-sdk/client-dynamodb'),
    import('../aws/dispatcher.ts'),
    import('../aws/request-handler.ts'),
  ]);
  const dispatcher = createDispatcher({ ...options, requestTimeoutMs: controlTimeoutMs, concurrency: 8 }).dispatcher;
  let source: CredentialSource | undefined;
  const client = new DynamoDBClient({
    ...sdkConfig(options, () => source!),
    maxAttempts: controlAttempts,
    requestHandler: createRequestHandler(dispatcher, controlTimeoutMs, options.clock),
  });
  source = new CredentialSource(
    () => (aws === undefined ? sdkChain(client, options.profile) : credentialChain(client, aws.settings, aws.env)),
    () => options.clock.wallMs(),
    options.profile,
  );
  try {
    const region = await regionOf(client);
    await source.current();
    return openConnection(options, region, source, client, dispatcher);
  } catch (error) {
    await dispatcher.destroy();
    throw error;
  }
}

function openConnection(
  options: ConnectionOptions,
  region: string,
  credentials: CredentialSource,
  client: DynamoDBClient,
  dispatcher: Dispatcher,
): Connection {
  return {
    options,
    region,
    credentials,
    client,
    endpoint: (tableName) => endpointOf(client, region, tableName),
    async close() {
      client.destroy();
      await dispatcher.destroy();
    },
  };
}

function checkEndpointUrl(endpointUrl: string | undefined): void {
  if (endpointUrl === undefined) return;
  const url = URL.canParse(endpointUrl) ? new URL(endpointUrl) : undefined;
  if (url !== undefined && isHttp(url)) return;
  throw new ImportError('usage', `--endpoint-url "${endpointUrl}" is not a URL`, {
    hint: 'Write it with its scheme, as in --endpoint-url http://127.0.0.1:8000.',
  });
}

function isHttp({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:';
}

async function regionOf(client: DynamoDBClient): Promise<string> {
  try {
    return await client.config.region();
  } catch (cause) {
    throw new ImportError('region-missing', 'no valid AWS region is set', {
      hint: 'Set it with --region, AWS_REGION or the profile, such as eu-central-1, without spaces or line breaks.',
      cause,
    });
  }
}

/** Lets the SDK make a request (FIPS, dual-stack, account, environment, profile), and reads where it would have gone. */
async function endpointOf(client: DynamoDBClient, region: string, tableName: string): Promise<ServiceEndpoint> {
  const { BatchWriteItemCommand } = await import('@aws-sdk/client-dynamodb');
  const command = new BatchWriteItemCommand({ RequestItems: { [tableName]: [] } });
  let endpoint: ServiceEndpoint | undefined;
  command.middlewareStack.add(
    (_next, context) => async () => {
      const resolved = context.endpointV2!;
      // Such as localhost:8000, which is a URL with the scheme `localhost:`.
      if (!isHttp(resolved.url)) throw new Error('no address that requests can be sent to');
      const scheme = resolved.properties?.['authSchemes'] as { signingRegion?: string }[] | undefined;
      endpoint = {
        origin: resolved.url.origin,
        path: resolved.url.pathname,
        signingRegion: scheme?.[0]?.signingRegion ?? region,
      };
      return { output: { $metadata: {} }, response: undefined };
    },
    { step: 'build', priority: 'high', name: 'readEndpoint' },
  );
  try {
    await client.send(command);
  } catch (cause) {
    throw new ImportError('usage', `no endpoint of DynamoDB can be made for region "${region}"`, {
      hint: 'Check --region, --endpoint-url, AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_DYNAMODB: an endpoint begins with http:// or https://.',
      cause,
    });
  }
  return endpoint!;
}
