import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ImportError } from '../../../src/domain/import-error.ts';
import { type DetectedFormat, detectFormat, type FormatFlags } from '../../../src/input/detect/detect-format.ts';
import { mysqlDialect } from '../../../src/input/mysql/mysql.ts';
import { parseTableDefinitions, type TableDefinition } from '../../../src/input/mysql/table-definition.ts';
import { encodeOutfile, type OutfileOptions } from '../../support/mysql-encoder.ts';
import { comparable, expectedSample, fixture, readMysql } from '../mysql/mysql-files.ts';

const noFlags: FormatFlags = {
  format: 'auto',
  delimiter: undefined,
  quote: undefined,
  escape: undefined,
  null: undefined,
  header: undefined,
  columns: undefined,
};

type Facts = { fileName?: string; definition?: TableDefinition | undefined; flags?: Partial<FormatFlags> };

function detect(
  sample: Buffer | string,
  { fileName = 'tokens.txt', definition, flags = {} }: Facts = {},
): DetectedFormat {
  return detectFormat(Buffer.from(sample), { fileName, definition, flags: { ...noFlags, ...flags } });
}

function refusal(sample: Buffer | string, facts: Facts = {}): ImportError {
  try {
    detect(sample, facts);
  } catch (error) {
    if (error instanceof ImportError) return error;
    throw error;
  }
  throw new Error('Expected a refusal');
}

const table = (columns: string, name = 'tokens') => parseTableDefinitions(`CREATE TABLE ${name} (${columns})`)[0]!;
const tokens = parseTableDefinitions(fixture('tab/tokens.sql').toString())[0]!;
const bits = parseTableDefinitions(fixture('bit-columns/bits.sql').toString())[0]!;
const twoTexts = table('a varchar(9), b varchar(9)');

describe('a sample of one long field', () => {
  const length = 250_000;

  it('that begins like a number is judged as fast as any other', () => {
    const { settings } = detect(`1\t${'1'.repeat(length)}x\n`, { definition: table('id int, a text') });
    expect(settings).toMatchObject({ fieldTerminator: '\t' });
  });

  it('that names a column of many blanks is too', () => {
    const { settings } = detect(`id\ta${' '.repeat(length)}b\tc\n1\t2\t3\n`, { definition: table('id int, c text') });
    expect(settings).toMatchObject({ batch: true });
  });
});

describe('a sample with its table definition', () => {
  it.each([
    ['tab/tokens.txt', { fieldTerminator: '\t', enclosure: undefined }, 'separated by'],
    ['enclosed/tokens.txt', { fieldTerminator: ',', enclosure: '"', optionallyEnclosed: false }, 'enclosed by'],
    [
      'optionally-enclosed/tokens.txt',
      { fieldTerminator: ',', enclosure: '"', optionallyEnclosed: true },
      'texts enclosed by',
    ],
    ['batch/tokens.tsv', { batch: true, header: true, nullText: 'null' }, 'first line names'],
  ])('%s is read as it was written', (fileName, settings, reason) => {
    const detected = detect(fixture(fileName), { fileName, definition: tokens });
    expect(detected).toMatchObject({ dialect: 'mysql', settings: { ...settings, columns: tokens.columns } });
    expect(detected.reason).toContain(reason);
    expect(detected.reason).toContain('"tokens"');
  });

  it.each(['bits.txt', 'bits-optenclosed.txt'])('%s is found out from the rows that BIT bytes leave whole', (file) => {
    const detected = detect(fixture(`bit-columns/${file}`), { definition: bits });
    const optionallyEnclosed = file === 'bits-optenclosed.txt';
    expect(detected.settings).toMatchObject({ fieldTerminator: ',', enclosure: '"', optionallyEnclosed });
  });
});

