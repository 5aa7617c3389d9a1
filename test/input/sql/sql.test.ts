import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sqlDialect } from '../../../src/input/sql/sql.ts';
import type { SqlSettings } from '../../../src/input/sql/sql-settings.ts';
import { binaryColumns, columnNames, sqlDumps } from './sql-dumps.ts';
import { chunkSizes, fieldsOf, readSql, wholeTokens } from './sql-files.ts';

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
    ['mysqldump: [Warning] A password is insecure.\nINSERT INTO tokens VALUES (1,2,3);\n', 'line 1 is not an SQL'],
    ['USE app;\n(1,2,3);\n', 'line 2 is not an SQL statement'],
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

  test('USE needs no semicolon, as in the client', () => {
    const dump = 'use `app`\nINSERT INTO tokens VALUES (1);\nuse other; INSERT INTO tokens VALUES (2);\nUSE app\n;;\n';
    for (const chunkBytes of chunkSizes) {
      const settings = { allowIncomplete: true, table: { database: 'app', name: 'tokens' } };
      expect(fieldsOf(readSql(Buffer.from(dump), settings, { chunkBytes }))).toEqual([['1']]);
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
