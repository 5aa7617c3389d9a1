import { type Answer, success, throttled } from '../plain-table/answers.ts';
import { addConsumed, type Consumed, consumedCapacity } from '../plain-table/consumed-capacity.ts';
import type { Random } from '../seeded-random.ts';
import type { Backend, BatchAnswer, WireRequest } from './backend.ts';
import { shareBatch, unprocessedItems } from './batch-share.ts';
import type { Capacity } from './capacity.ts';
import type { Faults } from './faults.ts';
import { type AcceptedItem, addVolume, type CostedWrite, type RequestOutcome, type Traffic } from './traffic.ts';

export type Applied = { readonly answer: Answer; readonly outcome: RequestOutcome; readonly items: number };

export type ApplyOptions = {
  readonly backend: Backend;
  readonly random: Random;
  readonly capacity: Capacity;
  readonly traffic: Traffic;
  readonly faults: Faults;
  /** Where accepted items are kept, if they are. */
  readonly accepted: AcceptedItem[] | undefined;
};

/** Writes the part of a batch that fits and hands back the rest, as DynamoDB does. */
export async function applyBatch(
  request: WireRequest,
  writes: readonly CostedWrite[],
  receivedAs: number,
  options: ApplyOptions,
): Promise<Applied> {
  const { backend, capacity, traffic, accepted } = options;
  const { kept, handedBack, reasons } = shareBatch(writes, options);
  if (kept.length === 0 && reasons.length > 0) return { answer: throttled(reasons), outcome: 'throttled', items: 0 };
  const reached = kept.length > 0 ? await backend.writeBatch(request, kept) : nothingWritten(request);
  const { status, body, consumed } = reached;
  if (status !== 200) return { answer: { status, body: JSON.stringify(body) }, outcome: 'refused', items: 0 };
  if (consumed !== undefined) capacity.owe(writes[0]!.table.name, beyond(consumed, kept));
  addVolume(traffic.written, kept);
  traffic.itemsHandedBack += handedBack.length;
  for (const { key, item } of kept) accepted?.push({ key, item, receivedAs });
  return {
    answer: success({ ...body, UnprocessedItems: unprocessedItems(handedBack) }),
    outcome: handedBack.length === 0 ? 'accepted' : 'partlyAccepted',
    items: kept.length,
  };
}

/** The answer of a table that handed back all of a batch. */
function nothingWritten({ parsed }: WireRequest): BatchAnswer {
  const none = { table: 0, indexes: {} };
  const capacity = Object.keys(parsed['RequestItems'] as object).flatMap(
    (name) => consumedCapacity({ name, key: [] }, none, parsed['ReturnConsumedCapacity']) ?? [],
  );
  return { status: 200, body: capacity.length === 0 ? {} : { ConsumedCapacity: capacity } };
}

/** Units consumed beyond those of the bodies on the wire. */
function beyond(consumed: Consumed, writes: readonly CostedWrite[]): Consumed {
  const charged: Consumed = { table: 0, indexes: {} };
  for (const { units } of writes) addConsumed(charged, units);
  const indexes = Object.entries(consumed.indexes).map(([name, units]) => [name, units - (charged.indexes[name] ?? 0)]);
  return { table: consumed.table - charged.table, indexes: Object.fromEntries(indexes) };
}
