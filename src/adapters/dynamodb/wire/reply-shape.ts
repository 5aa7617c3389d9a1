import type { AttributeValue, Item } from '../item/item-text.ts';

/** An object of a reply, its members not looked at yet. */
export type Shape = Readonly<Record<string, unknown>>;

/** A part of a reply is not as the service writes it. */
class WrongShape extends Error {}

/** The service nests 32 levels. */
const deepest = 40;
const asNumber = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/**
 * What `read` makes of the object that is the body of a reply. Undefined where that body, or a part of it that `read`
 * looks at, is not as the service writes it: `null` in place of a list, something else that answers at the endpoint.
 */
export function readReply<T>(body: string, read: (reply: Shape) => T): T | undefined {
  const reply = parseObject(body);
  return reply === undefined ? undefined : ifShaped(() => read(objectOf(reply)));
}

/** What `read` gives; undefined where a part that it looks at is not as the service writes it. */
export function ifShaped<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof WrongShape) return undefined;
    throw error;
  }
}

export function objectOf(value: unknown): Shape {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new WrongShape();
  return value as Shape;
}

export function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new WrongShape();
  return value;
}

export function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new WrongShape();
  return value;
}

/** Capacity units: a number that is finite and not negative. */
export function unitsOf(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw new WrongShape();
  return value;
}

export function itemOf(value: unknown, depth = 0): Item {
  const item = objectOf(value);
  for (const name in item) checkAttribute(item[name], depth);
  return item as Item;
}

function checkAttribute(value: unknown, depth: number): asserts value is AttributeValue {
  const attribute = objectOf(value);
  const [type, ...others] = Object.keys(attribute);
  if (others.length > 0 || depth > deepest || !isOfType(type, attribute[type!], depth)) throw new WrongShape();
}

function isOfType(type: string | undefined, content: unknown, depth: number): boolean {
  switch (type) {
    case 'S':
    case 'B':
      return typeof content === 'string';
    case 'N':
      return typeof content === 'string' && asNumber.test(content);
    case 'BOOL':
    case 'NULL':
      return typeof content === 'boolean';
    case 'SS':
    case 'BS':
      return listOf(content).every((element) => typeof element === 'string');
    case 'NS':
      return listOf(content).every((element) => typeof element === 'string' && asNumber.test(element));
    case 'L':
      for (const element of listOf(content)) checkAttribute(element, depth + 1);
      return true;
    case 'M':
      itemOf(content, depth + 1);
      return true;
    default:
      return false;
  }
}

/** The object that is the body of a reply; undefined if it is not one, because something else answered at the endpoint. */
export function parseObject(body: string): object | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
