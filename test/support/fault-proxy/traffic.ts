import type { Item } from '../plain-table/attribute-value.ts';
import { addConsumed, type Consumed } from '../plain-table/consumed-capacity.ts';
import type { ItemWrite } from '../plain-table/read-batch.ts';
import { putUnits } from '../plain-table/table-schema.ts';

/** The result of a request; each counts once. `passed` means that it does not write. */
export type RequestOutcome =
  | 'accepted'
  | 'partlyAccepted'
  | 'throttled'
  | 'serverError'
  | 'reset'
  | 'hung'
  | 'answeredLate'
  | 'truncated'
  | 'refused'
  | 'passed';

/** Items, and their write units computed from the bodies on the wire. */
export type Volume = { items: number; readonly units: Consumed };

export type Traffic = {
  connectionsOpened: number;
  readonly requests: Record<RequestOutcome, number>;
  /** Everything that arrived, whatever the result. */
  readonly received: Volume;
  /** Everything that the table accepted, late or at once. */
  readonly written: Volume;
  /** Items of the written volume that were applied after the client had given up. */
  itemsAppliedLate: number;
  /** Given-up writes that are still to be applied. */
  writesPending: number;
  itemsHandedBack: number;
};

/** An item that the table accepted. `receivedAs` is the number of its request, from 1; late ones are out of order. */
export type AcceptedItem = { readonly key: string; readonly item: Item | undefined; readonly receivedAs: number };

export function newTraffic(): Traffic {
  const outcomes: RequestOutcome[] = [
    'accepted',
    'partlyAccepted',
    'throttled',
    'serverError',
    'reset',
    'hung',
    'answeredLate',
    'truncated',
    'refused',
    'passed',
  ];
  return {
    connectionsOpened: 0,
    requests: Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<RequestOutcome, number>,
    received: { items: 0, units: { table: 0, indexes: {} } },
    written: { items: 0, units: { table: 0, indexes: {} } },
    itemsAppliedLate: 0,
    writesPending: 0,
    itemsHandedBack: 0,
  };
}

export function addVolume(volume: Volume, writes: readonly CostedWrite[]): void {
  volume.items += writes.length;
  for (const { units } of writes) addConsumed(volume.units, units);
}

/** A write with its cost by the body on the wire, whatever it replaces. */
export type CostedWrite = ItemWrite & { readonly units: Consumed };

export function costed(write: ItemWrite): CostedWrite {
  const units = write.item === undefined ? { table: 1, indexes: {} } : putUnits(write.table, write.item);
  return { ...write, units };
}
