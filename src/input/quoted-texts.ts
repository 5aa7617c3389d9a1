import type { Field } from '../domain/column.ts';
import type { TableColumn } from './mysql/definition/table-definition.ts';
import { isTextType } from './mysql/definition/table-definition-column.ts';

/** Whether the texts of rows stand between quotes that a reading takes for part of them. */
export type Quoting = {
  /** Names of the columns that are text, or of which nothing is declared, unless `--types` tells their type. */
  readonly texts: readonly string[];
  /** Rows that hold a text, and those of them all of whose texts stand between two quotes. */
  readonly withText: number;
  readonly quoted: number;
  /** The quotes between which a text stands. */
  readonly quotes: string;
};

/** Counts them row by row. */
export class QuotedTexts implements Quoting {
  readonly texts: readonly string[];
  withText = 0;
  quoted = 0;
  quotes = '';
  readonly #areTexts: readonly boolean[];
  readonly #isDeclared: boolean;

  constructor(
    names: readonly string[],
    declared: readonly (TableColumn | undefined)[] | undefined,
    isTold: (name: string) => boolean,
  ) {
    this.#isDeclared = declared !== undefined;
    this.#areTexts = names.map((name, i) => !isTold(name) && isTextType(declared?.[i]?.sqlType ?? 'text'));
    this.texts = names.filter((_, i) => this.#areTexts[i]);
  }

  take(fields: readonly Field[]): void {
    const texts = fields.filter((field, i): field is string => this.#areTexts[i] === true && this.#isText(field));
    if (texts.length === 0) return;
    this.withText++;
    if (texts.every(isQuoted)) this.quoted++;
    for (const text of texts) if (isQuoted(text) && !this.quotes.includes(text[0]!)) this.quotes += text[0];
  }

  /** A number is one only where nothing is declared. */
  #isText(field: Field): boolean {
    return typeof field === 'string' && (this.#isDeclared || !/^-?\d[\d.]*$/.test(field));
  }
}

function isQuoted(text: string): boolean {
  return /^(["']).*\1$/s.test(text);
}
