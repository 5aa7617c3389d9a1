import type { Clock } from '../../ports/clock.ts';

/** What a connection is made with. */
export type ConnectionOptions = {
  /** As the AWS CLI's flags of the same names; undefined: from the environment or the profile. */
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly endpointUrl?: string | undefined;
  readonly requestTimeoutMs: number;
  /** Batches in flight, and connections, at most. */
  readonly concurrency: number;
  readonly clock: Clock;
  /** What the environment says of proxies. */
  readonly proxy?: ProxySettings | undefined;
  /** PEM text of the authority to trust instead of the built-in ones (`AWS_CA_BUNDLE`). */
  readonly certificateAuthority?: string | undefined;
};

/** Values of HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
type ProxySettings = {
  readonly httpProxy?: string | undefined;
  readonly httpsProxy?: string | undefined;
  readonly noProxy?: string | undefined;
};
