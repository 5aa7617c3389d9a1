import { isAscii } from 'node:buffer';
import { formatCount } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import { type Dialect, type FramedRows, type Framer, noRows } from '../framed-rows.ts';
import { keepsAscii } from './characters/character-sets.ts';
import { MysqlDecoder } from './mysql-decoder.ts';
import { checkSeparators, type MysqlSettings, mysqlDefaults, type RowFinder } from './mysql-settings.ts';
import { rowFinder } from './row-finder.ts';

/** MySQL's delimited text: `mysqldump --tab`, `SELECT … INTO OUTFILE`, `mysql --batch`. */
export function mysqlDialect(changes: Partial<MysqlSettings> = {}): Dialect {
  const settings = { ...mysqlDefaults, ...changes };
  checkSeparators(settings);
  return {
    name: 'mysql',
    header: settings.header,
    // The server writes none, but bytes can look like one.
    byteOrderMark: settings.header ? 'skipped' : beginsWithBytes(settings) ? 'data' : 'refused',
    keepsCarriageReturns: settings.lineTerminator === '\n',
    rejectExtension: 'txt',
    framer: (fileName, line) => new MysqlFramer(rowFinder(settings), fileName, line, settings),
    decoder: (binary, header) => new MysqlDecoder(settings, binary, header),
    headerDecoder: () => new MysqlDecoder({ ...settings, columns: undefined, omitted: [], nullText: 'text' }, []),
  };
}

function beginsWithBytes({ columns: [first] = [] }: MysqlSettings): boolean {
  return first !== undefined && (first.binary || first.bits !== undefined);
}

/** Splits bytes into rows, and carries an incomplete row over to the next chunk. */
class MysqlFramer implements Framer {
  readonly #finder: RowFinder;
  readonly #fileName: string;
  readonly #maxRowBytes: number;
  /** False if ASCII bytes may be other characters (swe7). */
  readonly #keepsAscii: boolean;
  readonly #rows: FramedRows = noRows();
  #carry: Buffer | undefined;
  /** The line on which the next row begins. */
  #line: number;

  constructor(finder: RowFinder, fileName: string, line: number, settings: MysqlSettings) {
    this.#finder = finder;
    this.#fileName = fileName;
    this.#line = line;
    this.#maxRowBytes = settings.maxRowBytes;
    this.#keepsAscii = settings.columns?.every(({ characterSet }) => keepsAscii(characterSet)) !== false;
  }

  push(chunk: Uint8Array): FramedRows {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const rows = this.#frame(this.#carry === undefined ? bytes : Buffer.concat([this.#carry, bytes]), false);
    if (this.#carry !== undefined && this.#carry.length > this.#maxRowBytes) throw this.#tooLong();
    return rows;
  }

  end(): FramedRows {
    const rows = this.#frame(this.#carry ?? Buffer.alloc(0), true);
    if (this.#carry !== undefined) throw this.#cutShort();
    return rows;
  }

  #frame(buffer: Buffer, atEnd: boolean): FramedRows {
    const rows = this.#rows;
    const finder = this.#finder;
    rows.buffer = buffer;
    rows.ascii = this.#keepsAscii && isAscii(buffer);
    rows.count = 0;
    let start = 0;
    while (start < buffer.length && finder.find(buffer, start, atEnd)) {
      if (finder.next - start > this.#maxRowBytes) throw this.#tooLong();
      const index = rows.count++;
      rows.starts[index] = start;
      rows.ends[index] = finder.end;
      rows.nexts[index] = finder.next;
      rows.lines[index] = finder.lines;
      rows.kinds[index] = finder.kind;
      this.#line += finder.lines;
      start = finder.next;
    }
    this.#carry = start < buffer.length ? buffer.subarray(start) : undefined;
    return rows;
  }

  #tooLong(): ImportError {
    const row = `${this.#fileName}: the row that begins on line ${this.#line}`;
    if (this.#finder.insideEnclosure) {
      return new ImportError('unterminated-quote', `${row} opens a quote that is never closed`, {
        hint: 'Repair that line, or pass the right --fields-enclosed-by and --fields-escaped-by.',
      });
    }
    return new ImportError('row-too-long', `${row} is longer than ${formatCount(this.#maxRowBytes)} bytes`, {
      hint: 'Check --fields-escaped-by and --lines-terminated-by, or raise --max-row-bytes.',
    });
  }

  #cutShort(): ImportError {
    const where = this.#finder.insideEnclosure ? 'inside a quote' : 'before its line does';
    return new ImportError(
      'source-truncated',
      `${this.#fileName}: the row that begins on line ${this.#line} is incomplete: the file ends ${where}`,
      { hint: 'Compare the size of the file with the original, and copy or dump it again.' },
    );
  }
}