describe('a dump that can not be decoded', () => {
  it.each([
    ['refuse-no-escape/tokens.txt', "--fields-escaped-by=''"],
    ['refuse-no-escape-optional/tokens.txt', "--fields-escaped-by=''"],
    ['refuse-escaped-by-quote/tokens.txt', `--fields-escaped-by='"'`],
    ['refuse-batch-raw/tokens.tsv', 'mysql --batch --raw'],
  ])('%s is refused by the name of what made it so, with the command that dumps it right', (fileName, cause) => {
    for (const format of ['auto', 'mysql'] as const) {
      const error = refusal(fixture(fileName), { fileName, definition: tokens, flags: { format } });
      expect(error.code).toBe('undecodable');
      expect(error.message).toContain(fileName);
      expect(error.message).toContain(cause);
      expect(error.hint).toMatch(cause.includes('batch') ? /mysql --batch --quick/ : /mysqldump --tab=DIR db table/);
    }
  });

  it('is refused without a definition too, where a flag or a header says that it is MySQL', () => {
    for (const name of ['refuse-no-escape', 'refuse-no-escape-optional', 'refuse-escaped-by-quote']) {
      expect(refusal(fixture(`${name}/tokens.txt`), { flags: { format: 'mysql' } }).code).toBe('undecodable');
    }
    expect(refusal(fixture('refuse-batch-raw/tokens.tsv'), { fileName: 'tokens.tsv' }).message).toContain('--raw');
  });

  it('is refused where flags say that nothing is escaped, or by the quote', () => {
    const sample = fixture('tab/tokens.txt');
    expect(refusal(sample, { flags: { format: 'mysql', escape: '' } }).message).toContain("--fields-escaped-by=''");
    const doubled = { format: 'mysql', quote: '"', escape: '"' } as const;
    expect(refusal(sample, { flags: doubled }).message).toContain(`--fields-escaped-by='"'`);
  });

  it('is refused where NULL is the word for it, between tabs', () => {
    const definition = table('id int, expires_at datetime');
    const error = refusal('1\tNULL\n2\tNULL\n', { definition });
    expect(error.message).toContain("--fields-escaped-by=''");
    expect(error.hint).toContain('--format mysql --null NULL --no-header');
  });

  it('is refused where backslashes stand before letters and no NULL is written \\N', () => {
    expect(refusal('1\tC:\\dir\n2\tD:\\dir\n3\tok\n4\tok\n5\tok\n', { definition: twoTexts }).code).toBe('undecodable');
  });

  it('is refused where rows have not as many fields as the table has columns, naming both', () => {
    const error = refusal('1\ta\n2\tb\n', { definition: table('id int, a text, b text') });
    expect(error.code).toBe('undecodable');
    expect(error.message).toContain('3 columns');
    expect(error.message).toContain('line 1');
    expect(error.message).toContain('2 fields');
    expect(error.hint).toContain('--schema');
  });
});

describe('a byte order mark', () => {
  it('is no part of the names that a header gives', () => {
    const definition = table('id int, a text');
    const detected = detect('\ufeffid\ta\n1\tNULL\n', { definition });
    expect(detected.settings).toMatchObject({ batch: true, header: true, columns: definition.columns });
    expect(detect('\ufeffid,label\n1,a\n', { definition: tokens, fileName: 'x.csv' }).dialect).toBe('csv');
  });

  it('of UTF-16 is refused by name, whichever end comes first', () => {
    const little = Buffer.from('\ufeffid\ta\r\n1\tNULL\r\n', 'utf16le');
    const marked = [little, Buffer.from(little).swap16()];
    for (const sample of [...marked, ...marked.map((bytes) => bytes.subarray(2))]) {
      const error = refusal(sample, { definition: table('id int, a text') });
      expect(error.code).toBe('undecodable');
      expect(error.message).toContain('UTF-16');
      expect(error.hint).toContain('iconv');
    }
  });
});

describe('a dump of SQL statements', () => {
  it.each([
    '-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n--\n',
    '/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19\n',
    '/*!40101 SET NAMES utf8mb4 */;\n',
    '\nDROP TABLE IF EXISTS `tokens`;\n',
    "INSERT INTO `tokens` VALUES ('a',1);\n",
    'CREATE TABLE `tokens` (\n',
  ])('is refused with the command that dumps rows, whatever the file is called: %j', (sample) => {
    for (const fileName of ['dump.sql', 'dump.csv', 'dump.txt']) {
      const error = refusal(sample, { definition: table('id int, a text'), fileName });
      expect(error.message).toBe(`${fileName}: it holds SQL statements, as mysqldump writes without --tab`);
      expect(error.hint).toContain('mysqldump --tab=DIR');
    }
  });

  it('is taken for what it is said to be', () => {
    expect(detect('INSERT INTO a,b\n1,2\n', { flags: { format: 'csv' } }).dialect).toBe('csv');
  });
});

