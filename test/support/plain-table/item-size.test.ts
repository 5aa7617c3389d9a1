import { PutItemCommand, type AttributeValue as SdkValue } from '@aws-sdk/client-dynamodb';
import { describe, expect, onTestFinished, test } from 'vitest';
import { dynoxidePath, startDynoxide } from '../engines.ts';
import { type Random, randomBelow, seededRandom } from '../seeded-random.ts';
import type { AttributeValue, Item } from './attribute-value.ts';
import { itemBytes, unitsOf, valueBytes } from './item-size.ts';

describe('bytes of', () => {
  test.each<[AttributeValue, number]>([
    [{ S: '' }, 0],
    [{ S: 'aé€😀' }, 1 + 2 + 3 + 4],
    [{ N: '0' }, 1],
    [{ N: '1' }, 2],
    [{ N: '-12345' }, 3 + 1 + 1],
    [{ N: '120e10' }, 2],
    [{ N: '0.0012' }, 2],
    [{ N: '9'.repeat(38) }, 20],
    [{ B: 'AAECAw==' }, 4],
    [{ BOOL: false }, 1],
    [{ NULL: true }, 1],
    [{ L: [] }, 3],
    [{ L: [{ N: '1' }, { S: 'ab' }] }, 3 + (1 + 2) + (1 + 2)],
    [{ M: { ab: { S: 'b' }, c: { L: [] } } }, 3 + (1 + 2 + 1) + (1 + 1 + 3)],
    [{ SS: ['a', 'bc'] }, 3],
    [{ NS: ['1', '22'] }, 4],
    [{ BS: ['AAE='] }, 2],
  ])('%j are %i', (value, bytes) => {
    expect(valueBytes(value)).toBe(bytes);
  });
});

test('an item counts its names in UTF-8, and each started KB is a unit', () => {
  expect(itemBytes({ é: { S: 'ab' }, n: { N: '7' } })).toBe(2 + 2 + 1 + 2);
  expect([0, 1, 1024, 1025, 2048, 2049].map(unitsOf)).toEqual([1, 1, 1, 2, 2, 3]);
});

test.runIf(dynoxidePath)('items of every type padded to the last byte of a unit cost what dynoxide says', async () => {
  const engine = await startDynoxide();
  onTestFinished(() => engine.stop());
  await engine.createTable('sizes', [{ name: 'id', type: 'N' }]);
  const random = seededRandom(20260801);
  for (let id = 0; id < 100; id++) {
    const item: Item = { id: { N: String(id) }, value: randomValue(random, 3), pad: { S: '' } };
    const padding = 1024 - (itemBytes(item) % 1024);
    for (const over of [0, 1]) {
      const padded = { ...item, id: { N: `${id}.${over}` }, pad: { S: 'x'.repeat(padding) } };
      const excess = itemBytes(padded) - itemBytes(item) - padding;
      const exact = { ...padded, pad: { S: 'x'.repeat(padding - excess + over) } };
      const answer = await engine.client.send(
        new PutItemCommand({ TableName: 'sizes', Item: sdkItem(exact), ReturnConsumedCapacity: 'TOTAL' }),
      );
      expect([exact, answer.ConsumedCapacity?.CapacityUnits]).toEqual([exact, unitsOf(itemBytes(exact))]);
      expect(itemBytes(exact) % 1024).toBe(over);
    }
  }
});

function randomValue(random: Random, depth: number): AttributeValue {
  const some = (count: number) => Array.from({ length: 1 + randomBelow(random, count) }, (_, index) => index);
  const text = () =>
    some(30)
      .map(() => 'aé'[randomBelow(random, 2)]!)
      .join('');
  const number = () => `${random() < 0.5 ? '-' : ''}${Math.floor(random() * 1e9)}e${randomBelow(random, 100) - 50}`;
  switch (randomBelow(random, depth === 0 ? 5 : 8)) {
    case 0:
      return { S: text() };
    case 1:
      return { N: number() };
    case 2:
      return { B: Buffer.from(text()).toString('base64') };
    case 3:
      return { BOOL: true };
    case 4:
      return { NULL: true };
    case 5:
      return { L: some(4).map(() => randomValue(random, depth - 1)) };
    case 6:
      return { M: Object.fromEntries(some(4).map((index) => [`n${index}`, randomValue(random, depth - 1)])) };
    default:
      return { SS: some(4).map((index) => `${index}${text()}`) };
  }
}

/** The SDK takes binary as bytes. */
function sdkItem(item: Item): Record<string, SdkValue> {
  const convert = (value: AttributeValue): SdkValue => {
    if ('B' in value) return { B: Buffer.from(value['B'] as string, 'base64') };
    if ('L' in value) return { L: (value['L'] as AttributeValue[]).map(convert) };
    if ('M' in value) return { M: sdkItem(value['M'] as Item) };
    return value as unknown as SdkValue;
  };
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, convert(value)]));
}
