import { parse } from 'lossless-json';
import { JsonNumber, type JsonValue } from '../../domain/column.ts';
import { isPlainNumber } from '../../domain/number.ts';
import type { RejectCode } from '../../domain/row.ts';
import { exactNumber, numberPredicates } from './column-fault.ts';

/** Nesting levels that DynamoDB stores, including the innermost value. */
const maxLevels = 32;

/** Why a document is refused: `column "meta" ` and the predicate make a sentence. */
export class JsonProblem {
  readonly code: RejectCode;
  readonly predicate: string;
  constructor(code: RejectCode, predicate: string) {
    this.code = code;
    this.predicate = predicate;
  }
}

/**
 * Parses one strict JSON document. Numbers keep their exact value, as text that DynamoDB takes. An object with two values
 * for one name is refused, because one of them would be lost (MySQL's JSON columns hold none).
 */
export function parseJsonDocument(text: string): JsonValue | JsonProblem {
  // Checked first, because the parser recurses.
  if (levelsOf(text) > maxLevels) return tooDeep;
  let problem: JsonProblem | undefined;
  const parseNumber = (numberText: string) => {
    const number = jsonNumber(numberText);
    if (number instanceof JsonNumber) return number;
    problem ??= number;
    return undefined;
  };
  const onDuplicateKey = () => {
    problem ??= duplicateName;
  };
  try {
    const value = toJsonValue(parse(text, undefined, { parseNumber, onDuplicateKey }));
    if (problem !== undefined) return problem;
    // Strictly decoded text has half a surrogate pair only in an escape.
    return text.includes('\\u') && hasLoneSurrogate(value) ? loneSurrogate : value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return problem ?? new JsonProblem('not-json', `is not a JSON document${shapeHint(text)}`);
  }
}

/** Levels as DynamoDB counts them, in text that need not be well-formed. */
function levelsOf(text: string): number {
  let open = 0;
  let levels = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '{' || char === '[') {
      open++;
      levels = Math.max(levels, open);
    } else if (char === '}' || char === ']') {
      open--;
    } else if (char === '"') {
      levels = Math.max(levels, open + 1);
      i = endOfString(text, i + 1);
    } else if (char !== undefined && char > ' ') {
      levels = Math.max(levels, open + 1);
    }
  }
  return levels;
}

function endOfString(text: string, start: number): number {
  let i = start;
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i;
}

function jsonNumber(text: string): JsonNumber | JsonProblem {
  if (isPlainNumber(text)) return new JsonNumber(text);
  const number = exactNumber(text, (code) => new JsonProblem(code, numberPredicates[code].json));
  return typeof number === 'string' ? new JsonNumber(number) : number;
}

function toJsonValue(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(toJsonValue);
  if (typeof value !== 'object' || value === null || value instanceof JsonNumber) return value as JsonValue;
  const map = new Map<string, JsonValue>();
  for (const name of Object.keys(value)) map.set(name, toJsonValue((value as Record<string, unknown>)[name]));
  return map;
}

function hasLoneSurrogate(value: JsonValue): boolean {
  if (typeof value === 'string') return /\p{Surrogate}/u.test(value);
  if (Array.isArray(value)) return value.some(hasLoneSurrogate);
  if (!(value instanceof Map)) return false;
  for (const [name, element] of value) if (hasLoneSurrogate(name) || hasLoneSurrogate(element)) return true;
  return false;
}

function shapeHint(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return ' (it is empty)';
  if (/^[{[]\s*'/.test(trimmed)) return ' (its names or texts are in single quotes)';
  const cutShort =
    (trimmed.startsWith('{') && !trimmed.endsWith('}')) || (trimmed.startsWith('[') && !trimmed.endsWith(']'));
  return cutShort ? ' (it seems to be cut short)' : '';
}

const tooDeep = new JsonProblem(
  'json-too-deep',
  `holds JSON of more than the ${maxLevels} levels that DynamoDB stores`,
);
const duplicateName = new JsonProblem('not-json', 'holds a JSON object that gives one name two values');
const loneSurrogate = new JsonProblem('not-json', 'holds JSON text with half of a surrogate pair');
