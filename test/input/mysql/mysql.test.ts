import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseTableDefinitions } from '../../../src/input/mysql/definition/table-definition.ts';
import { mysqlDialect } from '../../../src/input/mysql/mysql.ts';
import type { MysqlSettings } from '../../../src/input/mysql/mysql-settings.ts';
import {
  encodeBatch,
  encodeOutfile,
  type OutfileOptions,
  outfileDefaults,
  type ServerType,
} from '../../support/mysql-encoder.ts';
import { comparable, expectedSample, fixture, readMysql, tableColumn } from './mysql-files.ts';

const chunkSizes = [1, 2, 3, 7, 65_536];
const columns = parseTableDefinitions(fixture('tab/tokens.sql').toString())[0]!.columns;
const expected = expectedSample();

const fullyEnclosed: Partial<MysqlSettings> = { fieldTerminator: ',', enclosure: '"' };
const samples: readonly [string, Partial<MysqlSettings>][] = [
  ['tab/tokens.txt', {}],
  ['enclosed/tokens.txt', fullyEnclosed],
  ['optionally-enclosed/tokens.txt', { ...fullyEnclosed, optionallyEnclosed: true }],
];

describe.each(samples)('%s, as a server wrote it', (path, settings) => {
  test.each(chunkSizes)('is read value by value as the server held it, in chunks of %i bytes', (chunkBytes) => {
    const { rows, error } = readMysql(
      mysqlDialect({ ...settings, columns }),
      fixture(path),
      expected.binary,
      chunkBytes,
    );
    expect(error).toBeUndefined();
    // Without enclosures, the word NULL in a column that may be NULL is most likely the client's.
    const isBare = (row: readonly (string | null)[]) => settings.enclosure === undefined && row.some(isNullWord);
    expect(rows.map((row) => row.fields ?? row.fault?.code)).toEqual(
      expected.rows.map((row) => (isBare(row) ? 'bare-null' : row)),
    );
  });

  test('is read alike without a table definition', () => {
    const { rows } = readMysql(mysqlDialect(settings), fixture(path), expected.binary);
    expect(rows.map((row) => row.fields)).toEqual(expected.rows);
  });
});

