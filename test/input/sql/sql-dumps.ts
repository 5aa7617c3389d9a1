import fc from 'fast-check';
import { encodeInsert, encodeLiteral, type LiteralStyle } from '../../support/insert-encoder.ts';
import type { ServerValue } from '../../support/mysql-encoder.ts';

/** A dump of several tables, and what one of them holds. */
export type SqlDump = { readonly bytes: Buffer; readonly rows: readonly (readonly ServerValue[])[] };

/** Of the columns of every table: an id, a text, and bytes. */
export const columnNames = ['id', 'text', 'raw'];
export const binaryColumns = [false, false, true];

const hostile = [
  "); INSERT INTO `tokens` VALUES (1,'x',NULL);\n",
  "'),('",
  "','",
  '","',
  '-- ',
  '#',
  '/*',
  '*/',
  '/*!',
  '`',
  ';',
  '(',
  ')',
  ',',
  "'",
  '"',
  '\\',
  "\\'",
  '\\\\',
  "''",
  '\\N',
  'NULL',
  '\0',
  '\n',
  '\r\n',
  '\x1a',
  'é',
  '😀',
  '%',
  '_',
  '-- Dump completed\n',
  'DELIMITER ;;\n',
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 5 })
  .map((parts) => parts.join(''));
const byte = fc.oneof(fc.constantFrom(0, 10, 26, 34, 39, 40, 41, 44, 59, 92), fc.integer({ min: 0, max: 255 }));
const bytes = fc.array(byte, { maxLength: 8 }).map((list) => Uint8Array.from(list));
const number = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }).map(String),
  fc.constantFrom('-1.5e300', '0.0000000001', '1e20', '-0.5', '7'),
);

type WrittenRow = { readonly values: ServerValue[]; readonly literals: Buffer[] };

const row: fc.Arbitrary<WrittenRow> = fc
  .tuple(
    fc.tuple(number, fc.constantFrom<LiteralStyle>('bare', 'single')),
    fc.tuple(fc.option(text), fc.constantFrom<LiteralStyle>('single', 'double', 'doubled', 'convert')),
    fc.tuple(fc.option(bytes), fc.constantFrom<LiteralStyle>('single', 'introduced', 'hex', 'x', 'double')),
  )
  .map((cells) => ({
    values: cells.map(([value]) => value),
    literals: cells.map(([value, style]) => encodeLiteral(value, style)),
  }));

/** Table names as they are written; those that mean the table that is read come first. */
const ownNames = ['`tokens`', 'tokens', '"tokens"', '`app`.`tokens`', 'app.tokens'];
const otherNames = ['`users`', '`tokens_old`', '`other`.`tokens`', '`to``kens`', 'token'];

const noise = [
  '\n',
  '-- Table structure for table `tokens`\n--\n',
  '# a comment with a quote: it\'s "here"\n',
  "/* a comment; INSERT INTO `tokens` VALUES (1,'it''s',NULL); */",
  '/*!40000 ALTER TABLE `tokens` DISABLE KEYS */;\n',
  'LOCK TABLES `tokens` WRITE;\nUNLOCK TABLES;\n',
  "CREATE TABLE `tokens` (`id` bigint COMMENT 'it''s; a -- (table)' DEFAULT '\\'', KEY (`id`));\n",
  'DELIMITER ;;\n/*!50003 CREATE TRIGGER t AFTER INSERT ON tokens FOR EACH ROW BEGIN\n' +
    "INSERT INTO `tokens` VALUES (9,'trigger',NULL); END */;;\nDELIMITER ;\n",
  '/*!999999\\- enable the sandbox mode */ \n',
  '/*M!999999\\- enable the sandbox mode */ \n',
];

const statement = fc.record({
  verb: fc.constantFrom('INSERT INTO', 'INSERT IGNORE INTO', 'REPLACE INTO', 'insert into', 'INSERT  INTO'),
  own: fc.boolean(),
  name: fc.nat(4),
  listed: fc.boolean(),
  between: fc.constantFrom('', '\n', ' ', '\r\n  '),
  rows: fc.array(row, { minLength: 1, maxLength: 4 }),
});

/** Dumps of `tokens` in the database `app` and of five other tables, with everything that can stand between. */
export const sqlDumps: fc.Arbitrary<SqlDump> = fc
  .array(fc.tuple(fc.constantFrom(...noise), statement), { maxLength: 6 })
  .map((parts) => {
    const pieces: Buffer[] = [Buffer.from('-- MySQL dump 10.13\n\n/*!50503 SET NAMES utf8mb4 */;\nUSE `app`;\n')];
    const rows: ServerValue[][] = [];
    for (const [before, { own, name, listed, rows: written, verb, between }] of parts) {
      const table = (own ? ownNames : otherNames)[name]!;
      const literals = written.map((one) => one.literals);
      pieces.push(Buffer.from(before));
      pieces.push(encodeInsert({ verb, table, between, rows: literals, ...(listed && { columns: columnNames }) }));
      if (own) rows.push(...written.map(({ values }) => values));
    }
    pieces.push(Buffer.from('\n-- Dump completed on 2026-11-26 23:31:40\n'));
    return { bytes: Buffer.concat(pieces), rows };
  });
