import type { Lease } from '../../../ports/token-repository.ts';
import type { CredentialSource, Credentials } from '../../aws/credentials.ts';
import type { ServiceEndpoint } from '../connection.ts';
import type { LeasedConnection, Transport } from './transport.ts';

/** Where requests for a table go, and what carries them there. */
export type RequestTarget = ServiceEndpoint & { readonly host: string; readonly transport: Transport };

/** An open connection, and credentials that were valid when it was given. */
export class RequestLease implements Lease {
  readonly kind = 'lease';
  readonly target: RequestTarget;
  readonly connection: LeasedConnection;
  readonly #source: CredentialSource;
  readonly #credentials: Credentials;

  constructor(target: RequestTarget, connection: LeasedConnection, source: CredentialSource, credentials: Credentials) {
    this.target = target;
    this.connection = connection;
    this.#source = source;
    this.#credentials = credentials;
  }

  get holds(): boolean {
    return this.connection.holds && this.#source.atHand() !== undefined;
  }

  /** The latest that need no waiting for. */
  get credentials(): Credentials {
    return this.#source.atHand() ?? this.#credentials;
  }

  release(): void {
    this.connection.release();
  }
}
