import { onTestFinished } from 'vitest';
import { type FaultProxy, type FaultProxyOptions, startFaultProxy } from '../../support/fault-proxy.ts';
import { PlainTable, type PlainTableOptions } from '../../support/plain-table.ts';
import { planted } from '../../support/planted.ts';
import type { Running } from '../../support/work-dir.ts';

export type DynamoTarget = {
  readonly table: PlainTable;
  readonly proxy: FaultProxy;
  /** Flags for an import into this table. */
  readonly flags: readonly string[];
  /** Items that arrived, whatever the result. */
  itemsReceived(): number;
};

/**
 * A table `tokens` with the key `token`, with a proxy that counts and can answer for it; closed after the test.
 * `whenDone`: the `onTestFinished` of the test's context, which a concurrent test has to give: the global one takes
 * the test that was started last for the one that runs.
 */
export async function dynamoTarget(
  table: Partial<PlainTableOptions> = {},
  proxyOptions: Partial<FaultProxyOptions> = {},
  whenDone: (close: () => Promise<void>) => void = onTestFinished,
): Promise<DynamoTarget> {
  const plain = new PlainTable({ name: 'tokens', key: [{ name: 'token', type: 'S' }], ...table });
  const proxy = await startFaultProxy({ target: plain, seed: 1, ...proxyOptions });
  whenDone(() => proxy.close());
  return {
    table: plain,
    proxy,
    flags: ['--endpoint-url', proxy.url],
    itemsReceived: () => proxy.traffic.received.items,
  };
}

/** `count` rows of the columns token, user_id after their header. */
export function tokensCsv(count: number): string {
  const rows = Array.from({ length: count }, (_, index) => `${planted}-t${index},u${index % 7}\n`);
  return `token,user_id\n${rows.join('')}`;
}

/** Waits for an effect of a live importer; rejects with its output if it ends before. */
export function unlessEnded(running: Running, event: Promise<void>): Promise<void> {
  const ended = running.ended.then(({ status, stdout, stderr }) => {
    throw new Error(`the importer ended too soon, with exit code ${status}:\n${stdout}${stderr}`);
  });
  return Promise.race([event, ended]);
}
