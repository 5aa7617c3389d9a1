import { formatDecimal, type NumberFault, numberFault, parseDecimal } from '../../domain/number.ts';
import type { RejectCode } from '../../domain/row.ts';

/** Why a field has no value. The message names the column and shows no value. */
export class FieldFault {
  readonly code: RejectCode;
  readonly message: string;
  constructor(code: RejectCode, message: string) {
    this.code = code;
    this.message = message;
  }
}

/** A fault whose message is the column and a predicate: `column "quota" is not a number`. */
export function fieldFault(columnName: string, code: RejectCode, predicate: string): FieldFault {
  return new FieldFault(code, `column "${columnName}" ${predicate}`);
}

/** The exact number that text stands for, as DynamoDB takes it; otherwise what `fault` makes of the reason. */
export function exactNumber<Fault>(text: string, fault: (code: NumberFault) => Fault): string | Fault {
  const decimal = parseDecimal(text);
  const code = numberFault(decimal);
  return decimal !== undefined && code === undefined ? formatDecimal(decimal) : fault(code ?? 'not-a-number');
}

const outOfRange = 'outside the range of DynamoDB (1E-130 to 9.99E+125)';

/** Predicates of a field that is not such a number, or has a part or a JSON document with one. */
export const numberPredicates = {
  'not-a-number': {
    field: 'is not a number',
    part: 'has a part that is not a number',
    json: 'holds a JSON number that cannot be read',
  },
  'number-too-precise': {
    field: 'has more than 38 significant digits',
    part: 'has a part with more than 38 significant digits',
    json: 'holds a JSON number of more than the 38 significant digits that DynamoDB keeps',
  },
  'number-out-of-range': {
    field: `is ${outOfRange}`,
    part: `has a part ${outOfRange}`,
    json: `holds a JSON number ${outOfRange}`,
  },
} as const satisfies Record<NumberFault, unknown>;

/** What the shape of text that is not a number suggests, in parentheses; never the text itself. */
export function numberHint(text: string, columnName: string): string {
  if (/^\s|\s$/.test(text)) return ' (it has a space at its beginning or end)';
  if (isNullWord(text)) return nullHint;
  if (hasControlCharacter.test(text)) return ' (it holds control characters; a BIT column must be dumped as bit+0)';
  if (/^(true|false)$/i.test(text)) return ` (it is a truth value; see --types ${columnName}=BOOL)`;
  if (dateShape.test(text)) return ` (it looks like a date; see --types ${columnName}=EPOCH)`;
  if (text.includes(',')) return ' (it holds a comma)';
  if (/\s/.test(text)) return ' (it holds a space)';
  if (/^[+-]?0x/i.test(text)) return ' (it looks hexadecimal)';
  if (/^[+-]?(nan|inf|infinity)$/i.test(text)) return ' (DynamoDB has neither infinity nor NaN)';
  if (/\p{Sc}/u.test(text)) return ' (it holds a currency sign)';
  if (/\p{L}/u.test(text)) return ` (it holds letters; --types ${columnName}=S keeps text)`;
  return '';
}

/** The same for text that is not a date-time. */
export function dateHint(text: string, columnName: string): string {
  if (isNullWord(text)) return nullHint;
  if (/^[+-]?\d+$/.test(text)) return ` (it is a whole number; --types ${columnName}=N keeps seconds as they are)`;
  if (/^\d\d\d\d-(00-\d\d|\d\d-00)/.test(text)) return ' (its month or day is zero)';
  if (/^\d\d?[/.]\d\d?[/.]\d{2,4}/.test(text)) return ' (dates are read as YYYY-MM-DD HH:MM:SS)';
  if (dateShape.test(text)) return ' (there is no such day or time)';
  return '';
}

/** The same for text that is not a truth value. */
export function truthHint(text: string): string {
  if (/^\s|\s$/.test(text)) return ' (it has a space at its beginning or end)';
  return isNullWord(text) ? nullHint : '';
}

const nullHint = ' (it is a word for NULL; see --null)';
const dateShape = /^\d{4}-\d\d-\d\d([ T]|$)/;
const hasControlCharacter = /[\x00-\x1f\x7f]/;

function isNullWord(text: string): boolean {
  return /^(null|\\N)$/i.test(text);
}
