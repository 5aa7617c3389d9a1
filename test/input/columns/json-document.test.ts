import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonNumber, type JsonValue } from '../../../src/domain/column.ts';
import { JsonProblem, parseJsonDocument } from '../../../src/input/columns/json-document.ts';

/** A plain JavaScript value in the importer's form; for numbers whose text `String` gives back. */
function asJsonValue(value: unknown): JsonValue {
  if (typeof value === 'number') return new JsonNumber(String(value));
  if (Array.isArray(value)) return value.map(asJsonValue);
  if (typeof value !== 'object' || value === null) return value as JsonValue;
  return new Map(Object.entries(value).map(([name, element]) => [name, asJsonValue(element)]));
}

function problemOf(text: string): JsonProblem {
  const problem = parseJsonDocument(text);
  if (!(problem instanceof JsonProblem)) throw new Error('Expected a problem');
  return problem;
}

function nested(brackets: number, inside: string): string {
  return '['.repeat(brackets) + inside + ']'.repeat(brackets);
}

const plainJson = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '1')), tie('value'), {
      maxKeys: 4,
    }),
  ),
})).value;

describe('a JSON document', () => {
  it('is what JSON.parse makes of it, in lists, maps and exact numbers', () => {
    fc.assert(
      fc.property(plainJson, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        expect(parseJsonDocument(text)).toEqual(asJsonValue(JSON.parse(text)));
      }),
    );
  });

  it('or any other text is taken exactly where JSON.parse takes it', () => {
    const fragment = fc.constantFrom(
      ...'{}[]",:\\/ \n-+.0123eEtruefalsnx\u0000\u00a0é'.split(''),
      'null',
      '"a"',
      '\\u0041',
    );
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 8 }), (fragments) => {
        const text = fragments.join('');
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        const value = parseJsonDocument(text);
        const refusedFor = value instanceof JsonProblem ? value.code : undefined;
        if (!valid) expect(['not-json', 'number-out-of-range']).toContain(refusedFor);
        else if (refusedFor !== undefined) expect(refusedFor).toMatch(/^(number-out-of-range|not-json)$/);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps the value of numbers to the last digit', () => {
    expect(parseJsonDocument('[12345678901234567890.0123456789, 1.50, 1E+2, -0, 1e-130, 25e124]')).toEqual(
      ['12345678901234567890.0123456789', '1.50', '100', '0', '1e-130', '2.5e125'].map((text) => new JsonNumber(text)),
    );
  });

  it('keeps NULL inside, and where it is all there is', () => {
    expect(parseJsonDocument('{"a": null}')).toEqual(new Map([['a', null]]));
    expect(parseJsonDocument(' null ')).toBeNull();
  });

  it.each([
    ['1'.repeat(39), 'number-too-precise'],
    ['{"a": [1e126]}', 'number-out-of-range'],
    ['1e-131', 'number-out-of-range'],
    ['{"a": 1, "a": 2}', 'not-json'],
    ['"\\ud83d"', 'not-json'],
    ['{"\\ude00": 1}', 'not-json'],
    ['[["\\ud83d\\u0041"]]', 'not-json'],
    ['', 'not-json'],
    ['{"a":1} x', 'not-json'],
    ["{'a': 1}", 'not-json'],
  ])('%s is refused: %s', (text, code) => expect(problemOf(text).code).toBe(code));

  it('may give a name twice where both values are the same', () => {
    expect(parseJsonDocument('{"a": [1], "a": [1]}')).toEqual(new Map([['a', [new JsonNumber('1')]]]));
  });

  it('may hold a pair of surrogates as escapes', () => {
    expect(parseJsonDocument('"\\ud83d\\ude00"')).toBe('😀');
  });

  it('may be 32 levels deep, as DynamoDB counts them, and no deeper', () => {
    expect(parseJsonDocument(nested(32, ''))).not.toBeInstanceOf(JsonProblem);
    expect(parseJsonDocument(nested(31, '"[[[{\\"["'))).not.toBeInstanceOf(JsonProblem);
    expect(parseJsonDocument(`[${nested(31, '')},${nested(31, '')},1]`)).not.toBeInstanceOf(JsonProblem);
    expect(problemOf(nested(33, '')).code).toBe('json-too-deep');
    expect(problemOf(nested(32, '1')).code).toBe('json-too-deep');
    expect(problemOf(nested(32, '""')).code).toBe('json-too-deep');
    expect(problemOf(`${'{"a":'.repeat(32)}1${'}'.repeat(32)}`).code).toBe('json-too-deep');
  });

  it('of a million brackets is refused, not recursed into', () => {
    expect(problemOf('['.repeat(1_000_000)).code).toBe('json-too-deep');
  });

  it('is refused with what its shape suggests and never with its text', () => {
    expect(problemOf(' ').predicate).toBe('is not a JSON document (it is empty)');
    expect(problemOf('{"secret": 1').predicate).toBe('is not a JSON document (it seems to be cut short)');
    expect(problemOf("{'secret': 1}").predicate).toMatch(/single quotes/);
    expect(problemOf('secret').predicate).toBe('is not a JSON document');
  });
});