describe('mysql --batch', () => {
  const bytes = fixture('batch/tokens.tsv');
  const wordsAsNull = expected.rows.map((row) => row.map((value) => (isNullWord(value) ? null : value)));

  test.each(chunkSizes)('is exact but for the word NULL, in chunks of %i bytes', (chunkBytes) => {
    const dialect = mysqlDialect({ batch: true, header: true });
    const { rows, error } = readMysql(dialect, bytes, expected.binary, chunkBytes);
    expect(error).toBeUndefined();
    expect(rows.slice(1).map((row) => row.fields)).toEqual(wordsAsNull);
  });

  test('names its columns in a header', () => {
    const dialect = mysqlDialect({ batch: true, header: true });
    expect(readMysql(dialect, bytes, []).rows[0]?.fields).toEqual(expected.names);
  });

  test('gives the word NULL as text where it is told to, and where the column can hold no NULL', () => {
    const batch = Buffer.from('a\tb\nNULL\tNULL\n');
    const told = readMysql(mysqlDialect({ batch: true, nullText: 'text' }), batch, []);
    expect(told.rows[1]?.fields).toEqual(['NULL', 'NULL']);
    const [a, b] = parseTableDefinitions('create table t (a text not null, b text)')[0]!.columns;
    const known = readMysql(mysqlDialect({ batch: true, columns: [a!, b!] }), batch, []);
    expect(known.rows[1]?.fields).toEqual(['NULL', null]);
  });

  test('gives the word NULL as text only where a column can hold that text', () => {
    const definition = parseTableDefinitions(
      'create table t (a text, b varbinary(9), n double, d date, t time, s timestamp null, j json)',
    )[0]!;
    const batch = Buffer.from(`a\tb\tn\td\tt\ts\tj\n${new Array(7).fill('NULL').join('\t')}\n`);
    const read = readMysql(mysqlDialect({ batch: true, nullText: 'text', columns: definition.columns }), batch, []);
    expect(read.rows[1]?.fields).toEqual(['NULL', 'NULL', null, null, null, null, null]);
  });

  test.each([
    [
      'holds no text of four letters',
      "a char(3), b varchar(2), c binary(16), d bit(8), e bit(64), f enum('x'), g uuid",
      new Array(7).fill(null),
    ],
    [
      'may hold it',
      "a char(4), b varchar(5), c binary(4), d bit(32), e varbinary(9), f enum('NULL'), g set('Null')",
      ['NULL', 'NULL', 'NULL', String(0x4e_55_4c_4c), 'NULL', 'NULL', 'NULL'],
    ],
  ])('gives the word NULL as NULL or text where a column %s by its type', (_, sql, expected) => {
    const { columns } = parseTableDefinitions(`create table t (${sql})`)[0]!;
    const batch = Buffer.from(`a\tb\tc\td\te\tf\tg\n${new Array(7).fill('NULL').join('\t')}\n`);
    const read = readMysql(mysqlDialect({ batch: true, header: true, nullText: 'text', columns }), batch, []);
    expect(read.rows[1]?.fields).toEqual(expected);
  });

  test('rejects what no BIT column of that width can hold', () => {
    const { columns } = parseTableDefinitions('create table t (a bit(9), b bit(1))')[0]!;
    const batch = Buffer.from('a\tb\n\\0\x05\t\x01\n55\t\x01\n\\0\x05\t1\n5\t\x01\n');
    const { rows } = readMysql(mysqlDialect({ batch: true, header: true, columns }), batch, [true, true]);
    const [, ...results] = rows.map((row) => row.fields ?? row.fault?.code);
    expect(results).toEqual([['x0005', 'x01'], 'undecodable', 'undecodable', 'undecodable']);
  });

  test('rejects a row with a backslash that --raw left alone', () => {
    const { rows } = readMysql(mysqlDialect({ batch: true }), Buffer.from('1\tC:\\dir\n2\tok\n'), []);
    expect(rows[0]?.fault).toMatchObject({ code: 'undecodable', message: expect.stringContaining('field 2') });
    expect(rows[1]?.fields).toEqual(['2', 'ok']);
  });

  test('comes back as any values were written', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, binary), { minLength: 1, maxLength: 8 }),
        fc.constantFrom(...chunkSizes),
        (rows, chunk) => {
          const file = encodeBatch(['a', 'b'], rows);
          const read = readMysql(mysqlDialect({ batch: true, header: true }), file, [false, true], chunk);
          const held = rows.map((row) => row.map(comparable).map((value) => (isNullWord(value) ? null : value)));
          expect(read.rows.slice(1).map((row) => row.fields)).toEqual(held);
        },
      ),
    );
  });
});

const hostile = [
  '\0',
  '\t',
  '\n',
  '\r',
  '\r\n',
  '\\',
  '\\N',
  'N',
  'NULL',
  '"',
  "'",
  ',',
  ';',
  '|',
  '^',
  '\x1a',
  '😀',
  'é',
];
const text = fc.oneof(
  fc.constant(null),
  fc
    .array(fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 5 })
    .map((parts) => parts.join('')),
);
const byte = fc.oneof(fc.constantFrom(0, 9, 10, 13, 34, 39, 44, 59, 78, 92, 94, 124), fc.integer({ min: 0, max: 255 }));
const binary = fc.oneof(
  fc.constant(null),
  fc.array(byte, { maxLength: 8 }).map((bytes) => Uint8Array.from(bytes)),
);
const number = fc.oneof(
  fc.constant(null),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }).map(String),
  fc.constant('-1.5e300'),
);

