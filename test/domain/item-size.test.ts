import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JsonNumber, type JsonValue } from '../../src/domain/column.ts';
import { jsonSizeBytes, numberSizeBytes, textSizeBytes, writeUnitsOf } from '../../src/domain/item-size.ts';
import { canonicalNumber } from '../../src/domain/number.ts';
import { JsonProblem, parseJsonDocument } from '../../src/input/columns/json-document.ts';
import { dynoxidePath, type Engine, startDynoxide } from '../support/engines.ts';

const number = fc
  .record({
    sign: fc.constantFrom('', '-'),
    digits: fc.stringMatching(/^[1-9]\d{0,20}0{0,12}$/),
    exponent: fc.integer({ min: -90, max: 80 }),
    scientific: fc.boolean(),
  })
  .map(({ sign, digits, exponent, scientific }) => {
    const text = `${sign}${digits}e${exponent}`;
    return scientific ? text : canonicalNumber(text);
  });

describe('the size of a value', () => {
  it.each([
    ['0', 1],
    ['-0.0', 1],
    ['1', 2],
    ['42', 2],
    ['-42', 3],
    ['123', 3],
    ['100', 2],
    ['1010', 3],
    ['0042', 2],
    ['0.15', 2],
    ['1.5', 3],
    ['1.200', 3],
    ['3.14159', 5],
    ['100.5', 4],
    ['1e125', 2],
    ['-1.5e-100', 3],
    ['9'.repeat(38), 20],
  ])('of the number %s is %d', (text, bytes) => expect(numberSizeBytes(text)).toBe(bytes));

  it('of a number does not depend on how it is written', () => {
    fc.assert(
      fc.property(number, (text) => {
        expect(numberSizeBytes(text)).toBe(numberSizeBytes(canonicalNumber(text)));
        expect(numberSizeBytes(`00${text.replace('-', '')}`)).toBe(numberSizeBytes(text.replace('-', '')));
      }),
    );
  });

  it('of text is its UTF-8 bytes', () => {
    expect(textSizeBytes('')).toBe(0);
    expect(textSizeBytes('aé€😀')).toBe(1 + 2 + 3 + 4);
  });

  it('of a document is three bytes a list or map, one an element, and its names and contents', () => {
    const sizeOf = (text: string) => jsonSizeBytes(parseJsonDocument(text) as JsonValue);
    expect(sizeOf('null')).toBe(1);
    expect(sizeOf('true')).toBe(1);
    expect(sizeOf('"é"')).toBe(2);
    expect(sizeOf('-12')).toBe(3);
    expect(sizeOf('[]')).toBe(3);
    expect(sizeOf('{}')).toBe(3);
    expect(sizeOf('["ab"]')).toBe(3 + 1 + 2);
    expect(sizeOf('{"ab": 12}')).toBe(3 + 1 + 2 + 2);
    expect(sizeOf('[[], {"é": null}]')).toBe(3 + (1 + 3) + (1 + 3 + (1 + 2 + 1)));
  });

  it('of an item costs a write unit for each KB begun', () => {
    expect([1, 1024, 1025, 2048, 400 * 1024].map(writeUnitsOf)).toEqual([1, 1, 2, 2, 400]);
  });
});

describe.skipIf(dynoxidePath === undefined)('the size of an item, where dynoxide is installed', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startDynoxide();
    await engine.createTable('sizes', [{ name: 'id', type: 'S' }]);
  });
  afterAll(() => engine?.stop());

  /** Write units that the engine says a put consumes. */
  async function consumedWriteUnits(item: Record<string, AttributeValue>): Promise<number | undefined> {
    const put = new PutItemCommand({ TableName: 'sizes', Item: item, ReturnConsumedCapacity: 'TOTAL' });
    return (await engine.client.send(put)).ConsumedCapacity?.CapacityUnits;
  }

  it('is right to the byte for numbers, documents, bytes and text of any script', async () => {
    const document = fc.json({ maxDepth: 4, stringUnit: 'grapheme' }).map((text) => parseJsonDocument(text));
    const stored = document.filter((value): value is JsonValue => !(value instanceof JsonProblem));
    const attributes = fc.record({
      text: fc.string({ unit: 'binary', maxLength: 40 }),
      number,
      stored,
      bytes: fc.uint8Array({ maxLength: 60 }),
      flag: fc.boolean(),
    });
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(attributes, async ({ text, number, stored, bytes, flag }) => {
        // A put over a larger item consumes what that takes, so every run has an item of its own.
        const id = `${++runs}${text}`;
        const names = ['id', 'number', 'stored', 'bytes', 'flag', 'filler'].join('');
        const size =
          textSizeBytes(names) + textSizeBytes(id) + numberSizeBytes(number) + jsonSizeBytes(stored) + bytes.length + 1;
        const item = {
          id: { S: id },
          number: { N: number },
          stored: attributeValue(stored),
          bytes: { B: bytes },
          flag: { BOOL: flag },
        };
        // Filled up to a border and one byte over it, so that a byte too many or too few shows.
        const border = Math.ceil(size / 1024) * 1024;
        expect(await consumedWriteUnits({ ...item, filler: { S: 'x'.repeat(border - size) } })).toBe(border / 1024);
        expect(await consumedWriteUnits({ ...item, filler: { S: 'x'.repeat(border - size + 1) } })).toBe(
          writeUnitsOf(border + 1),
        );
      }),
      { numRuns: process.env['IMPORT_TOKENS_THOROUGH'] === '1' ? 200 : 70 },
    );
  });
});

function attributeValue(value: JsonValue): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'string') return { S: value };
  if (value instanceof JsonNumber) return { N: value.text };
  if (value instanceof Map) {
    return { M: Object.fromEntries([...value].map(([name, element]) => [name, attributeValue(element)])) };
  }
  return { L: (value as readonly JsonValue[]).map(attributeValue) };
}
