import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type SqlSettings, sqlDialect } from '../../../src/input/sql/sql.ts';
import { encodeInsert, encodeLiteral } from '../../support/insert-encoder.ts';
import { binaryColumns, columnNames, sqlDumps } from './sql-dumps.ts';
import { chunkSizes, type ReadSql, readSql, wholeTokens } from './sql-files.ts';

const columns = columnNames.map((name) => ({ name }));
const appTokens: Partial<SqlSettings> = {
  ...{ table: { database: 'app', name: 'tokens' }, columns, unlisted: columnNames },
  ...{ characterSet: 'utf8mb4' },
};
const chunk = fc.constantFrom(...chunkSizes);

describe('a dump of several tables', () => {
  test('comes back as its values were written, at any chunk size', () => {
    fc.assert(
      fc.property(sqlDumps, chunk, (dump, chunkBytes) => {
        const { rows, error } = readSql(dump.bytes, appTokens, { binary: binaryColumns, chunkBytes });
        expect(error).toBeUndefined();
        expect(rows.map(({ fields }) => fields?.map(comparable))).toEqual(dump.rows.map((row) => row.map(comparable)));
      }),
      { numRuns: 300 },
    );
  });

  test('has each row at its place, and is gone on with after every row', () => {
    fc.assert(
      fc.property(sqlDumps, chunk, ({ bytes }, chunkBytes) => {
        const { rows } = readSql(bytes, appTokens, { binary: binaryColumns });
        rows.forEach((row, i) => {
          expect(bytes.toString('latin1', row.byteOffset, row.byteOffset + row.byteLength)).toBe(row.raw);
          const line = row.line + row.raw.split('\n').length - 1;
          const mark = { byteOffset: row.byteOffset + row.byteLength, line };
          const rest = readSql(bytes, appTokens, { binary: binaryColumns, chunkBytes, mark });
          expect(rest).toEqual({ rows: rows.slice(i + 1), error: undefined });
        });
      }),
      { numRuns: 100 },
    );
  });

  test('gives no wrong row where it is cut at any byte, and is told to be cut', () => {
    fc.assert(
      fc.property(sqlDumps, fc.double({ min: 0, max: 1, noNaN: true }), chunk, ({ bytes }, share, chunkBytes) => {
        const whole = readSql(bytes, appTokens, { binary: binaryColumns });
        const length = Math.floor(share * (bytes.length - 2));
        const cut = readSql(bytes.subarray(0, length), appTokens, { binary: binaryColumns, chunkBytes });
        expect(cut.rows).toEqual(whole.rows.slice(0, cut.rows.length));
        expect(cut.error?.code).toBe('source-truncated');
      }),
      { numRuns: 500 },
    );
  });
});

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

describe('what cannot be read is refused', () => {
  test.each([
    [
      "SET NAMES latin1;\nINSERT INTO tokens VALUES ('a');\n",
      'line 2 is written in latin1, but the dump began in utf8mb4',
    ],
    ["/*!40103 SET TIME_ZONE='+02:00' */;\nINSERT INTO tokens VALUES ('a');\n", 'another time zone'],
    [
      "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='ANSI,NO_BACKSLASH_ESCAPES' */;\nINSERT INTO tokens VALUES (1);\n",
      'NO_BACKSLASH_ESCAPES',
    ],
    [
      "SET sql_mode = CONCAT(@@sql_mode, ',no_backslash_escapes');\nINSERT INTO tokens VALUES (1,2,3);\n",
      'NO_BACKSLASH_ESCAPES',
    ],
    ["SET CHARSET 'latin1';\nINSERT INTO tokens VALUES (1,2,3);\n", 'is written in latin1'],
    ['SET CHARACTER SET gbk;\nINSERT INTO tokens VALUES (1,2,3);\n', 'is written in gbk'],
    ['INSERT INTO tokens SELECT * FROM other;\n', 'has no list of VALUES'],
    ['INSERT INTO tokens SET id = 1;\n', 'has no list of VALUES'],
    ['INSERT INTO tokens (raw, id, text) VALUES (1,2,3);\n', 'lists other columns, or in another order'],
    ['DELIMITER $$\nINSERT INTO tokens VALUES (1,2,3)$$\n', 'DELIMITER'],
    ["INSERT INTO tokens VALUES (1,'it's',3);\n", 'text follows a closing quote'],
    ['INSERT INTO tokens VALUES (1,"it"s",3);\n', 'text follows a closing quote'],
    ['INSERT INTO tokens VALUES (1,2,3) ON DUPLICATE KEY UPDATE id=1;\n', 'neither a comma nor a semicolon'],
    ['INSERT INTO tokens VALUES (1,2,3),;\n', 'a row is expected'],
    ['INSERT INTO tokens VALUES (1,2;3);\n', 'a semicolon stands inside a row'],
    ['USE a;\nINSERT INTO tokens VALUES (1,2,3);\nUSE b;\nINSERT INTO tokens VALUES (1,2,3);\n', 'in database "b"'],
  ])('%j', (text, message) => {
    for (const chunkBytes of chunkSizes) {
      const { error } = readSql(
        Buffer.from(text),
        { allowIncomplete: true, columns, unlisted: columnNames },
        { chunkBytes },
      );
      expect(error?.message).toContain(message);
      expect(error?.hint).toMatch(/^[A-Z].*\.$/);
    }
  });

  test('a mode of a trigger does not count for the rows after it', () => {
    const dump =
      "DELIMITER ;;\n/*!50003 SET sql_mode = 'NO_BACKSLASH_ESCAPES' */ ;;\n/*!50003 CREATE TRIGGER t SET x = '\\' */;;\n" +
      "/*!50003 SET sql_mode = @saved_sql_mode */ ;;\nDELIMITER ;\nINSERT INTO tokens VALUES ('\\'a');\n";
    for (const chunkBytes of chunkSizes) {
      expect(fieldsOf(readSql(Buffer.from(dump), { allowIncomplete: true }, { chunkBytes }))).toEqual([["'a"]]);
    }
  });

  test('a row longer than allowed, and a quote that is never closed', () => {
    const long = Buffer.from(`INSERT INTO tokens VALUES (1),(${'1,'.repeat(500)}1);\n`);
    const open = Buffer.from(`INSERT INTO tokens VALUES (1),('${'a'.repeat(1000)}`);
    for (const chunkBytes of [1, 64]) {
      expect(readSql(long, { maxRowBytes: 500 }, { chunkBytes }).error?.code).toBe('row-too-long');
      expect(readSql(open, { maxRowBytes: 500 }, { chunkBytes }).error?.code).toBe('unterminated-quote');
    }
    expect(readSql(long, { maxRowBytes: 500 }).error?.code).toBe('row-too-long');
  });
});