describe('text that is not stored in UTF-8', () => {
  it('is refused in UTF-16, which would pass for UTF-8, unless --types says that it was converted', () => {
    const definition = table('id int, a varchar(9) character set utf16');
    const error = refusal('1\t\\0a\n', { definition });
    expect(error.code).toBe('undecodable');
    expect(error.message).toContain('column "a" has the character set utf16');
    expect(error.hint).toContain('--default-character-set=utf8mb4');
    expect(detect('1\ta\n', { definition, flags: { types: { a: 'S' } } }).dialect).toBe('mysql');
    expect(detect('id\ta\n1\tNULL\n', { definition }).settings).toMatchObject({ batch: true });
  });
});

describe('--null', () => {
  it('is refused where it names another text than the server writes', () => {
    const definition = table('id int, a text');
    const error = refusal('1\t\\N\n2\tb\n', { definition, flags: { null: 'NULL' } });
    expect(error.code).toBe('usage');
    expect(error.hint).toContain('--format mysql --null NULL --no-header');
    expect(detect('1\t\\N\n2\tb\n', { definition, flags: { null: '\\N' } }).dialect).toBe('mysql');
  });
});

describe('where two readings fit', () => {
  it('asks for the quote of texts between tabs that all have quotes', () => {
    const error = refusal('1\t"a"\n2\t"b"\n', { definition: table('id int, doc json') });
    expect(error.code).toBe('usage');
    expect(error.hint).toContain('--quote none');
    expect(error.hint).toContain(`--quote '"'`);
  });

  it('asks for the quote of texts that all stand between two of another character', () => {
    const definition = table('id int, a text');
    expect(refusal('1|^a^\n2|^b^\n', { definition }).hint).toContain(`--quote '^'`);
    const told = detect('1|^a^\n2|^b^\n', { definition, flags: { quote: '' } }).settings;
    expect(told).toMatchObject({ fieldTerminator: '|', enclosure: undefined });
    expect(detect('1|^a^\n2|b\n', { definition }).settings).toMatchObject({ enclosure: undefined });
  });

  it('takes the flag for an answer', () => {
    const definition = table('id int, doc json');
    const read = (quote: string) => detect('1\t"a"\n2\t"b"\n', { definition, flags: { quote } }).settings;
    expect(read('')).toMatchObject({ enclosure: undefined });
    expect(read('"')).toMatchObject({ enclosure: '"' });
  });

  it('looks for no signs of a bad dump inside quotes of a good one', () => {
    const flags = { quote: '"' };
    const sample = '1,"a,NULL,b"\n2,"c"\n';
    expect(detect(sample, { definition: table('id int, a text'), flags }).settings).toMatchObject({ enclosure: '"' });
  });

  it('asks for the separator', () => {
    expect(refusal('a;b,c\nd;e,f\n', { definition: twoTexts }).hint).toMatch(/--delimiter ',' .*--delimiter ';'/);
    expect(detect('a;b,c\nd;e,f\n', { definition: twoTexts, flags: { delimiter: ';' } }).settings).toMatchObject({
      fieldTerminator: ';',
    });
  });

  it('asks for the format of a .csv that holds \\N, where no definition speaks for MySQL', () => {
    expect(refusal('1,a,\\N\n2,b,c\n', { fileName: 'tokens.csv' }).hint).toContain('--format mysql');
    const definition = table('id int, a text, b text');
    expect(detect('1,a,\\N\n2,b,c\n', { fileName: 'tokens.csv', definition }).dialect).toBe('mysql');
  });

  it('asks for the columns of a table with a generated and an invisible one, where rows lack one', () => {
    const definition = table('id int, a int as (id + 1) stored, b int invisible');
    expect(refusal('1\t2\n', { definition }).hint).toMatch(/--columns id,a or --columns id,b/);
    expect(detect('1\t2\n', { definition, flags: { columns: ['id', 'b'] } }).settings).toMatchObject({
      columns: [{ name: 'id' }, { name: 'b' }],
    });
  });

  it('asks whether texts are the word NULL', () => {
    const sample = 'x\tNULL\ny\tb\n';
    expect(refusal(sample, { definition: twoTexts }).hint).toContain('--format mysql');
    expect(detect(sample, { definition: twoTexts, flags: { format: 'mysql' } }).dialect).toBe('mysql');
    expect(detect(sample, { definition: table('a varchar(9), b varchar(9) not null') }).dialect).toBe('mysql');
  });
});

