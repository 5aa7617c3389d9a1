import { readDecimal } from './decimal.ts';

/** A typed value in DynamoDB's JSON: one type name, one value. */
export type AttributeValue = { readonly [type: string]: unknown };
export type Item = { readonly [name: string]: AttributeValue };

const maxDepth = 32;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The fault of a value by DynamoDB's rules, or undefined. */
export function valueFault(value: unknown, depth = 1): string | undefined {
  if (typeof value !== 'object' || value === null) return 'Supplied AttributeValue is empty';
  const types = Object.keys(value);
  if (types.length !== 1) {
    return types.length === 0
      ? 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'
      : 'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes';
  }
  if (depth > maxDepth) return 'Nesting Levels have exceeded supported limits';
  const type = types[0]!;
  const content = (value as AttributeValue)[type];
  switch (type) {
    case 'S':
      return typeof content === 'string' ? undefined : 'Expected a string';
    case 'N':
      return numberFault(content);
    case 'B':
      return binaryFault(content);
    case 'BOOL':
      return typeof content === 'boolean' ? undefined : 'Expected a boolean';
    case 'NULL':
      return content === true
        ? undefined
        : 'One or more parameter values were invalid: Null attribute value types must have the value of true';
    case 'L':
      return Array.isArray(content)
        ? firstFault(content, (element) => valueFault(element, depth + 1))
        : 'Expected a list';
    case 'M':
      return typeof content === 'object' && content !== null
        ? firstFault(Object.values(content), (element) => valueFault(element, depth + 1))
        : 'Expected a map';
    case 'SS':
      return setFault(content, (element) => (typeof element === 'string' ? undefined : 'Expected a string'), 'string');
    case 'NS':
      return setFault(content, numberFault, 'number');
    case 'BS':
      return setFault(content, binaryFault, 'binary');
    default:
      return 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes';
  }
}

function numberFault(content: unknown): string | undefined {
  if (typeof content !== 'string') return 'Expected a number in quotes';
  const number = readDecimal(content);
  return typeof number === 'string' ? number : undefined;
}

function binaryFault(content: unknown): string | undefined {
  return typeof content === 'string' && base64.test(content) ? undefined : 'Expected base64';
}

function setFault(content: unknown, fault: (element: unknown) => string | undefined, type: string): string | undefined {
  if (!Array.isArray(content)) return 'Expected a set';
  if (content.length === 0) return `One or more parameter values were invalid: An ${type} set  may not be empty`;
  if (new Set(content).size < content.length) {
    return `One or more parameter values were invalid: Input collection ${JSON.stringify(content)} contains duplicates.`;
  }
  return firstFault(content, fault);
}

function firstFault(values: readonly unknown[], fault: (value: unknown) => string | undefined): string | undefined {
  for (const value of values) {
    const found = fault(value);
    if (found !== undefined) return found;
  }
  return undefined;
}
