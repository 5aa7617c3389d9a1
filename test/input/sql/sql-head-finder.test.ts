import { expect, test } from 'vitest';
import { readSqlHead } from '../../../src/input/sql/sql-head.ts';
import { SqlHeadFinder } from '../../../src/input/sql/sql-head-finder.ts';

const hostile = "INSERT INTO `users` VALUES (1,'); INSERT INTO `tokens` VALUES (9);\n'),\n(2,'\\'');\n";
const dump = Buffer.from(
  [
    "/*!50503 SET NAMES utf8mb4 */;\n/*!40103 SET TIME_ZONE='+00:00' */;\n",
    'CREATE DATABASE `app`;\nUSE `app`;\n',
    'CREATE TABLE `users` (`id` int, `name` text);\n',
    hostile.repeat(50),
    'DELIMITER ;;\nCREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW BEGIN INSERT INTO tokens VALUES (1); END ;;\nDELIMITER ;\n',
    'CREATE TABLE `tokens` (`token` int, `half` int AS (token) VIRTUAL);\n-- rows\n',
    `INSERT INTO \`tokens\` VALUES (1),(2)${',(3)'.repeat(200_000)};\n`,
    'CREATE TABLE `later` (`id` int);\n',
  ].join(''),
);

test.each([1, 7, 64, 4096, dump.length])('the head of a table that comes late, in chunks of %d bytes', (size) => {
  const finder = new SqlHeadFinder('app.tokens');
  let taken = 0;
  // Bytes one by one are enough for what comes before the rows.
  const isOver = () => taken >= dump.length || (size < 64 && taken > 20_000);
  while (!isOver() && !finder.push(dump.subarray(taken, taken + size))) taken += size;
  const { head } = finder;
  const tables = readSqlHead(head)!.tables.map(({ name, database, valueCount, characterSet, timeZone }) => {
    return { name, database, valueCount, characterSet, timeZone };
  });
  const session = { database: 'app', characterSet: 'utf8mb4', timeZone: '+00:00' };
  expect(tables).toEqual([
    { ...session, name: 'users', valueCount: undefined },
    { ...session, name: 'tokens', valueCount: 1 },
  ]);
  const linesBefore = (bytes: Buffer) => bytes.subarray(0, bytes.indexOf('-- rows')).toString().split('\n').length;
  expect(linesBefore(head)).toBe(linesBefore(dump));
  expect(head.includes('(9)')).toBe(false);
});