/** Every character that may separate: ASCII, no line end, no part of a number or of an escape. */
const separators = Array.from({ length: 0x7f }, (_, code) => String.fromCharCode(code + 1)).filter(
  (char) => !/[\n\rA-Za-z0-9.+-]/.test(char),
);
const separator = fc.oneof(fc.constantFrom('\t', ',', ';', '|', '^', '"', "'"), fc.constantFrom(...separators));
const terminator = fc.oneof(separator, fc.constantFrom('||', '|,|', ';;', '\t\t', '\n', '\r', '|N'));

const outfileOptions = fc
  .record({
    terminatedBy: terminator,
    enclosedBy: fc.oneof(fc.constant(''), separator),
    optionally: fc.boolean(),
    escapedBy: fc.oneof(fc.constant('\\'), separator),
    linesTerminatedBy: fc.oneof(fc.constantFrom('\n', '\n', '\r\n', '|\n', ';0', '##\n'), terminator),
    linesStartingBy: fc.constantFrom('', '', '', '>', 'x:', '\n'),
  })
  .filter((options) => options.enclosedBy !== '' || !options.optionally)
  .filter(({ terminatedBy, enclosedBy, escapedBy, linesTerminatedBy }) => {
    const both = terminatedBy + linesTerminatedBy;
    const startsAlike = terminatedBy.startsWith(linesTerminatedBy) || linesTerminatedBy.startsWith(terminatedBy);
    return !startsAlike && enclosedBy !== escapedBy && !both.includes(escapedBy) && !both.includes(enclosedBy || '\0');
  });

const table = fc
  .array(fc.constantFrom<ServerType>('text', 'text', 'binary', 'number'), { minLength: 1, maxLength: 6 })
  .chain((types) => {
    const values = { text, binary, number, bit: binary };
    const row = fc.tuple(...types.map((type) => values[type]));
    return fc.record({ types: fc.constant(types), rows: fc.array(row, { maxLength: 12 }) });
  });

describe('any table', () => {
  it('comes back as the server held it, in every dialect and cut anywhere', () => {
    fc.assert(
      fc.property(
        table,
        outfileOptions,
        fc.constantFrom(...chunkSizes),
        fc.boolean(),
        ({ types, rows }, options, chunkBytes, known) => {
          const file = encodeOutfile(rows, types, options);
          const defined = known ? types.map((type, i) => tableColumn(`c${i}`, type)) : undefined;
          const dialect = mysqlDialect({ ...settingsFor(options), columns: defined });
          const { rows: read, error } = readMysql(
            dialect,
            file,
            types.map((type) => type === 'binary'),
            chunkBytes,
          );
          expect(error).toBeUndefined();
          const held = rows.map((row) => row.map(comparable));
          const isBare = (row: readonly (string | null)[]) =>
            known && options.enclosedBy === '' && row.some(isNullWord);
          const expectedRows = held.map((row) => (isBare(row) ? 'bare-null' : row));
          expect(read.map((row) => row.fields ?? row.fault?.code)).toEqual(expectedRows);
          expect(read.map((row) => row.raw).join('')).toBe(file.toString('latin1'));
        },
      ),
      { numRuns: 1_500 },
    );
  });

  it('is never taken for whole where its last row was cut short', () => {
    fc.assert(
      fc.property(
        table,
        outfileOptions,
        fc.nat(),
        fc.constantFrom(...chunkSizes),
        ({ types, rows }, options, cut, chunkBytes) => {
          const file = encodeOutfile(rows, types, options);
          const part = file.subarray(0, file.length === 0 ? 0 : cut % file.length);
          const { rows: read, error } = readMysql(
            mysqlDialect(settingsFor(options)),
            part,
            types.map(() => true),
            chunkBytes,
          );
          const whole = read.map((row) => row.raw).join('').length;
          expect(error?.code).toBe(whole === part.length ? undefined : 'source-truncated');
          const lines = read
            .map((row) => row.raw)
            .join('')
            .split('\n').length;
          if (error !== undefined) expect(error.message).toContain(`line ${lines} `);
        },
      ),
    );
  });
});

