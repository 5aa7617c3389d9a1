import type { Field } from '../../domain/column.ts';
import type { FramedRows } from '../framed-rows.ts';
import type { MysqlSettings } from '../mysql/mysql.ts';
import type { TableColumn } from '../mysql/table-definition.ts';
import type { Layout } from './detect-format-layouts.ts';
import type { Reading } from './detect-format-readings.ts';

/** Rows after which a reading that fits none of them is given up. */
const patienceRows = 20;
const digestRows = 50;
const numberText = /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i;
const dateText = /^[-\d: .]+$/;
const dateTypes = /^(date|time|datetime|timestamp)\b/;

/** Judges rows of a sample one by one. */
export class ReadingTally {
  readonly #settings: MysqlSettings;
  readonly #layout: Layout | undefined;
  #header = false;
  #first: readonly Field[] | undefined;
  #fieldCount: number | undefined;
  #line = 1;
  #rows = 0;
  #fitting = 0;
  #unclear = 0;
  #misfit: Reading['misfit'];
  #nulls = 0;
  #typedNullWords = 0;
  #textNullWords = 0;
  #numbers = 0;
  #texts = 0;
  readonly #textsWithin: Record<string, number> = {};
  #escapes = 0;
  #foreignEscapes = 0;
  readonly #digest: string[] = [];

  constructor(settings: MysqlSettings, layout: Layout | undefined) {
    this.#settings = settings;
    this.#layout = layout;
    this.#fieldCount = layout?.names.length;
  }

  get hopeless(): boolean {
    return this.#rows >= patienceRows && this.#fitting + this.#unclear === 0;
  }

  /** `fields`: undefined where the row can't be decoded. */
  add(rows: FramedRows, index: number, fields: readonly Field[] | undefined): void {
    const line = this.#line;
    this.#line += rows.lines[index]!;
    if (line === 1) {
      this.#first = fields?.slice();
      this.#fieldCount ??= fields?.length;
      this.#header = this.#settings.header || isHeader(fields, this.#layout);
      if (this.#header) return;
    }
    this.#rows++;
    if (rows.kinds[index] === 'unclear') {
      this.#unclear++;
      return;
    }
    this.#countEscapes(rows.buffer.toString('latin1', rows.starts[index], rows.ends[index]));
    if (fields !== undefined && fields.length === this.#fieldCount && this.#fieldsFit(fields)) this.#addFitting(fields);
    else this.#misfit ??= { line, fields: fields?.length };
  }

  reading(): Reading {
    return {
      settings: this.#settings,
      layout: this.#layout,
      header: this.#header,
      first: this.#first,
      rows: this.#rows,
      fitting: this.#fitting,
      unclear: this.#unclear,
      misfit: this.#misfit,
      nulls: this.#nulls,
      nullWords: { typed: this.#typedNullWords, text: this.#textNullWords },
      numbers: this.#numbers,
      texts: this.#texts,
      textsWithin: this.#textsWithin,
      escapes: this.#escapes,
      foreignEscapes: this.#foreignEscapes,
      digest: this.#digest.join('\n'),
    };
  }

  #addFitting(fields: readonly Field[]): void {
    this.#fitting++;
    for (const [i, field] of fields.entries()) {
      const isNumber = this.#layout?.columns?.[i]?.type === 'N' || numberText.test(String(field));
      if (typeof field === 'string' && !isNumber) this.#addText(field);
    }
    if (this.#digest.length >= digestRows) return;
    this.#digest.push(JSON.stringify(fields.map((field) => (field instanceof Uint8Array ? [...field] : field))));
  }

  #addText(text: string): void {
    this.#texts++;
    const first = text[0];
    if (text.length < 2 || first === undefined || first !== text.at(-1)) return;
    this.#textsWithin[first] = (this.#textsWithin[first] ?? 0) + 1;
  }

  #fieldsFit(fields: readonly Field[]): boolean {
    let fit = true;
    for (const [i, field] of fields.entries()) {
      if (field === null) this.#nulls++;
      // To MySQL a BIT is a number.
      if (field instanceof Uint8Array && this.#layout?.columns?.[i]?.bits !== undefined) this.#numbers++;
      if (typeof field === 'string' && !this.#textFits(field, this.#layout?.columns?.[i])) fit = false;
    }
    return fit;
  }

  #textFits(text: string, column: TableColumn | undefined): boolean {
    const typed = column?.type === 'N' || (column !== undefined && dateTypes.test(column.sqlType));
    if (text === 'NULL') {
      if (typed) this.#typedNullWords++;
      else if (column?.nullable !== false) this.#textNullWords++;
      return !typed;
    }
    if (!typed) return true;
    if (column.type !== 'N') return dateText.test(text);
    const isNumber = numberText.test(text);
    if (isNumber) this.#numbers++;
    return isNumber;
  }

  #countEscapes(row: string): void {
    const { escape: escapedBy, enclosure, fieldTerminator, lineTerminator, batch } = this.#settings;
    const written = batch ? 'nt0\\' : `N0${escapedBy}${enclosure ?? fieldTerminator}${lineTerminator[0]}`;
    for (let at = row.indexOf(escapedBy); at !== -1; at = row.indexOf(escapedBy, at + 2)) {
      this.#escapes++;
      if (!written.includes(row[at + 1] ?? ' ')) this.#foreignEscapes++;
    }
  }
}

function isHeader(fields: readonly Field[] | undefined, layout: Layout | undefined): boolean {
  if (layout === undefined || fields?.length !== layout.names.length) return false;
  return layout.names.every((name, i) => String(fields[i]) === name);
}
