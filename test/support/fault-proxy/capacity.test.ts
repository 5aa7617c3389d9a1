import { expect, test } from 'vitest';
import { FakeClock } from '../fake-clock.ts';
import { items, start, write } from './plain-requests.ts';

test('a table writes what its capacity allows, hands back the rest, or throttles if nothing fits', async () => {
  const clock = new FakeClock();
  const { proxy, table } = await start({ clock, capacity: [{ table: 'tokens', writeUnits: 10 }] });
  const first = await write(proxy, items(25));
  expect([first.status, first.unprocessed.length]).toEqual([200, 15]);
  expect(first.body['ConsumedCapacity']).toMatchObject([{ CapacityUnits: 10 }]);
  expect((await write(proxy, first.unprocessed)).type).toBe('ProvisionedThroughputExceededException');
  await clock.advance(500);
  expect((await write(proxy, first.unprocessed)).unprocessed.length).toBe(10);
  expect(table.itemCount).toBe(15);
  await clock.advance(60_000);
  expect((await write(proxy, items(25))).unprocessed.length).toBe(15);
});

test('capacity saved up over 300 s can be spent at once', async () => {
  const clock = new FakeClock();
  const { proxy } = await start({ clock, capacity: [{ table: 'tokens', writeUnits: 0.1, burstSeconds: 300 }] });
  expect((await write(proxy, items(25))).unprocessed.length).toBe(0);
  expect((await write(proxy, items(25))).unprocessed.length).toBe(20);
  await clock.advance(100_000);
  expect((await write(proxy, items(25))).unprocessed.length).toBe(15);
});

test('an item larger than a second of capacity passes when the bucket is full, as a debt', async () => {
  const clock = new FakeClock();
  const { proxy } = await start({ clock, capacity: [{ table: 'tokens', writeUnits: 2 }] });
  expect((await write(proxy, items(1, { data: { S: 'x'.repeat(9_000) } }))).status).toBe(200);
  await clock.advance(3_900);
  expect((await write(proxy, items(1))).status).toBe(400);
  await clock.advance(200);
  expect((await write(proxy, items(1))).status).toBe(200);
});

test('an index has its own bucket, charged for items with its key, and is named if it throttles', async () => {
  const clock = new FakeClock();
  const { proxy } = await start({ clock, capacity: [{ table: 'tokens', index: 'by-user', writeUnits: 4 }] });
  expect((await write(proxy, items(25))).unprocessed.length).toBe(0);
  const user = { user: { S: 'u' } };
  expect((await write(proxy, items(10, user))).unprocessed.length).toBe(6);
  await clock.advance(100);
  expect((await write(proxy, items(10, user))).body['ThrottlingReasons']).toEqual([
    {
      reason: 'IndexWriteProvisionedThroughputExceeded',
      resource: 'arn:aws:dynamodb:us-east-1:000000000000:table/tokens/index/by-user',
    },
  ]);
});

test('what a put consumes beyond its own size is charged too', async () => {
  const clock = new FakeClock();
  const { proxy } = await start({ clock });
  await write(proxy, items(1, { data: { S: 'x'.repeat(4_500) } }));
  proxy.setCapacity({ table: 'tokens', writeUnits: 10 });
  expect((await write(proxy, items(1))).body['ConsumedCapacity']).toMatchObject([{ CapacityUnits: 5 }]);
  expect((await write(proxy, items(25))).unprocessed.length).toBe(20);
  expect(proxy.traffic.received.units.table).toBe(5 + 1 + 25);
});

test('capacity can be raised, named and lifted while it runs', async () => {
  const clock = new FakeClock();
  const { proxy } = await start({ clock, capacity: [{ table: 'tokens', writeUnits: 5 }] });
  expect((await write(proxy, items(25))).unprocessed.length).toBe(20);
  proxy.setCapacity({ table: 'tokens', writeUnits: 20, reason: 'TableWriteMaxOnDemandThroughputExceeded' });
  expect((await write(proxy, items(1))).body['ThrottlingReasons']).toMatchObject([
    { reason: 'TableWriteMaxOnDemandThroughputExceeded' },
  ]);
  await clock.advance(1_000);
  expect((await write(proxy, items(25))).unprocessed.length).toBe(5);
  proxy.liftCapacity('tokens');
  expect((await write(proxy, items(25))).unprocessed.length).toBe(0);
});
