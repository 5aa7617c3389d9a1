import type { Batch } from '../domain/batch.ts';
import type { Failed, WriteResult } from '../domain/write-result.ts';
import type { Lease } from './lease.ts';
import type { TokenRepository } from './token-repository.ts';

/** A repository that can do without promises where nothing has to be waited for. It passes the same contract suite. */
export type DirectRepository = TokenRepository & {
  lease(): Lease | Promise<Lease | Failed>;
  /** `write` with a lease, its result given to `done`, which must not throw. Done with the batch's payloads when it returns. */
  start(batch: Batch, lease: Lease, done: (result: WriteResult) => void): void;
};

export function isDirect(repository: TokenRepository): repository is DirectRepository {
  return 'start' in repository && repository.lease !== undefined;
}