describe('a field', () => {
  const one = (row: string, settings: Partial<MysqlSettings> = {}, raw: readonly boolean[] = []) =>
    readMysql(mysqlDialect(settings), Buffer.from(`${row}\n`, 'latin1'), raw).rows[0];

  it('is NULL only where \\N is all of it, without quotes', () => {
    expect(one('\\N\t\\\\N\tN\tNULL')?.fields).toEqual([null, '\\N', 'N', 'NULL']);
    expect(one('"\\\\N",\\N', fullyEnclosed)?.fields).toEqual(['\\N', null]);
  });

  it('is freed of escapes before a byte, line ends and separators among them', () => {
    expect(one('a\\\tb\\\nc\\"d\\\\e\\0f')?.fields).toEqual(['a\tb\nc"d\\e\0f']);
    expect(one('"a\\\nb,c"', fullyEnclosed)?.fields).toEqual(['a\nb,c']);
  });

  it('is rejected where an escape stands before a letter, which MySQL does not write', () => {
    for (const row of ['1\tC:\\temp', '1\tDOMAIN\\user', '1\t\\Nothing']) {
      expect(one(row)?.fault).toMatchObject({
        code: 'undecodable',
        message: expect.stringMatching(/^field 2 .*escape/),
      });
    }
  });

  it('is rejected by its number and name where it is not UTF-8, but for binary columns', () => {
    expect(one('1\tcaf\xe9')?.fault).toEqual({ code: 'invalid-utf8', message: 'field 2 is not valid UTF-8' });
    const [a, b] = parseTableDefinitions('create table t (a int, label text)')[0]!.columns;
    expect(one('1\tcaf\xe9', { columns: [a!, b!] })?.fault).toMatchObject({ column: 'label' });
    expect(one('1\tcaf\xe9', {}, [false, true])?.fields).toEqual(['1', 'x636166e9']);
  });

  it('is rejected with the flag that keeps its bytes, where no table definition tells of it', () => {
    const message = one('1\tcaf\xe9', { names: ['id', 'print'] })?.fault?.message;
    expect(message).toBe('field 2 ("print") is not valid UTF-8; --types print=B keeps its bytes');
  });

  it('of a BIT column that the client wrote as a number is rejected with its flag', () => {
    const [id, flags] = parseTableDefinitions('create table t (id int, flags bit(1))')[0]!.columns;
    const message = one('1\t1', { batch: true, columns: [id!, flags!] })?.fault?.message;
    expect(message).toMatch(/pass --types flags=N if it was selected as a number \(flags\+0\)$/);
  });

  it('is rejected where MySQL would have enclosed it otherwise', () => {
    const optionally = { ...fullyEnclosed, optionallyEnclosed: true };
    expect(one('"1",NULL', fullyEnclosed)?.fault?.message).toMatch(/--fields-escaped-by=''/);
    expect(one('1,NULL', optionally)?.fault?.message).toMatch(/--fields-escaped-by=''/);
    expect(one('"1",2', fullyEnclosed)?.fault?.message).toMatch(/^field 2 is neither NULL nor in quotes/);
    expect(one('1,a"b', optionally)?.fault?.message).toMatch(/^field 2 has a quote inside/);
  });
});

describe('what needs no escape in JSON', () => {
  const plain = fc.constantFrom(
    'a',
    '0',
    ' ',
    '~',
    '\r',
    '\n',
    '"',
    "'",
    '\x01',
    '\x1f',
    '\x7f',
    '/',
    '\t',
    '|',
    '\\',
    'é',
  );
  const value = fc.array(plain, { maxLength: 3 }).map((parts) => parts.join(''));

  it('is said of no row that holds what does', () => {
    let said = 0;
    const rowsOf = fc.array(fc.tuple(value, value), { maxLength: 4 });
    const options = fc.constantFrom({}, { terminatedBy: '|' }, { terminatedBy: '"' }, { linesTerminatedBy: '\r\n' });
    fc.assert(
      fc.property(rowsOf, options, (rows, changes) => {
        const dialect = mysqlDialect(settingsFor({ ...outfileDefaults, ...changes }));
        const decoder = dialect.decoder([]);
        const framed = dialect.framer('dump.txt', 1).push(encodeOutfile(rows, ['text', 'text'], changes));
        for (let i = 0; i < framed.count; i++) {
          expect(decoder.decode(framed, i)).toBeUndefined();
          expect(decoder.fields).toEqual(rows[i]);
          if (!decoder.plain) continue;
          said++;
          for (const field of decoder.fields) expect(JSON.stringify(field)).toBe(`"${field}"`);
        }
      }),
      { numRuns: 500 },
    );
    expect(said).toBeGreaterThan(20);
  });
});

