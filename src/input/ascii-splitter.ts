import type { Field } from '../domain/column.ts';

/** Text is made of so many bytes at once; pieces that are much larger outlive their rows. */
const windowBytes = 16 * 1024;

/**
 * Splits rows of ASCII bytes without a quote. A hundred rows share one text and one look at what they hold: a
 * call into Node and a search for each row cost 0.25 CPU s per million more (`npm run bench -- --only stages`).
 */
export class AsciiSplitter {
  readonly #delimiter: string;
  /** Lines of characters that stand for themselves in a JSON string, and what separates them. */
  readonly #plainLines: RegExp;
  #buffer: Buffer | undefined;
  #text = '';
  /** Bytes of `#buffer` that `#text` stands for. */
  #start = 0;
  #end = 0;
  /** The first delimiter at or behind `#searchedFrom`, by its index in `#text`. */
  #delimiterAt = 0;
  #searchedFrom = 0;
  /** True where no text of the row needs an escape in JSON; false says nothing. */
  needsNoEscape = false;

  /** `lineEnds`: a pattern for what stands behind a row and is no part of it. */
  constructor(delimiter: string, lineEnds: string) {
    this.#delimiter = delimiter;
    const code = delimiter.charCodeAt(0).toString(16).padStart(2, '0');
    const plain = `[ !#-[\\]-~\\x${code}]*`;
    this.#plainLines = new RegExp(`^(?:${plain}${lineEnds})*${plain}$`);
  }

  /** Leaves the fields of the row in `fields`, and returns how many they are. */
  split(buffer: Buffer, start: number, end: number, fields: Field[]): number {
    if (buffer !== this.#buffer || start < this.#start || end > this.#end) this.#moveTo(buffer, start, end);
    const text = this.#text;
    const rowEnd = end - this.#start;
    let count = 0;
    let from = start - this.#start;
    let to = from >= this.#searchedFrom && from <= this.#delimiterAt ? this.#delimiterAt : this.#find(from);
    while (to < rowEnd) {
      fields[count++] = text.slice(from, to);
      from = to + 1;
      to = this.#find(from);
    }
    fields[count++] = text.slice(from, rowEnd);
    this.#searchedFrom = from;
    this.#delimiterAt = to;
    return count;
  }

  #find(from: number): number {
    const at = this.#text.indexOf(this.#delimiter, from);
    return at === -1 ? Number.POSITIVE_INFINITY : at;
  }

  #moveTo(buffer: Buffer, start: number, end: number): void {
    this.#buffer = buffer;
    this.#start = start;
    this.#end = Math.max(end, Math.min(start + windowBytes, buffer.length));
    this.#text = buffer.toString('latin1', this.#start, this.#end);
    this.#searchedFrom = 0;
    this.#delimiterAt = -1;
    this.needsNoEscape = this.#plainLines.test(this.#text);
  }
}
