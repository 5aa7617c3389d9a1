import { shellWord } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import { type Dialect, type FramedRows, firstLineEndBytes, firstRow } from '../framed-rows.ts';
import { areSame } from '../mysql/definition/table-definition.ts';
import type { ReadingFlags } from '../reading-flags.ts';
import { CsvDecoder, CsvHeaderDecoder, type CsvText } from './csv-decoder.ts';
import { CsvFramer } from './csv-framer.ts';

/** Single ASCII characters; `escape` equal to `quote` is RFC 4180's doubled quote. */
export type CsvSettings = CsvText & {
  readonly header: boolean;
  /** Names from `--columns`; a row that equals them is a header. */
  readonly headerNames?: readonly string[];
  readonly maxRowBytes: number;
};

/** CSV as in RFC 4180; blank lines are ignored. Throws ImportError `usage` if the delimiter is also the quote or escape. */
export function csvDialect(settings: CsvSettings): Dialect {
  checkCharacters(settings);
  const bytes = {
    delimiter: settings.delimiter.charCodeAt(0),
    quote: settings.quote.charCodeAt(0),
    escape: settings.escape.charCodeAt(0),
  };
  return {
    name: 'csv',
    header: settings.header,
    byteOrderMark: 'skipped',
    keepsCarriageReturns: false,
    rejectExtension: 'csv',
    framer: (fileName, line) => new CsvFramer(bytes, fileName, line, settings.maxRowBytes, !settings.escapeTold),
    decoder: (_binary, header) =>
      new CsvDecoder(
        settings,
        [header, settings.headerNames].filter((names) => names !== undefined),
      ),
    headerDecoder: () => new CsvHeaderDecoder(settings),
  };
}

function checkCharacters({ delimiter, quote, escape: escapedBy }: CsvSettings): void {
  if (delimiter !== quote && delimiter !== escapedBy) return;
  const name = delimiter === quote ? 'quoted' : 'escaped';
  throw new ImportError('usage', `fields are separated and ${name} by the same character, so that no row can be read`, {
    hint: 'Pass another --delimiter, --quote or --escape.',
  });
}

/**
 * Asks about what can be read in two ways in the sample: line ends, backslashes, unquoted NULLs, and, unless `--format csv`
 * was passed (`isFormatTold`), values that all begin alike. Throws ImportError `usage`, whose hint has the flags for either
 * answer.
 */
export function csvQuestions(sample: Buffer, settings: CsvSettings, fileName: string, isFormatTold = false): void {
  const bytes = sample.indexOf('\ufeff') === 0 ? sample.subarray(3) : sample;
  askAboutLineEnds(bytes, settings, fileName);
  const rows = csvDialect(settings).framer(fileName, 1).push(bytes);
  askAboutRows(rows, settings, fileName);
  if (!isFormatTold) askAboutLineStart(rows, settings, fileName);
}

function askAboutLineEnds(sample: Buffer, settings: CsvSettings, fileName: string): void {
  const text = sample.toString('latin1');
  const file = fileName === 'standard input' ? '' : ` < ${shellWord(fileName)}`;
  const lines = text.split('\n').slice(0, -1);
  if (lines.length > 0 && lines.every((line) => line.endsWith('\r\r'))) {
    throw asked(
      `${fileName}: its lines end with CR CR LF`,
      `Pass ${mysqlFlags(settings, '\\r\\r\\n')} if MySQL wrote it, or convert it and pass the same options: sed 's/\\r*$//'${file} | import-tokens -`,
    );
  }
  if (lines.length === 0 && text.includes('\r')) {
    throw asked(
      `${fileName}: its lines end with CR alone`,
      `Pass ${mysqlFlags(settings, '\\r')} if MySQL wrote it, or convert it and pass the same options: tr '\\r' '\\n'${file} | import-tokens -`,
    );
  }
}

/** Asks before the first write about what would later reject rows one by one. */
function askAboutRows(rows: FramedRows, settings: CsvSettings, fileName: string): void {
  const decoder = csvDialect(settings).decoder([]);
  let line = 1;
  let isHeader = settings.header;
  for (let i = 0; i < rows.count; i++) {
    const fault = rows.kinds[i] === 'blank' ? undefined : decoder.decode(rows, i);
    const place = `${fileName}, line ${line}`;
    if (fault?.code === 'bare-backslash') throw asked(`${place}: ${aboutBackslash}`, backslashFlags(settings));
    if (fault?.code === 'bare-null' && !isHeader) {
      const [, word] = / is (\S+) without quotes/.exec(fault.message)!;
      throw asked(
        `${place}: a field is ${word} without quotes, which may be NULL or text`,
        `Pass --null '${word}' if it is NULL, or --no-null if it is text.`,
      );
    }
    if (rows.kinds[i] !== 'blank') isHeader = false;
    line += rows.lines[i]!;
  }
}