describe('a broken row', () => {
  it('stays alone: the rows before and after it are read', () => {
    const bytes = Buffer.from('"1","a"\n"2","b"x","c\\\nd"\n"3","e"\n');
    const { rows } = readMysql(mysqlDialect(fullyEnclosed), bytes, []);
    expect(rows.map((row) => row.fields ?? row.fault?.code)).toEqual([['1', 'a'], 'undecodable', ['3', 'e']]);
    expect(rows.map((row) => row.line)).toEqual([1, 2, 4]);
  });

  it('with too many or too few fields gives as many, for the caller to count', () => {
    const { rows } = readMysql(mysqlDialect(), Buffer.from('1\t2\t3\n\n4\t\n'), []);
    expect(rows.map((row) => row.fields)).toEqual([['1', '2', '3'], [''], ['4', '']]);
  });
});

describe('a row in other separators', () => {
  const read = (text: string, settings: Partial<MysqlSettings>) =>
    readMysql(mysqlDialect(settings), Buffer.from(text), []).rows;
  const codes = (text: string, settings: Partial<MysqlSettings>) =>
    read(text, settings).map((row) => row.fields ?? row.fault?.code);

  it('is rejected where the beginning of a terminator does not go on', () => {
    const settings = { fieldTerminator: '||', lineTerminator: '##\n' };
    expect(codes('1||a##\n2|b##\n3||c#d##\n4||\\|e\\###\n', settings)).toEqual([
      ['1', 'a'],
      'undecodable',
      'undecodable',
      ['4', '|e#'],
    ]);
    expect(codes('1\ta\r\n2\tb\rc\r\n3\td\r\n', { lineTerminator: '\r\n' })).toEqual([
      ['1', 'a'],
      'undecodable',
      ['3', 'd'],
    ]);
    expect(read('2|b##\n', settings)[0]?.fault?.message).toMatch(/a terminator is incomplete/);
  });

  it('is rejected without its prefix, and the rows around it are read', () => {
    const rows = read('>>1\ta\n2\tb\n>>3\tc\n', { lineStart: '>>' });
    expect(rows.map((row) => row.fields ?? row.fault?.code)).toEqual([['1', 'a'], 'undecodable', ['3', 'c']]);
    expect(rows[1]?.fault?.message).toBe(
      'the line does not begin with --lines-starting-by, so LOAD DATA would skip it',
    );
  });

  it('may end fields and lines alike at first, where one has to go on otherwise', () => {
    const settings = { fieldTerminator: '||', lineTerminator: '|\r\n' };
    expect(codes('1||a|\r\n2|||\r\n', settings)).toEqual([
      ['1', 'a'],
      ['2', ''],
    ]);
  });

  it('of a client for Windows is rejected where its line ends without a carriage return', () => {
    const settings = { batch: true, lineTerminator: '\r\n' };
    expect(codes('1\ta\rb\r\n2\tc\n3\td\r\n', settings)).toEqual([['1', 'a\rb'], 'undecodable', ['3', 'd']]);
  });
});

