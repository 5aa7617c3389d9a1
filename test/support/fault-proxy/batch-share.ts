import type { ThrottlingReason } from '../plain-table/answers.ts';
import type { AttributeValue, Item } from '../plain-table/attribute-value.ts';
import { plainText, readDecimal } from '../plain-table/decimal.ts';
import { tableArn } from '../plain-table/describe-table.ts';
import type { ItemWrite, WriteRequest } from '../plain-table/read-batch.ts';
import { type Random, randomBelow, shuffled } from '../seeded-random.ts';
import { requestItems } from './backend.ts';
import type { Capacity } from './capacity.ts';
import { drawFault, type Faults } from './faults.ts';
import type { CostedWrite } from './traffic.ts';

/** A batch divided into what is written and what is not, with the reasons of the latter. */
export type BatchShare = {
  readonly kept: readonly CostedWrite[];
  readonly handedBack: readonly CostedWrite[];
  /** Why items found no capacity; empty if they were handed back without a reason. */
  readonly reasons: readonly ThrottlingReason[];
};

/** Decides item by item, in random order: by keys that are always refused, by chance and by the capacity left. */
export function shareBatch(
  writes: readonly CostedWrite[],
  { faults, random, capacity }: { faults: Faults; random: Random; capacity: Capacity },
): BatchShare {
  const unlucky = unluckyOnes(writes, faults, random);
  const kept: CostedWrite[] = [];
  const handedBack: CostedWrite[] = [];
  const reasons = new Map<string, ThrottlingReason>();
  for (const write of shuffled(random, writes)) {
    const missing = unlucky.has(write) ? [] : lacking(write, faults, capacity);
    for (const reason of missing) reasons.set(`${reason.reason} ${reason.resource}`, reason);
    if (unlucky.has(write) || missing.length > 0) handedBack.push(write);
    else kept.push(write);
  }
  return { kept, handedBack, reasons: [...reasons.values()] };
}

function unluckyOnes(writes: readonly CostedWrite[], faults: Faults, random: Random): ReadonlySet<CostedWrite> {
  if (faults.handBack === undefined || drawFault(random, { throttle: faults.handBack }) === undefined) return new Set();
  return new Set(shuffled(random, writes).slice(0, 1 + randomBelow(random, writes.length)));
}

function lacking(write: CostedWrite, faults: Faults, capacity: Capacity): readonly ThrottlingReason[] {
  const table = write.table.name;
  if (faults.alwaysRefuseKeys?.has(write.key)) {
    return [{ reason: 'TableWriteKeyRangeThroughputExceeded', resource: tableArn(table) }];
  }
  return capacity.take(table, write.units);
}

/** `UnprocessedItems` as a table may write it: attributes in another order, numbers in its own notation. */
export function unprocessedItems(writes: readonly ItemWrite[]): Record<string, WriteRequest[]> {
  return requestItems(
    writes.map((write) => ({
      ...write,
      request: write.item === undefined ? write.request : { PutRequest: { Item: respelled(write.item) } },
    })),
  );
}

function respelled(item: Item): Item {
  return Object.fromEntries(
    Object.entries(item)
      .reverse()
      .map(([name, value]) => [name, respelledValue(value)]),
  );
}

function respelledValue(value: AttributeValue): AttributeValue {
  if (!('N' in value)) return value;
  const number = readDecimal(String(value['N']));
  return typeof number === 'string' ? value : { N: plainText(number) };
}