describe('BIT columns that hold nothing but digits', () => {
  const definition = table('id int, b bit(8), c bit(1), t text');
  const outfile = '1\t5\t1\tx\n2\t77\t0\t\\N\n';
  const batch = 'id\tb\tc\tt\n1\t5\t1\tx\n2\tNULL\t0\tNULL\n';

  it.each([outfile, batch])('may be numbers or bytes: a flag has to say so (%j)', (sample) => {
    const error = refusal(sample, { definition });
    expect(error.code).toBe('usage');
    expect(error.message).toContain('"b", "c"');
    expect(error.hint).toContain('--types b=N,c=N');
    expect(error.hint).toContain('--types b=B,c=B');
  });

  it('are read as numbers where --types says so, and nothing is asked of columns that --omit leaves out', () => {
    const told = detect(outfile, { definition, flags: { types: { b: 'N', c: 'BOOL' } } }).settings;
    expect(told).toMatchObject({ columns: [{}, { type: 'N', binary: false }, { type: 'S', binary: false }, {}] });
    const omitted = detect('1\t5\n2\t7\n', { definition: table('id int, b bit(8)'), flags: { omit: ['b'] } });
    expect(omitted.settings).toMatchObject({ columns: [{}, { bits: 8 }] });
  });

  it('are bytes without a question where one byte is no digit, or all are NULL', () => {
    for (const sample of ['1\t\x05\t\x01\tx\n2\t5\t\x00\ty\n', '1\t\\N\t\\N\tx\n']) {
      expect(detect(sample, { definition }).settings).toMatchObject({ columns: definition.columns });
    }
  });

  it('between quotes tell that numbers stand there too', () => {
    const noNumber = table('a varchar(9), b bit(8), c varchar(9)');
    const enclosed = detect('"x","\x05","y"\n"z",\\N,"y"\n', { definition: noNumber });
    expect(enclosed.settings).toMatchObject({ enclosure: '"', optionallyEnclosed: false });
    const bare = detect('"x",\x05,"y"\n"z",\\N,"y"\n', { definition: noNumber });
    expect(bare.settings).toMatchObject({ enclosure: '"', optionallyEnclosed: true });
  });

  it('that leave no row to tell quotes by are asked about', () => {
    const noNumber = table('a varchar(9), b bit(8) not null');
    const sample = '"x";\\\n"y";"\n';
    expect(refusal(sample, { definition: noNumber })).toMatchObject({
      code: 'usage',
      message: expect.stringContaining('two ways'),
    });
    expect(detect(`${sample}"z";\x01\n`, { definition: noNumber }).settings).toMatchObject({ enclosure: '"' });
  });

  it('are known as numbers under the name that the client gives to bit+0', () => {
    const { settings } = detect('id\tb+0\tc\n1\t5\tNULL\n', { definition });
    expect(settings).toMatchObject({ batch: true, columns: [{ name: 'id' }, { name: 'b+0', type: 'N' }, {}] });
  });
});

describe('types tell readings apart', () => {
  it('where the number of fields does not', () => {
    const definition = table('id int, a text');
    expect(detect('1\ta,b\n2\tc,d\n', { definition }).settings).toMatchObject({ fieldTerminator: '\t' });
    expect(detect('1,a\tb\n2,c\td\n', { definition }).settings).toMatchObject({ fieldTerminator: ',' });
  });

  it('of line ends too: a carriage return on every line is none of the last field', () => {
    const detected = detect('1\ta\r\n2\tb\r\n', { definition: table('id int, a text') });
    expect(detected.settings).toMatchObject({ lineTerminator: '\r\n' });
    const mixed = detect('1\ta\r\n2\tb\n3\tc\n', { definition: table('id int, a text') });
    expect(mixed.settings).toMatchObject({ lineTerminator: '\n' });
  });

  it('and one damaged row does not change how the others are read', () => {
    const detected = detect('1\ta\n2\tb\tc\n3\td\n4\t\\N\n', { definition: table('id int, a text') });
    expect(detected.settings).toMatchObject({ fieldTerminator: '\t' });
  });
});