describe('an optionally enclosed row of known columns', () => {
  const { columns: known } = parseTableDefinitions(
    "create table t (id int not null, n int, t varchar(9), d date, e enum('a'), y year)",
  )[0]!;
  const read = (row: string) =>
    readMysql(mysqlDialect({ ...fullyEnclosed, optionallyEnclosed: true, columns: known }), Buffer.from(`${row}\n`), [])
      .rows[0];

  it('has quotes around what is a string to MySQL, and only there', () => {
    expect(read('1,\\N,"x","2024-01-01","a",2024')?.fields).toEqual(['1', null, 'x', '2024-01-01', 'a', '2024']);
    expect(read('1,2,x,"2024-01-01","a",2024')?.fault?.message).toMatch(/^field 3 .* neither NULL nor in quotes/);
    expect(read('1,2,"x",2024-01-01,"a",2024')?.fault?.message).toMatch(/^field 4 .* neither NULL nor in quotes/);
    expect(read('1,"2","x","2024-01-01","a",2024')?.fault?.message).toMatch(/^field 2 .* is in quotes/);
    expect(read('1,2,"x","2024-01-01","a","2024"')?.fault?.message).toMatch(/^field 6 .* is in quotes/);
  });

  it('is rejected where NULL is a word', () => {
    expect(read('1,NULL,"x","2024-01-01","a",2024')?.fault).toMatchObject({ code: 'bare-null', column: 'n' });
  });
});

describe('the bare word NULL', () => {
  const { columns: known } = parseTableDefinitions('create table t (id int, a text, b text not null, c date)')[0]!;
  const read = (row: string, changes: Partial<MysqlSettings> = {}) =>
    readMysql(mysqlDialect({ columns: known, ...changes }), Buffer.from(`${row}\n`), []).rows[0];

  it('is rejected in a column that may be NULL, with the format that writes it', () => {
    for (const row of ['1\tNULL\tx\t2024-01-01', '1\t\\\\\tNULL\tNULL', 'NULL\té\tx\t\\N']) {
      expect(read(row)?.fault).toMatchObject({
        code: 'bare-null',
        message: expect.stringContaining('--format mysql-batch --no-header'),
      });
    }
  });

  it('is found in every row of a chunk, also after rows without it and with it in other text', () => {
    const rows = ['1\ta\tx\t2024-01-01', '2\tNULL\tx\t2024-01-01', '3\tNULLS\tNULL\t2024-01-01'];
    const text = `${rows.join('\n')}\n`.repeat(3);
    const file = readMysql(mysqlDialect({ columns: known }), Buffer.from(text), []);
    expect(file.rows.map((row) => row.fault?.code)).toEqual(Array(3).fill([undefined, 'bare-null', undefined]).flat());
  });

  it('is text in a column that is never NULL, and within other text', () => {
    expect(read('1\tNULLS\tNULL\t2024-01-01')?.fields).toEqual(['1', 'NULLS', 'NULL', '2024-01-01']);
  });

  it('is let by in a column that is left out', () => {
    const omitted = { omitted: ['a', 'c'] };
    expect(read('1\tNULL\tx\tNULL', omitted)?.fields).toBeDefined();
  });
});

describe('a line end inside an enclosure', () => {
  it('has an escape before it, or the row is damaged and stays alone', () => {
    const { rows } = readMysql(mysqlDialect(fullyEnclosed), Buffer.from('"1","a"\n"2","b\n"3","c"\n'), [], 100);
    expect(rows.map((row) => row.fields ?? row.fault?.code)).toEqual([['1', 'a'], 'undecodable', ['3', 'c']]);
  });
});

describe('a file that can not be framed', () => {
  it('names the line where a quote was opened that is never closed', () => {
    const bytes = Buffer.from(`"1","a"\n"2","b${'x'.repeat(3_000)}`);
    const { rows, error } = readMysql(mysqlDialect({ ...fullyEnclosed, maxRowBytes: 1_000 }), bytes, [], 100);
    expect(rows.map((row) => row.fields)).toEqual([['1', 'a']]);
    expect(error?.code).toBe('unterminated-quote');
    expect(error?.message).toContain('line 2 ');
  });

  it('names the line of a row that is too long, whole or not', () => {
    const bytes = Buffer.from(`1\ta\n2\t${'x'.repeat(3_000)}\n`);
    for (const chunkBytes of [100, 65_536]) {
      const { error } = readMysql(mysqlDialect({ maxRowBytes: 1_000 }), bytes, [], chunkBytes);
      expect(error?.code).toBe('row-too-long');
      expect(error?.message).toContain('line 2 ');
    }
  });

  it('is empty: no rows, and no fault', () => {
    expect(readMysql(mysqlDialect(), Buffer.alloc(0), [])).toEqual({ rows: [], error: undefined });
  });
});

