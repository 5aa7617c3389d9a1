import { describe, expect, test } from 'vitest';
import { encodeInsert, encodeLiteral } from '../../support/insert-encoder.ts';
import { columnNames } from './sql-dumps.ts';
import { fieldsOf, readSql } from './sql-files.ts';

const columns = columnNames.map((name) => ({ name }));

describe('literals', () => {
  test.each([
    ['NULL', null],
    ['null', null],
    ['0', '0'],
    ['-1.50', '-1.50'],
    ['1e20', '1e20'],
    ['-1.5E-300', '-1.5E-300'],
    ['.5', '.5'],
    ["'a''b'", "a'b"],
    ['\'a""b\'', 'a""b'],
    ['"a""b\'\'"', "a\"b''"],
    ["'\\0\\b\\n\\r\\t\\Z\\\\\\'\\\"'", '\0\b\n\r\t\x1a\\\'"'],
    ["'\\%\\_\\a'", '\\%\\_a'],
    ["_utf8mb4'é'", 'é'],
    ["_utf8mb3 'é'", 'é'],
    ["_latin1 '\\\xe9'", 'é'],
    ['_latin1 0xe9', 'é'],
    ['CONVERT(\'{\\"a\\": 1}\' USING utf8mb4)', '{"a": 1}'],
    ['convert( "é" using UTF8MB4 )', 'é'],
    ["''", ''],
  ])('%s is read as MySQL reads it', (literal, value) => {
    const isLatin = literal.includes('\xe9') && literal.includes('latin1');
    const dump = Buffer.from(`INSERT INTO tokens VALUES ( ${literal} ,1);\n`, isLatin ? 'latin1' : 'utf8');
    expect(readSql(dump, { allowIncomplete: true }).rows[0]?.fields).toEqual([value, '1']);
  });

  test.each([
    ["_binary 'a\\0\xff'", '6100ff'],
    ['0xDEADBEEF', 'deadbeef'],
    ['0xf', '0f'],
    ["x'00ff'", '00ff'],
    ["X''", ''],
    ["b'100000001'", '0101'],
    ['0b1', '01'],
    ['_binary 0x00', '00'],
  ])('%s is bytes', (literal, hex) => {
    const dump = Buffer.from(`INSERT INTO tokens VALUES (${literal},1);\n`, 'latin1');
    for (const binary of [[], [true]]) {
      const [field] = readSql(dump, { allowIncomplete: true }, { binary }).rows[0]!.fields!;
      expect(Buffer.from(field as Uint8Array).toString('hex')).toBe(hex);
    }
  });

  test.each([
    ["b'1000000001'", '513'],
    ['0x0201', '513'],
    ["_binary '\x02\\0'", '512'],
    ["'\x02\\n'", '522'],
    ['513', '513'],
    ["b''", '0'],
    ['NULL', null],
  ])('%s is the number of a BIT column', (literal, value) => {
    const dump = Buffer.from(`INSERT INTO tokens VALUES (${literal});\n`, 'latin1');
    const settings = { allowIncomplete: true, columns: [{ name: 'f', type: 'B' as const, bits: 10 }] };
    expect(readSql(dump, settings, { binary: [true] }).rows[0]?.fields).toEqual([value]);
  });

  test.each([
    ['NOW()', 'is NOW, not a literal'],
    ['DEFAULT', 'is DEFAULT, not a literal'],
    ['TRUE', 'is TRUE, not a literal'],
    ["UNHEX('00')", 'is UNHEX, not a literal'],
    ["CONVERT('a', CHAR)", 'is CONVERT, not a literal'],
    ["secret('x')", 'is an expression, not a literal'],
    ['1+1', 'is an expression, not a literal'],
    ['1-1', 'is an expression, not a literal'],
    ['1.2.3', 'is an expression, not a literal'],
    ['- 1', 'is an expression, not a literal'],
    ['', 'is an expression, not a literal'],
    ["x'0'", 'is an expression, not a literal'],
    ['0x', 'is an expression, not a literal'],
    ['NULLIF', 'is NULLIF, not a literal'],
    ['1 /* one */', 'is an expression, not a literal'],
    ["_nosuch 'a'", 'is written in character set nosuch, which is not known'],
    ["_gbk 'a'", "is text in character set gbk, which can't be read"],
  ])('%s is refused, and the row alone is rejected', (literal, why) => {
    const dump = Buffer.from(`INSERT INTO tokens VALUES (1,${literal},'x'),(2,'y','z');\n`);
    const { rows, error } = readSql(dump, { allowIncomplete: true, columns });
    expect(error).toBeUndefined();
    expect(rows[0]?.fault).toEqual({ code: 'undecodable', column: 'text', message: `field 2 ("text") ${why}` });
    expect(rows[1]?.fields).toEqual(['2', 'y', 'z']);
  });

  test('bytes in a number column are refused, because MySQL takes them for another number', () => {
    const dump = Buffer.from("INSERT INTO tokens VALUES (0x31),(x'31'),(31);\n");
    const settings = { allowIncomplete: true, columns: [{ name: 'n', type: 'N' as const }] };
    const { rows } = readSql(dump, settings);
    expect(rows.map(({ fields, fault }) => fields ?? fault?.message)).toEqual([
      'field 1 ("n") is a number written as bytes',
      'field 1 ("n") is a number written as bytes',
      ['31'],
    ]);
  });

  test('a value of hundreds of thousands of bytes in any style is read', () => {
    const value = Buffer.alloc(300_000, "a'\\\n\0");
    for (const style of ['single', 'double', 'doubled', 'introduced', 'hex', 'x'] as const) {
      const rows = [[encodeLiteral(value, style)], [encodeLiteral('1', 'bare')]];
      const dump = encodeInsert({ verb: 'INSERT INTO', table: 'tokens', rows, between: '' });
      const read = readSql(
        dump,
        { allowIncomplete: true, maxRowBytes: 10_000_000 },
        { binary: [true], chunkBytes: 65_536 },
      );
      expect(value.equals(read.rows[0]!.fields![0] as Uint8Array)).toBe(true);
      expect(read.rows).toHaveLength(2);
    }
  });
});