describe('text in another character set', () => {
  const definition = table('id int, a varchar(9) character set latin1');
  const detectLatin1 = (text: string) => detect(Buffer.from(text, 'latin1'), { definition }).settings;

  it('speaks for no other reading of its rows than text in UTF-8', () => {
    const rows = ['x', 'y', '"', 'ä', 'ö', '"', 'z'].map((text, id) => `${id}\t${text}\n`);
    for (const count of [5, 7]) {
      expect(detectLatin1(rows.slice(0, count).join(''))).toMatchObject({
        fieldTerminator: '\t',
        enclosure: undefined,
      });
    }
  });

  it('may be in every row: each is rejected with the way out then', () => {
    expect(detectLatin1('1\tä\n2\tö\n')).toMatchObject({ fieldTerminator: '\t', enclosure: undefined });
    expect(detectLatin1('"1","ä"\n"2","\\"ö"\n')).toMatchObject({ fieldTerminator: ',', enclosure: '"' });
  });
});

describe('columns that a dump may leave out', () => {
  const definition = table('id int, a int as (id + 1) stored, b int invisible, c text');
  const columnsOf = (sample: string) => {
    const { settings } = detect(sample, { definition });
    return 'columns' in settings ? settings.columns?.map(({ name }) => name).join() : undefined;
  };

  it('are known by the number of fields', () => {
    expect(columnsOf('1\t2\t3\tx\n')).toBe('id,a,b,c');
    expect(columnsOf('1\tx\n')).toBe('id,c');
  });
});

describe('mysql --batch', () => {
  it('is known by a header that names columns of the table, in any order and number', () => {
    const definition = table('id int, a text, b text');
    const detected = detect('b\tid\nx\t1\nNULL\t2\n', { definition, fileName: '-' });
    expect(detected.settings).toMatchObject({ batch: true, header: true, columns: [{ name: 'b' }, { name: 'id' }] });
  });

  it('is known without a definition by NULLs or escapes under a header', () => {
    expect(detect('a\tb\n1\tNULL\n').settings).toMatchObject({ batch: true, header: true });
    expect(detect('a\tb\n1\tx\\ny\n').settings).toMatchObject({ batch: true, header: true });
  });

  it('is known by a header most of whose names are the table’s, the others being expressions', () => {
    const definition = table('id int, a text, b text');
    const { settings } = detect('id\tlength(a)\tb\n1\t5\tNULL\n', { definition, fileName: '-' });
    expect(settings).toMatchObject({ batch: true, columns: [{ name: 'id' }, { name: 'length(a)', type: 'S' }, {}] });
    const row = detect('1\tid\tx\n2\t\\N\ty\n', { definition, fileName: '-' }).settings;
    expect(row).toMatchObject({ batch: false, header: false });
  });

  it('reads NULL as text where --null is something else', () => {
    expect(detect('a\tb\n1\tNULL\n', { flags: { null: '\\N' } }).settings).toMatchObject({ nullText: 'text' });
  });

  it('without its header is known by flags only', () => {
    const definition = table('id int, a text');
    const flags = { format: 'mysql', null: 'NULL', header: false } as const;
    expect(detect('1\tNULL\n', { definition, flags }).settings).toMatchObject({ batch: true, header: false });
  });
});

describe('CSV', () => {
  it('is what a flag, a name or the lack of anything else says', () => {
    expect(detect('1\t\\N\n', { flags: { format: 'csv' }, definition: twoTexts }).dialect).toBe('csv');
    expect(detect('id,label\n1,a\n', { fileName: 'tokens.csv', definition: tokens }).dialect).toBe('csv');
    expect(detect('id,label\n1,a\n', { fileName: '-' }).dialect).toBe('csv');
    expect(detect('id,label\n1,\\N\n', { fileName: '-', flags: { null: '\\N' } })).toMatchObject({
      dialect: 'csv',
      settings: { nullText: '\\N' },
    });
  });

  it('with a header of the table and nothing of MySQL in it stays CSV beside a definition', () => {
    const definition = table('id int, a text');
    expect(detect('id,a\n1,x\n2,y\n', { definition })).toMatchObject({ dialect: 'csv', settings: { delimiter: ',' } });
  });

  it.each([
    ['a,b\n', 'x.csv', ','],
    ['a\tb,c\n', 'x.tsv', '\t'],
    ['a;b\n', 'x.csv', ';'],
    ['a\tb\n', '-', '\t'],
    ['a;b|c\n', 'x.csv', ','],
    ['', 'x.csv', ','],
  ])('%j in %s is separated by %j', (sample, fileName, delimiter) => {
    expect(detect(sample, { fileName })).toMatchObject({ dialect: 'csv', settings: { delimiter, header: true } });
  });

  it('takes flags as they are', () => {
    const flags = { delimiter: '|', quote: "'", escape: '\\', null: '-', header: false } as const;
    const { settings } = detect('a|b\n', { fileName: 'x.csv', flags });
    const told = { escapeTold: true, nullTold: true };
    expect(settings).toEqual({ delimiter: '|', quote: "'", escape: '\\', nullText: '-', header: false, ...told });
  });
});

