import { onTestFinished } from 'vitest';
import { type FaultProxy, type FaultProxyOptions, startFaultProxy } from '../fault-proxy.ts';
import type { Item } from '../plain-table/attribute-value.ts';
import { PlainTable } from '../plain-table.ts';

export const schema = {
  name: 'tokens',
  key: [{ name: 'token', type: 'S' }],
  indexes: [{ name: 'by-user', key: [{ name: 'user', type: 'S' }] }],
} as const;

/** A proxy before a plain table, closed after the test. */
export async function start(
  options: Partial<FaultProxyOptions> = {},
): Promise<{ proxy: FaultProxy; table: PlainTable }> {
  const table = new PlainTable(schema);
  const proxy = await startFaultProxy({ target: table, seed: 1, ...options });
  onTestFinished(() => proxy.close());
  return { proxy, table };
}

/** Puts of the keys `S:t0`, `S:t1` and so on. */
export function items(count: number, more: Item = {}): Item[] {
  return Array.from({ length: count }, (_, index) => ({ token: { S: `t${index}` }, ...more }));
}

export type BatchReply = { status: number; type: string; body: Record<string, never>; unprocessed: Item[] };

/** Sends one batch by plain fetch. */
export async function write(proxy: FaultProxy, batch: readonly Item[], options: RequestInit = {}): Promise<BatchReply> {
  const response = await fetch(proxy.url, {
    method: 'POST',
    headers: { 'x-amz-target': 'DynamoDB_20120810.BatchWriteItem', 'content-type': 'application/x-amz-json-1.0' },
    body: JSON.stringify({
      ReturnConsumedCapacity: 'INDEXES',
      RequestItems: { tokens: batch.map((Item) => ({ PutRequest: { Item } })) },
    }),
    ...options,
  });
  const text = await response.text();
  const body = text.startsWith('{') ? JSON.parse(text) : {};
  const unprocessed = (body.UnprocessedItems?.tokens ?? []).map((request: never) => request['PutRequest']['Item']);
  return { status: response.status, type: String(body.__type).replace(/.*#/, ''), body, unprocessed };
}