describe('character sets', () => {
  const dump = Buffer.from(
    "SET NAMES latin1;\nINSERT INTO tokens VALUES ('caf\xe9','\x80'),('plain','x');\n",
    'latin1',
  );

  test('text of a single-byte set is converted as the server converts it', () => {
    expect(fieldsOf(readSql(dump, { allowIncomplete: true, characterSet: 'latin1' }))).toEqual([
      ['café', '€'],
      ['plain', 'x'],
    ]);
  });

  test('bytes that are not UTF-8 are rejected with their column', () => {
    const { rows } = readSql(Buffer.from("INSERT INTO tokens VALUES (1,'\xff'),(2,'\xc3\xa9');\n", 'latin1'), {
      ...{ allowIncomplete: true, columns },
    });
    expect(rows[0]?.fault).toMatchObject({ code: 'invalid-utf8', column: 'text' });
    expect(rows[1]?.fields).toEqual(['2', 'é']);
  });

  test('under SET NAMES binary a text is in the set of its column', () => {
    const mydumper = Buffer.from(
      '/*!40101 SET NAMES binary*/;\nINSERT INTO tokens VALUES ("\xe9","\xc3\xa9");\n',
      'latin1',
    );
    const text = { type: 'S' as const };
    const settings = {
      ...{ allowIncomplete: true, characterSet: 'binary' },
      columns: [
        { name: 'a', ...text, characterSet: 'latin1' },
        { name: 'b', ...text, characterSet: 'utf8mb4' },
      ],
    };
    expect(fieldsOf(readSql(mydumper, settings))).toEqual([['é', 'é']]);
  });

  test.each(['gbk', 'sjis', 'utf16', 'nosuch'])('a dump under SET NAMES %s is refused by name', (characterSet) => {
    expect(() => readSql(dump, { characterSet })).toThrow(`character set ${characterSet}`);
  });
});