const aboutBackslash = 'a backslash stands before a quote, a backslash or a line end';

function backslashFlags(settings: CsvSettings): string {
  const { quote } = settings;
  return `Pass ${mysqlFlags(settings)} if MySQL wrote it, --escape '\\' if it escapes quotes, or --escape ${flagValue(quote)} if it is text.`;
}

/** `lineEnd` is written as a flag writes it, with escapes. */
function mysqlFlags({ delimiter, quote }: CsvSettings, lineEnd?: string): string {
  const fields = `--format mysql --fields-terminated-by ${flagValue(delimiter)} --fields-optionally-enclosed-by ${flagValue(quote)}`;
  return lineEnd === undefined ? fields : `${fields} --lines-terminated-by '${lineEnd}'`;
}

/** `--lines-starting-by` writes the same characters before every row, which no key would begin with. */
function askAboutLineStart(rows: FramedRows, settings: CsvSettings, fileName: string): void {
  const starts = new Set<string>();
  let count = 0;
  for (let i = 0; i < rows.count; i++) {
    if (rows.kinds[i] === 'blank') continue;
    if (count++ === 0 && settings.header) continue;
    starts.add(rows.buffer.toString('latin1', rows.starts[i], Math.min(rows.starts[i]! + 2, rows.ends[i]!)));
    if (starts.size > 1) return;
  }
  const [start] = starts;
  if (start === undefined || count - Number(settings.header) < 2 || !isPunctuation(start, settings)) return;
  throw asked(
    `${fileName}: every row begins with ${start}, as MySQL writes rows with --lines-starting-by`,
    `Pass --format mysql --fields-terminated-by ${flagValue(settings.delimiter)} --lines-starting-by ${flagValue(start)} ` +
      'if it did, with the other options of the dump, or --format csv if these characters are part of the values.',
  );
}

function isPunctuation(start: string, { delimiter, quote }: CsvSettings): boolean {
  return /^[!-/:-@[-`{-~]{2}$/.test(start) && !start.includes(delimiter) && (quote === '' || !start.includes(quote));
}

function flagValue(text: string): string {
  if (text === '\t') return "'\\t'";
  return text.includes("'") ? `"${text}"` : `'${text}'`;
}

function asked(message: string, hint: string): ImportError {
  return new ImportError('usage', message, { hint });
}

/** How CSV is read. `names`: of the columns, undefined if nothing names them. `note`: a clause for the operator. */
type CsvReading = {
  readonly settings: Omit<CsvSettings, 'maxRowBytes'>;
  readonly names: readonly string[] | undefined;
  readonly note: string;
};

/** How CSV is read according to flags and defaults. A first row that equals `--columns` is the header. */
export function csvFromFlags(flags: ReadingFlags, sample: Buffer, schemaTold: boolean): CsvReading {
  const { delimiter = ',', quote = '"', columns } = flags;
  const nullText = flags.null === false ? undefined : flags.null;
  const told = { delimiter, quote, escape: flags.escape ?? quote, nullText, escapeTold: flags.escape !== undefined };
  const text = { ...told, nullTold: flags.null !== undefined, schemaTold };
  const dialect = (header: boolean) => csvDialect({ ...text, header, maxRowBytes: sample.length });
  const first = firstRow(dialect(true), sample);
  const isHeader = columns !== undefined && areSame(first, columns);
  const header = flags.header ?? (columns === undefined || isHeader);
  const lineEndBytes = schemaTold ? firstLineEndBytes(dialect(header), sample) : undefined;
  return {
    settings: {
      ...text,
      header,
      lineEndBytes,
      ...(columns !== undefined && flags.header !== false && { headerNames: columns }),
    },
    names: columns ?? (header && first.length > 0 ? first : undefined),
    note: isHeader && flags.header === undefined ? '; its first row equals --columns and is the header' : '',
  };
}