describe('settings', () => {
  it.each([
    { fieldTerminator: 'a' },
    { fieldTerminator: '' },
    { fieldTerminator: '1|' },
    { fieldTerminator: '\0' },
    { fieldTerminator: 'é' },
    { fieldTerminator: '|', lineTerminator: '|\n' },
    { fieldTerminator: '|\\' },
    { lineTerminator: '' },
    { lineTerminator: '\\\n' },
    { fieldTerminator: '","', enclosure: '"' },
    { lineStart: 'é' },
    { enclosure: '5' },
    { escape: '' },
    { escape: '"', enclosure: '"' },
    { fieldTerminator: '\\' },
  ])('%j are refused', (settings) => {
    expect(() => mysqlDialect(settings)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

describe('hostile bytes', () => {
  const anyBytes = fc.array(byte, { maxLength: 400 }).map((bytes) => Buffer.from(bytes));
  const sample = fc.constantFrom(...samples.map(([path]) => fixture(path)));
  const mutated = fc
    .tuple(
      sample,
      fc.array(fc.tuple(fc.nat(2_000), byte, fc.constantFrom('set', 'insert', 'remove')), { maxLength: 6 }),
    )
    .map(([file, changes]) => {
      const bytes = [...file];
      for (const [at, value, how] of changes) {
        bytes.splice(at % bytes.length, how === 'insert' ? 0 : 1, ...(how === 'remove' ? [] : [value]));
      }
      return Buffer.from(bytes);
    });

  it('give the same rows, rejects or refusal however they are cut, without losing a byte', () => {
    const settings = fc.constantFrom<Partial<MysqlSettings>>(
      ...samples.map(([, changes]) => changes),
      ...samples.map(([, changes]) => ({ ...changes, bits: 'escaped' as const })),
      ...samples.map(([, changes]) => ({ ...changes, bits: 'unproven' as const })),
      { batch: true },
      { batch: true, lineTerminator: '\r\n' },
      { lineTerminator: '\r\n' },
      { fieldTerminator: '\t\t', lineTerminator: '\n\n', lineStart: '1', bits: 'unproven' },
    );
    fc.assert(
      fc.property(
        fc.oneof(anyBytes, mutated),
        settings,
        fc.boolean(),
        fc.constantFrom(1, 2, 3, 7),
        (file, changes, known, chunkBytes) => {
          const dialect = mysqlDialect({ ...changes, columns: known ? columns : undefined });
          const whole = readMysql(dialect, file, expected.binary);
          const cut = readMysql(dialect, file, expected.binary, chunkBytes);
          expect(cut.rows).toEqual(whole.rows);
          expect(cut.error?.message).toBe(whole.error?.message);
          const framed = whole.rows.map((row) => row.raw).join('');
          expect(file.toString('latin1').startsWith(framed)).toBe(true);
          expect(whole.error !== undefined || framed.length === file.length).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

function isNullWord(value: string | null): boolean {
  return value === 'NULL' || value === 'x4e554c4c';
}

function settingsFor(options: OutfileOptions): Partial<MysqlSettings> {
  return {
    fieldTerminator: options.terminatedBy,
    enclosure: options.enclosedBy || undefined,
    optionallyEnclosed: options.optionally,
    escape: options.escapedBy,
    lineTerminator: options.linesTerminatedBy,
    lineStart: options.linesStartingBy ?? '',
  };
}
