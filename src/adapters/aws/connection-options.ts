import type { Clock } from '../../ports/clock.ts';
import type { AwsSettings } from './aws-settings.ts';
import type { Environment } from './shared-config.ts';

/** What a connection is made with. */
export type ConnectionOptions = {
  /** Undefined: from the environment or the profile. */
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly endpointUrl?: string | undefined;
  readonly requestTimeoutMs: number;
  /** Batches in flight, and connections, at most. */
  readonly concurrency: number;
  readonly clock: Clock;
  /** What the environment says of proxies. */
  readonly proxy?: ProxySettings | undefined;
  /** What flags, environment and shared files say; without it the SDK looks by itself. */
  readonly aws?: { readonly settings: AwsSettings; readonly env: Environment } | undefined;
  /** PEM text of the authority to trust instead of the built-in ones (`AWS_CA_BUNDLE`, or `ca_bundle` of the profile). */
  readonly certificateAuthority?: string | undefined;
};

/** Proxies by the scheme of the endpoint, and the hosts that are reached without (NO_PROXY). */
export type ProxySettings = {
  readonly httpProxy?: URL | undefined;
  readonly httpsProxy?: URL | undefined;
  readonly noProxy?: string | undefined;
};
