import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Connection, connect } from '../../src/adapters/dynamodb/connection.ts';
import { createTableCapacity } from '../../src/adapters/dynamodb/table/table-capacity.ts';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import { capacityParts, isActive } from '../../src/domain/table.ts';
import type { TableCapacity } from '../../src/ports/table-capacity.ts';
import { withAwsEnvironment } from '../support/aws-environment.ts';
import { type Engine, startDynalite } from '../support/engines.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeTableCapacity } from '../support/fake-table-capacity.ts';
import { provisionedTable } from '../support/provisioned-table.ts';

withAwsEnvironment();

const updateMs = 40;

type Subject = { readonly capacity: TableCapacity; passTime(ms: number): Promise<void> };

let dynalite: Engine;
let connection: Connection;

beforeAll(async () => {
  dynalite = await startDynalite({ updateTableMs: updateMs });
  const { endpointUrl } = dynalite;
  connection = await connect({
    endpointUrl,
    region: 'us-east-1',
    requestTimeoutMs: 5000,
    concurrency: 1,
    clock: systemClock,
  });
});
afterAll(async () => {
  await connection.close();
  await dynalite.stop();
});

async function onDynalite(name: string): Promise<Subject> {
  await provisionedTable(
    dynalite,
    name,
    { writeUnits: 20, readUnits: 5 },
    { 'by-user': { writeUnits: 30, readUnits: 7 } },
  );
  return { capacity: createTableCapacity(connection, name), passTime: (ms) => systemClock.sleep(ms) };
}

async function onFake(): Promise<Subject> {
  const clock = new FakeClock();
  const capacity = new FakeTableCapacity({
    clock,
    updateMs,
    table: { writeUnits: 20, readUnits: 5 },
    indexes: { 'by-user': { writeUnits: 30, readUnits: 7 } },
  });
  return { capacity, passTime: (ms) => clock.advance(ms) };
}

describe.each([
  { name: 'dynalite', open: onDynalite },
  { name: 'the fake', open: onFake },
])('the capacity of a table, on $name', ({ open }) => {
  test('changes table and index in one request, and is UPDATING until they have it', async () => {
    const { capacity, passTime } = await open('both');
    const changes = [
      { index: undefined, writeUnits: 1000, readUnits: 5 },
      { index: 'by-user', writeUnits: 900, readUnits: 7 },
    ];
    expect(await unitsOf(capacity)).toEqual([
      [undefined, 20, 5],
      ['by-user', 30, 7],
    ]);
    expect(await capacity.update(changes)).toEqual({ kind: 'taken' });
    expect(isActive(await capacity.describe())).toBe(false);
    while (!isActive(await capacity.describe())) await passTime(10);
    expect(await unitsOf(capacity)).toEqual([
      [undefined, 1000, 5],
      ['by-user', 900, 7],
    ]);
  });

  test('changes one part and leaves the other', async () => {
    const { capacity, passTime } = await open('one');
    expect(await capacity.update([{ index: 'by-user', writeUnits: 10, readUnits: 7 }])).toEqual({ kind: 'taken' });
    while (!isActive(await capacity.describe())) await passTime(10);
    expect(await unitsOf(capacity)).toEqual([
      [undefined, 20, 5],
      ['by-user', 10, 7],
    ]);
  });
});

async function unitsOf(capacity: TableCapacity) {
  const parts = capacityParts(await capacity.describe());
  return parts.map((part) => [part.index, part.provisionedWriteUnits, part.provisionedReadUnits]);
}
