import { planted } from '../../support/planted.ts';

const head = `-- MySQL dump 10.13  Distrib 9.7.4, for Linux (x86_64)
--
-- Host: localhost    Database: app
-- ------------------------------------------------------
/*!50503 SET NAMES utf8mb4 */;
/*!40103 SET TIME_ZONE='+00:00' */;
`;

export const endOfDump = '-- Dump completed on 2026-11-26 23:31:40\n';

/** A dump as mysqldump writes it, with this text between its head and its end. */
export function dumpOf(...parts: readonly string[]): string {
  return `${head}\n${parts.join('\n')}\n${endOfDump}`;
}

/** The table `name` of the columns token, user_id and note, without rows. */
export function createTable(name: string): string {
  const columns = '  `token` varchar(64) NOT NULL,\n  `user_id` bigint unsigned NOT NULL,\n  `note` text,';
  return `DROP TABLE IF EXISTS \`${name}\`;\nCREATE TABLE \`${name}\` (\n${columns}\n  PRIMARY KEY (\`token\`)\n);\n`;
}

/** An extended INSERT statement for the tuples. */
export function insertInto(name: string, tuples: readonly string[]): string {
  return `LOCK TABLES \`${name}\` WRITE;\nINSERT INTO \`${name}\` VALUES ${tuples.join(',')};\nUNLOCK TABLES;\n`;
}

/** Tuples of tokens numbered from `first`. */
export function tuples(count: number, first = 0): string[] {
  return Array.from({ length: count }, (_, i) => `('${planted}-t${first + i}',${first + i},'it''s \\"${i}\\"')`);
}

/** The whole dump of one table with this many rows, in statements of 100. */
export function tokensDump(count: number): string {
  const all = tuples(count);
  const statements: string[] = [];
  for (let i = 0; i < count; i += 100) statements.push(insertInto('tokens', all.slice(i, i + 100)));
  return dumpOf(createTable('tokens'), ...statements);
}