describe("MySQL's text without a definition", () => {
  it('is known by \\N, and needs names for its columns', () => {
    const sample = fixture('tab/tokens.txt');
    expect(refusal(sample).hint).toMatch(/--schema.*--columns/);
    const flags = { columns: expectedSample().names, header: false };
    expect(detect(sample, { flags })).toMatchObject({
      dialect: 'mysql',
      settings: { fieldTerminator: '\t', columns: undefined },
    });
  });

  it('can have a header put before it', () => {
    const definition = table('id int, a text');
    expect(detect('id\ta\n1\t\\N\n2\tx\n', { definition }).settings).toMatchObject({ batch: false, header: true });
  });

  it('that ends before its first row does is read by the defaults', () => {
    expect(detect('', { definition: tokens })).toMatchObject({ dialect: 'mysql', settings: { fieldTerminator: '\t' } });
    const flags = { delimiter: '|', quote: '"' };
    expect(detect('1|2', { definition: tokens, flags }).settings).toMatchObject({
      fieldTerminator: '|',
      enclosure: '"',
    });
  });
});

describe('any dump of a table', () => {
  const definition = table('id int not null, t varchar(9), n double, b varbinary(9), d datetime');
  const row = fc.tuple(
    fc.nat(1_000).map(String),
    fc.option(
      fc.string({ unit: fc.constantFrom('a', ',', ';', '|', '^', '\t', '\n', '\\', '"', 'N', '😀'), maxLength: 6 }),
    ),
    fc.option(fc.nat(99).map(String)),
    fc.option(fc.uint8Array({ maxLength: 4 })),
    fc.option(fc.constant('2024-01-02 03:04:05')),
  );
  const options: fc.Arbitrary<OutfileOptions> = fc
    .record({
      terminatedBy: fc.constantFrom('\t', ',', ';', '|', '^'),
      enclosedBy: fc.constantFrom('', '"', "'"),
      optionally: fc.boolean(),
      escapedBy: fc.constant('\\'),
      linesTerminatedBy: fc.constantFrom('\n', '\r\n'),
    })
    .filter(({ enclosedBy, optionally }) => enclosedBy !== '' || !optionally);

  it('is read right, or a flag is asked for', () => {
    let asked = 0;
    let runs = 0;
    fc.assert(
      fc.property(fc.array(row, { minLength: 8, maxLength: 30 }), options, (rows, written) => {
        const types = ['number', 'text', 'number', 'binary', 'text'] as const;
        const file = encodeOutfile(rows, types, written);
        runs++;
        try {
          const { settings } = detect(file, { definition });
          expect(settings).toHaveProperty('columns', definition.columns);
          const dialect = mysqlDialect(settings as Parameters<typeof mysqlDialect>[0]);
          const { rows: read } = readMysql(dialect, file, [false, false, false, true, false]);
          expect(read.map(({ fields }) => fields)).toEqual(rows.map((values) => values.map(comparable)));
        } catch (error) {
          if (!(error instanceof ImportError) || error.code !== 'usage') throw error;
          asked++;
        }
      }),
      { numRuns: 200 },
    );
    expect(asked / runs).toBeLessThan(0.1);
  });

  it('or any bytes end in a format or a refusal', () => {
    const anyBytes = fc.array(fc.constantFrom(0, 9, 10, 13, 34, 44, 48, 65, 78, 92, 255), { maxLength: 200 });
    const flags = fc.record({
      format: fc.constantFrom('auto' as const, 'mysql' as const),
      delimiter: fc.constantFrom(undefined, '|'),
      quote: fc.constantFrom(undefined, '', '"'),
      header: fc.constantFrom(undefined, true, false),
      null: fc.constantFrom(undefined, 'NULL'),
    });
    fc.assert(
      fc.property(anyBytes, flags, fc.constantFrom(undefined, definition, twoTexts, bits), (bytes, changes, known) => {
        try {
          expect(detect(Buffer.from(bytes), { definition: known, flags: changes }).reason).not.toBe('');
        } catch (error) {
          expect(error).toBeInstanceOf(ImportError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
