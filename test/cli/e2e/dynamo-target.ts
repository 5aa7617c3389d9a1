import { onTestFinished } from 'vitest';
import { type FaultProxy, type FaultProxyOptions, startFaultProxy } from '../../support/fault-proxy.ts';
import { PlainTable, type PlainTableOptions } from '../../support/plain-table.ts';
import { planted } from '../../support/planted.ts';
import type { Running } from '../../support/work-dir.ts';

export type DynamoTarget = {
  readonly table: PlainTable;
  readonly proxy: FaultProxy;
  /** Flags that lead an import there. */
  readonly flags: readonly string[];
  /** Items that came, whatever became of them. */
  itemsReceived(): number;
};

/**
 * A table `tokens` with the key `token`, behind a proxy that counts and can answer in its place; closed after the test.
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

/** `count` rows of the columns token, user_id behind their header. */
export function tokensCsv(count: number): string {
  const rows = Array.from({ length: count }, (_, index) => `${planted}-t${index},u${index % 7}\n`);
  return `token,user_id\n${rows.join('')}`;
}

/** Waits for what a live importer brings about; rejects with what it said where it ends before. */
export function unlessEnded(running: Running, event: Promise<void>): Promise<void> {
  const ended = running.ended.then(({ status, stdout, stderr }) => {
    throw new Error(`the importer ended too soon, with exit code ${status}:\n${stdout}${stderr}`);
  });
  return Promise.race([event, ended]);
}