describe('the end of a dump', () => {
  const rows = 'INSERT INTO tokens VALUES (1);\n';

  test.each([
    ['-- Dump completed\n', undefined],
    ['-- Dump completed on 2026-11-26 23:31:40\n', undefined],
    ['-- Dump completed on 2026-11-26  3:31:40', undefined],
    ['-- Dump completed', 'source-truncated'],
    ['-- Dump completed on 2026-11-2', 'source-truncated'],
    ['', 'source-truncated'],
    [`-- Dump completed\n${rows}`, 'source-truncated'],
    ['/*\n-- Dump completed\n*/', 'source-truncated'],
  ])('%j', (end, code) => {
    for (const chunkBytes of chunkSizes)
      expect(readSql(Buffer.from(rows + end), {}, { chunkBytes }).error?.code).toBe(code);
  });

  test('need not be told where --allow-incomplete is given, but the statement must be whole', () => {
    expect(readSql(Buffer.from(rows), { allowIncomplete: true }).error).toBeUndefined();
    for (const cut of [
      'INSERT INTO tokens VALUES (1)',
      'INSERT INTO tokens VALUES (1),',
      'INSERT INTO tokens VALUES',
    ]) {
      expect(readSql(Buffer.from(cut), { allowIncomplete: true }).error?.code).toBe('source-truncated');
    }
  });
});

function fieldsOf({ rows, error }: ReadSql): unknown[] {
  expect(error).toBeUndefined();
  return rows.map(({ fields }) => fields);
}

function comparable(value: unknown): unknown {
  return value instanceof Uint8Array ? `x${Buffer.from(value).toString('hex')}` : value;
}

describe('statements of any length', () => {
  const chunkBytes = 64 * 1024;
  const rowsOf = (table: string, count: number) =>
    `INSERT INTO ${table} VALUES ${"(1,'it\\'s; (a) row',NULL),\n".repeat(count)}(2,'','');\n`;

  /** Bytes that are still kept after each chunk. */
  function carried(text: string): number[] {
    const framer = sqlDialect({ ...wholeTokens, allowIncomplete: true, maxRowBytes: 100_000 }).framer('dump.sql', 1);
    const bytes = Buffer.from(text);
    let given = 0;
    const kept: number[] = [];
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      const chunk = bytes.subarray(at, at + chunkBytes);
      const { starts, nexts, count } = framer.push(chunk);
      if (count > 0) given += nexts[count - 1]! - starts[0]!;
      kept.push(at + chunk.length - given);
    }
    framer.end();
    return kept;
  }

  test.each([
    ['the rows of the table', rowsOf('tokens', 200_000), 30],
    ['the rows of another table', rowsOf('users', 200_000), 30],
    ['a value of another table', `INSERT INTO users VALUES ('${"\\'*".repeat(1_000_000)}');\n`, 30],
    ['a comment', `/* ${"it's * ".repeat(300_000)}*/\n`, 30],
    ['a line of a comment', `-- ${"it's * ".repeat(300_000)}\n`, 5000],
    ['a CREATE TABLE', `CREATE TABLE t (${"a int COMMENT 'it''s',\n".repeat(100_000)} b int);\n`, 30],
    ['a SET statement', `SET @a = '${'x'.repeat(3_000_000)}';\n`, 2 * chunkBytes],
  ])('no more than the row under way is kept of %s', (_, text, mostBytes) => {
    expect(Math.max(...carried(`${rowsOf('tokens', 1)}${text}${rowsOf('tokens', 1)}`))).toBeLessThanOrEqual(mostBytes);
  });
});
