import type { Field } from '../../domain/column.ts';
import { PlainSplitter } from '../plain-splitter.ts';

const [blank, quote, doubleQuote, comma, dash, dot, zero, nine] = [0x20, 0x27, 0x22, 0x2c, 0x2d, 0x2e, 0x30, 0x39];
/** Stands for the place of NULL. */
const nowhere = -1;

/** What a byte is to a string without escapes; 0 for one that stands for itself. */
const [escapedInJson, closing] = [1, 2];
const inString = new Uint8Array(256).fill(escapedInJson, 0, blank);
inString[doubleQuote] = escapedInJson;
inString[quote] = closing;

/** Finds the values of plain tuples, as places in their bytes: what is in quotes, numbers in digits, and NULL. */
export class TupleSplitter extends PlainSplitter {
  holdsNull = false;

  constructor() {
    super(',');
  }

  /** Takes what stands between the parentheses of a plain tuple of valid UTF-8. Returns false for any other value. */
  splitTuple(buffer: Buffer, start: number, end: number, isAscii: boolean): boolean {
    this.begin(buffer, isAscii);
    const { starts, ends } = this;
    this.holdsNull = false;
    let escapes = 0;
    let count = 0;
    let at = start;
    for (;;) {
      let byte = buffer[at]!;
      while (byte <= blank) byte = buffer[++at]!;
      if (byte === quote) {
        starts[count] = ++at;
        let kind = inString[buffer[at]!]!;
        for (; kind !== closing; kind = inString[buffer[++at]!]!) escapes += kind;
        ends[count++] = at++;
      } else if (byte === 0x4e && isNull(buffer, at)) {
        starts[count] = nowhere;
        ends[count++] = nowhere;
        this.holdsNull = true;
        at += 4;
      } else {
        const numberEnd = endOfNumber(buffer, at);
        if (numberEnd === -1) return false;
        starts[count] = at;
        at = numberEnd;
        ends[count++] = at;
      }
      byte = buffer[at]!;
      while (byte <= blank) byte = buffer[++at]!;
      if (at === end) break;
      if (byte !== comma) return false;
      at++;
    }
    this.count = count;
    this.needsNoEscape = escapes === 0;
    return true;
  }

  override fill(fields: Field[]): void {
    const { count, starts } = this;
    for (let i = 0; i < count; i++) fields[i] = starts[i] === nowhere ? null : this.text(i);
    if (fields.length !== count) fields.length = count;
  }
}

function isNull(buffer: Buffer, at: number): boolean {
  return buffer[at + 1] === 0x55 && buffer[at + 2] === 0x4c && buffer[at + 3] === 0x4c;
}

/** First byte after digits with a sign and a point among them; -1 where there is another number or none. */
function endOfNumber(buffer: Buffer, start: number): number {
  let at = buffer[start] === dash ? start + 1 : start;
  let points = 0;
  let byte = buffer[at]!;
  if (byte < zero || byte > nine) return -1;
  while ((byte >= zero && byte <= nine) || byte === dot) {
    if (byte === dot) points++;
    byte = buffer[++at]!;
  }
  return points > 1 || buffer[at - 1] === dot ? -1 : at;
}
