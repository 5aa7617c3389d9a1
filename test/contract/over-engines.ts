import { describe } from 'vitest';
import { type Connection, connect } from '../../src/adapters/dynamodb/connection.ts';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import { dynoxidePath, type Engine, startDynalite, startDynoxide, testRegion } from '../support/engines.ts';

/** Runs the suite on every engine that is available. */
export function overEngines(suite: (start: () => Promise<Engine>) => void): void {
  describe('over dynalite', () => suite(startDynalite));

  describe.skipIf(dynoxidePath === undefined)('over dynoxide, which is optional: @dynoxide/linux-x64', () =>
    suite(startDynoxide),
  );
}

export function connectTo({ endpointUrl }: Engine): Promise<Connection> {
  return connect({ endpointUrl, region: testRegion, requestTimeoutMs: 10_000, concurrency: 4, clock: systemClock });
}
