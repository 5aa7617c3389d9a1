import type { Field } from '../../domain/column.ts';

type Marks = { readonly delimiter: string; readonly quote: string; readonly escape: string };

/**
 * Splits a row whose quotes the framer has found to be in order. Both read the same language: inside quotes an escape
 * stands for the quote or escape after it, and for itself before anything else.
 */
export class QuotedSplitter {
  readonly #marks: Marks;
  readonly #escaped: RegExp;
  /** By field: whether it stands in quotes. */
  readonly quoted: boolean[] = [];

  constructor({ delimiter, quote, escape: escapedBy }: Marks) {
    this.#marks = { delimiter, quote, escape: escapedBy };
    this.#escaped = new RegExp(`${literal(escapedBy)}(${literal(quote)}|${literal(escapedBy)})`, 'g');
  }

  /** Leaves the texts of the fields in `fields`. */
  split(row: string, fields: Field[]): void {
    const { delimiter, quote } = this.#marks;
    let count = 0;
    let at = 0;
    do {
      const isQuoted = row[at] === quote;
      const end = isQuoted ? this.#closingQuote(row, at + 1) : this.#nextDelimiter(row, at);
      fields[count] = isQuoted ? this.#unescaped(row.slice(at + 1, end)) : row.slice(at, end);
      this.quoted[count++] = isQuoted;
      at = isQuoted ? end + 1 : end;
    } while (row[at++] === delimiter);
    fields.length = count;
  }

  #nextDelimiter(row: string, from: number): number {
    const at = row.indexOf(this.#marks.delimiter, from);
    return at === -1 ? row.length : at;
  }

  #closingQuote(row: string, from: number): number {
    const { quote, escape: escapedBy } = this.#marks;
    let at = from;
    while (at < row.length) {
      if (row[at] === escapedBy && (row[at + 1] === quote || row[at + 1] === escapedBy)) at++;
      else if (row[at] === quote) break;
      at++;
    }
    return at;
  }

  #unescaped(text: string): string {
    const { quote, escape: escapedBy } = this.#marks;
    if (escapedBy === '' || quote === '' || !text.includes(escapedBy)) return text;
    return text.replace(this.#escaped, '$1');
  }
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
