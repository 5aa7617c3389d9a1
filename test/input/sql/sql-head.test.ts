import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSqlHead, tableSettings, valueColumns } from '../../../src/input/sql/sql-head.ts';
import { sqlDumps } from './sql-dumps.ts';
import { hexOf, readSql, sample, truth } from './sql-files.ts';

function headOf(text: string) {
  return readSqlHead(Buffer.from(text));
}

describe('the head of a dump', () => {
  test('of mysqldump names its table with its columns, character set and time zone', () => {
    const { tables, hasEnd } = readSqlHead(sample('insert-mysql97.sql'))!;
    expect(hasEnd).toBe(true);
    expect(tables).toHaveLength(1);
    const [table] = tables;
    expect(table).toMatchObject({ name: 'tokens', characterSet: 'utf8mb4', timeZone: '+00:00', valueCount: 20 });
    expect(table!.definition).toMatchObject({ primaryKey: ['token'], timestampsInUtc: true });
    const names = table!.definition!.columns.map(({ name }) => name);
    expect(valueColumns(table!).map(({ name }) => name)).toEqual(names.filter((name) => name !== 'g'));
  });

  test('of MariaDB lists generated columns too', () => {
    const [table] = readSqlHead(sample('insert-mariadb.sql'))!.tables;
    expect(valueColumns(table!).map(({ name }) => name)).toEqual(table!.list);
    expect(table!.list).toContain('g');
  });

  test('of mydumper has no definition', () => {
    const [table] = readSqlHead(sample('insert-mydumper.sql'))!.tables;
    expect(table).toMatchObject({ name: 'tokens', characterSet: 'binary', timeZone: '+00:00', valueCount: 20 });
    expect(table!.definition).toBeUndefined();
    expect(valueColumns(table!)[0]).toEqual({ name: 'token' });
  });

  test('tells the tables of all databases, but none that only a trigger or a string names', () => {
    const head = headOf(
      "-- MySQL dump 10.13\nCREATE DATABASE a;\nUSE `a`;\nCREATE TABLE t (x int COMMENT 'CREATE TABLE no (y int);');\n" +
        'INSERT INTO t VALUES (1);\nDELIMITER ;;\nCREATE TRIGGER r AFTER INSERT ON t FOR EACH ROW BEGIN INSERT INTO log VALUES (1); END;;\n' +
        'DELIMITER ;\nUSE `b`;\nCREATE TABLE `t` (`z` int);\nINSERT INTO c.u (p, q) VALUES (1,2);\n',
    )!;
    expect(
      head.tables.map(({ database, name, definition, list }) => [database, name, definition?.columns[0]?.name, list]),
    ).toEqual([
      ['a', 't', 'x', undefined],
      ['b', 't', 'z', undefined],
      ['c', 'u', undefined, ['p', 'q']],
    ]);
  });

  test('gives what its rows are read by', () => {
    const limits = { allowIncomplete: false, maxRowBytes: 4 * 1024 * 1024 };
    for (const name of ['insert-mysql97.sql', 'insert-mariadb.sql']) {
      const bytes = sample(name);
      const [table] = readSqlHead(bytes)!.tables;
      const settings = tableSettings(table!, limits);
      const binary = settings.columns.map(({ type }) => type === 'B');
      const { rows, error } = readSql(bytes, settings, { binary });
      expect(error).toBeUndefined();
      const read = rows.map(({ fields }) => fields!.map((field, i) => hexOf(field, settings.columns[i]!.bits)));
      expect(read).toEqual(truth(name.replace('insert', 'truth').replace('.sql', '.tsv')));
    }
  });

  test('reads statements with and without a list alike, where the list is that of the table', () => {
    const text = 'CREATE TABLE t (a int, b int);\nINSERT INTO t (a, b) VALUES (1,2);\nINSERT INTO t VALUES (3,4);\n';
    const settings = tableSettings(headOf(text)!.tables[0]!, { allowIncomplete: true, maxRowBytes: 1000 });
    expect(readSql(Buffer.from(text), settings).rows.map(({ fields }) => fields)).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
    const other = text.replace('(a, b) VALUES', '(b, a) VALUES');
    const turned = tableSettings(headOf(other)!.tables[0]!, { allowIncomplete: true, maxRowBytes: 1000 });
    expect(readSql(Buffer.from(other), turned).error?.message).toContain('line 3 lists no columns');
  });

  test.each([
    ['INSERT INTO t VALUES (1,2,3);', ['a', 'g', 'b']],
    ['INSERT INTO t VALUES (1,2);', ['a', 'b']],
    ['INSERT INTO t (B, `a`) VALUES (1,2);', ['b', 'a']],
    ['INSERT INTO t (a, other) VALUES (1,2);', ['a', 'other']],
    ['', ['a', 'b']],
    ['INSERT INTO t VALUES (1,', ['a', 'b']],
  ])('the columns of %j are told by its list or the number of its values', (insert, names) => {
    const create = 'CREATE TABLE t (a int, g int AS (a) STORED, b int, i int INVISIBLE);\n';
    expect(valueColumns(headOf(create + insert)!.tables[0]!).map(({ name }) => name)).toEqual(names);
  });

  test('is understood wherever it is cut', () => {
    fc.assert(
      fc.property(sqlDumps, fc.double({ min: 0, max: 1, noNaN: true }), ({ bytes }, share) => {
        const cut = readSqlHead(bytes.subarray(0, 20 + Math.floor(share * bytes.length)))!;
        const whole = readSqlHead(bytes)!;
        const namesOf = ({ tables }: typeof whole) => tables.map(({ database, name }) => `${database}.${name}`);
        expect(namesOf(whole).slice(0, cut.tables.length)).toEqual(namesOf(cut));
      }),
    );
  });

  test('is in the character set that mysqldump sets for a CREATE TABLE alone', () => {
    const create = "CREATE TABLE `t` (`é` enum('ä') NOT NULL);\n";
    const bytes = Buffer.concat([
      Buffer.from('/*!40101 SET NAMES latin1 */;\n/*!40101 SET @saved_cs_client = @@character_set_client */;\n'),
      Buffer.from(`/*!50503 SET character_set_client = utf8mb4 */;\n${create}`),
      Buffer.from('/*!40101 SET character_set_client = @saved_cs_client */;\n'),
      Buffer.from("INSERT INTO `t` (`é`) VALUES ('ä');\n", 'latin1'),
    ]);
    const [table] = readSqlHead(bytes)!.tables;
    expect(table).toMatchObject({ characterSet: 'latin1', list: ['é'] });
    expect(table!.definition!.columns).toMatchObject([{ name: 'é', members: ['ä'] }]);
  });

  test.each([
    'token,user_id\na,1\n',
    'set,names\n1,2\n',
    'insert\tinto\n1\t2\n',
    'use,of\n',
    '-- a comment\n1,2\n',
    '# MySQL\n1,2\n',
    '{"a":1}\n',
    '',
    '1\t2\n',
    'create,table\n',
    'DROP me a line\n',
  ])('%j is no SQL dump', (text) => {
    expect(headOf(text)).toBeUndefined();
  });

  test.each([
    '/*!40101 SET NAMES binary*/;\n',
    '/*M!999999\\- enable the sandbox mode */ \n',
    '-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB\n',
    '-- phpMyAdmin SQL Dump\n',
    '-- Adminer 4.8.1 MySQL 8.0 dump\n',
    'SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";\n',
    'insert ignore into t values (1);',
    'REPLACE INTO t VALUES (1);',
    'CREATE TABLE `t` (a int);',
    '\n\nUSE `app`;\n',
    '\ufeff-- MySQL dump 10.13\n',
  ])('%j begins an SQL dump', (text) => {
    expect(headOf(text)).toBeDefined();
  });
});
