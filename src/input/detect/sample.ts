import type { Field } from '../../domain/column.ts';
import type { RowFault } from '../../domain/rejected-row.ts';
import { csvDialect } from '../csv/csv.ts';
import type { Dialect } from '../framed-rows.ts';
import { mysqlDialect } from '../mysql/mysql.ts';
import { isTextType } from '../mysql/table-definition-column.ts';
import { rowCheck } from '../row-check.ts';
import { eachRow } from '../sample-rows.ts';
import { type SqlRunSettings, sqlDialect } from '../sql/sql.ts';
import type { Reading } from './possible-readings.ts';
import type { ReadingFacts } from './recognise-format.ts';

/** What the rows of a sample say of a reading. Blank lines count for nothing. */
export type SampleCheck = {
  readonly reading: Reading;
  readonly rows: number;
  readonly fitting: number;
  /** The first row that does not fit. */
  readonly misfit: Misfit | undefined;
  /** The first whose fields cannot be told apart, or are too many or too few. */
  readonly misshapen: Misfit | undefined;
  /** The character, no letter or digit, with which the last field of every row ends; empty if there is none. */
  readonly lastCharacter: string;
  /** Names of the columns that are text, or of which nothing is declared, unless `--types` tells their type. */
  readonly texts: readonly string[];
  /** Rows that hold a text, and those of them all of whose texts stand between two quotes that are read as part of them. */
  readonly withText: number;
  readonly quoted: number;
  /** The quotes between which a text of any row that fits stands. */
  readonly quotes: string;
  /** The rows as this reading has them, to compare readings by. */
  readonly digest: string;
};

type Misfit = { readonly line: number; readonly fault: RowFault };

/** Reads the rows of the sample. */
export function checkSample(sample: Buffer, reading: Reading, { flags, isWhole }: ReadingFacts): SampleCheck {
  const dialect = dialectOf(reading, sample.length);
  const { types = {}, omit = [] } = flags;
  const declared = reading.dialect === 'mysql' ? reading.settings.columns : reading.layout?.columns;
  const columns = reading.layout?.names.map((_, i) => declared?.[i]);
  const isTold = (name: string) => Object.hasOwn(types, name);
  const binary =
    reading.layout?.names.map((name, i) => (isTold(name) ? types[name] === 'B' : columns![i]?.binary)) ?? [];
  const decoder = dialect.decoder(binary.map((isBinary) => isBinary === true));
  const check =
    columns === undefined ? () => undefined : rowCheck({ columns, writtenBy: writtenBy(reading), types, omit });
  const areTexts =
    reading.layout?.names.map((name, i) => !isTold(name) && isTextType(declared?.[i]?.sqlType ?? 'text')) ?? [];
  const digest: string[] = [];
  let [rows, fitting, withText, quoted] = [0, 0, 0, 0];
  const quotes = new Set<string>();
  const lastCharacters = new Set<string>();
  let misfit: Misfit | undefined;
  let misshapen: Misfit | undefined;
  eachRow(dialect, sample, isWhole, (framed, i, line) => {
    rows++;
    lastCharacters.add(
      framed.buffer.toString('latin1', Math.max(framed.starts[i]!, framed.ends[i]! - 1), framed.ends[i]),
    );
    const fault = decoder.decode(framed, i) ?? check(decoder.fields);
    if (fault !== undefined) {
      misfit ??= { line, fault };
      if (fault.code === 'ragged-row' || fault.code === 'undecodable') misshapen ??= { line, fault };
    } else {
      fitting++;
      const texts = decoder.fields.filter((field, i) => areTexts[i] === true && isText(field, declared !== undefined));
      if (texts.length > 0) withText++;
      if (texts.length > 0 && texts.every(isQuoted)) quoted++;
      for (const text of texts) if (isQuoted(text)) quotes.add((text as string)[0]!);
      digest.push(JSON.stringify(decoder.fields));
    }
  });
  const [last = '', other] = lastCharacters;
  const lastCharacter = other === undefined && /[^\w\s\x80-\xff]|\r/.test(last) ? last : '';
  const texts = reading.layout?.names.filter((_, i) => areTexts[i]) ?? [];
  return {
    reading,
    rows,
    fitting,
    misfit,
    misshapen,
    lastCharacter,
    texts,
    withText,
    quoted,
    quotes: [...quotes].join(''),
    digest: digest.join('\n'),
  };
}

/** `sql` is for SQL dumps alone. */
export function dialectOf(reading: Reading, maxRowBytes: number, sql: SqlRunSettings = {}): Dialect {
  if (reading.dialect === 'csv') return csvDialect({ ...reading.settings, maxRowBytes });
  if (reading.dialect === 'mysql') return mysqlDialect({ ...reading.settings, maxRowBytes });
  const { settings, hasEnd } = reading;
  return sqlDialect({ ...settings, maxRowBytes, ...sql, allowIncomplete: sql.allowIncomplete === true || !hasEnd });
}

/** Literals of SQL are exact, as the text that the server writes is. */
export function writtenBy({ dialect }: Reading): 'mysql' | 'csv' {
  return dialect === 'csv' ? 'csv' : 'mysql';
}

/** A number is one only where nothing is declared. */
function isText(field: Field, isDeclared: boolean): boolean {
  return typeof field === 'string' && (isDeclared || !/^-?\d[\d.]*$/.test(field));
}

function isQuoted(field: Field): boolean {
  return typeof field === 'string' && /^(["']).*\1$/s.test(field);
}
