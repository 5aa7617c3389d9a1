import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chooseDefinition,
  parseTableDefinitions,
  type TableDefinition,
} from '../../../../src/input/mysql/definition/table-definition.ts';
import { expectedSample, fixture } from '../mysql-files.ts';

const only = (sql: string) => {
  const definitions = parseTableDefinitions(sql);
  expect(definitions).toHaveLength(1);
  return definitions[0]!;
};
const names = (definition: TableDefinition) => definition.columns.map((column) => column.name);
const column = (declaration: string) => only(`CREATE TABLE t (${declaration})`).columns[0]!;

describe('the definitions beside the samples', () => {
  const folders = readdirSync(new URL('../../../fixtures/mysql', import.meta.url), { withFileTypes: true });
  const withDefinition = folders.filter((folder) => folder.isDirectory() && !/batch|bit/.test(folder.name));

  it.each(withDefinition.map((folder) => folder.name))('%s names the columns, their types and the key', (folder) => {
    const definition = only(fixture(`${folder}/tokens.sql`).toString());
    expect(definition.name).toBe('tokens');
    expect(definition.primaryKey).toEqual(['id']);
    expect(names(definition)).toEqual(expectedSample().names);
    expect(definition.columns.map((each) => each.type).join('')).toBe('NSNSSBBNNNSSNSS');
    const binary = definition.columns.filter((each) => each.binary).map(({ name }) => name);
    expect(binary).toEqual(['fingerprint', 'raw']);
    expect(definition.columns[12]).toMatchObject({ sqlType: 'bit(8)', bits: 8, nullable: true });
  });

  it('are found in hand-written SQL as well', () => {
    const definition = only(fixture('source.sql').toString());
    expect(names(definition)).toEqual(expectedSample().names);
    expect(definition.primaryKey).toEqual(['id']);
    expect(definition.columns[10]).toMatchObject({ sqlType: 'json', type: 'S' });
  });
});

const mysql8 = `
-- MySQL dump 10.13  Distrib 8.0.36-28, for Linux (x86_64) -- it's "Percona"
/*!50503 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS \`odd table\`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!50503 SET character_set_client = utf8mb4 */;
CREATE TABLE \`odd table\` (
  \`id\` binary(16) NOT NULL DEFAULT (uuid_to_bin(uuid())) COMMENT 'PRIMARY KEY, \`not\` this; (or ''that'') \\\\',
  \`a \`\`quoted\`\` name\` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'it''s, (a) "default"; -- no',
  \`kind,of\` enum('a,b','c''d','e)f','\\"') COLLATE utf8mb4_0900_ai_ci DEFAULT 'c''d',
  \`flags\` set('x','y') DEFAULT NULL,
  \`json\` json DEFAULT (json_object(_utf8mb4'k',_utf8mb4'v)')),
  \`total\` decimal(10,2) unsigned GENERATED ALWAYS AS (((\`a\` * 2) + 1)) STORED NOT NULL COMMENT 'generated',
  \`low\` varchar(64) GENERATED ALWAYS AS (lower(\`kind,of\`)) VIRTUAL,
  \`hidden\` int DEFAULT NULL /*!80023 INVISIBLE */,
  \`ts\` timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  \`place\` point NOT NULL /*!80003 SRID 4326 */,
  \`bits\` bit(12) NOT NULL DEFAULT b'0',
  \`key\` double DEFAULT NULL,
  PRIMARY KEY (\`id\`,\`a \`\`quoted\`\` name\`(10) DESC),
  UNIQUE KEY \`primary key\` (\`json\`),
  KEY \`functional\` ((cast(\`json\` as char(36) charset utf8mb4)),\`ts\`) /*!80000 INVISIBLE */ COMMENT 'a, b',
  FULLTEXT KEY \`ft\` (\`low\`) /*!50100 WITH PARSER \`ngram\` */ ,
  SPATIAL KEY \`sp\` (\`place\`),
  CONSTRAINT \`fk\` FOREIGN KEY (\`hidden\`) REFERENCES \`other\` (\`id\`) ON DELETE SET NULL,
  CONSTRAINT \`ck\` CHECK (((\`total\` > 0) and (\`low\` <> _utf8mb4'),;')))
) ENGINE=InnoDB AUTO_INCREMENT=5 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci COMMENT='CREATE TABLE \`no\` (x int);'
/*!50100 PARTITION BY RANGE (year(\`ts\`))
(PARTITION p0 VALUES LESS THAN (2000) ENGINE = InnoDB,
 PARTITION p1 VALUES LESS THAN MAXVALUE ENGINE = InnoDB) */;
`;

describe('a definition as MySQL 8 writes it', () => {
  const definition = only(mysql8);

  it('is read through names, defaults, comments and constraints that hold quotes and separators', () => {
    expect(definition.name).toBe('odd table');
    const expected = [
      'id',
      'a `quoted` name',
      'kind,of',
      'flags',
      'json',
      'total',
      'low',
      'hidden',
      'ts',
      'place',
      'bits',
      'key',
    ];
    expect(names(definition)).toEqual(expected);
    expect(definition.columns.map((each) => each.type).join('')).toBe('BSSSSNSNSBNN');
    expect(definition.columns[2]?.sqlType).toBe(`enum('a,b','c''d','e)f','\\"')`);
  });

  it('has a composite key, without the lengths of its prefixes', () => {
    expect(definition.primaryKey).toEqual(['id', 'a `quoted` name']);
  });

  it('tells generated, invisible and nullable columns', () => {
    const those = (what: 'generated' | 'invisible' | 'nullable') =>
      definition.columns.filter((each) => each[what]).map((each) => each.name);
    expect(those('generated')).toEqual(['total', 'low']);
    expect(those('invisible')).toEqual(['hidden']);
    expect(those('nullable')).toEqual(['kind,of', 'flags', 'json', 'low', 'hidden', 'key']);
    expect(definition.columns[10]?.bits).toBe(12);
  });
});

const mariadb = `/*M!999999\\- enable the sandbox mode */
CREATE OR REPLACE TABLE IF NOT EXISTS app.\`t\` (
  \`id\` uuid NOT NULL DEFAULT uuid(),
  \`doc\` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(\`doc\`)),
  \`body\` mediumtext /*M!100301 COMPRESSED*/ DEFAULT NULL,
  \`old\` varchar(10) GENERATED ALWAYS AS (concat(\`id\`,',')) PERSISTENT,
  \`secret\` blob INVISIBLE DEFAULT NULL,
  \`row_start\` timestamp(6) GENERATED ALWAYS AS ROW START,
  \`row_end\` timestamp(6) GENERATED ALWAYS AS ROW END,
  PRIMARY KEY (\`id\`,\`row_end\`),
  PERIOD FOR SYSTEM_TIME (\`row_start\`, \`row_end\`)
) ENGINE=InnoDB WITH SYSTEM VERSIONING;`;

describe('a definition as MariaDB writes it', () => {
  it('is read with its own comments, types and periods', () => {
    const definition = only(mariadb);
    expect(definition.name).toBe('t');
    expect(names(definition)).toEqual(['id', 'doc', 'body', 'old', 'secret', 'row_start', 'row_end']);
    expect(definition.columns.map((each) => each.type).join('')).toBe('SSSSBSS');
    expect(definition.primaryKey).toEqual(['id', 'row_end']);
    expect(definition.columns[4]?.invisible).toBe(true);
  });
});

describe('a column', () => {
  it.each([
    [
      'N',
      [
        'tinyint(1)',
        'smallint',
        'mediumint',
        'int(11) unsigned zerofill',
        'bigint',
        'decimal(38,10)',
        'numeric',
        'float',
      ],
    ],
    [
      'N',
      [
        'double precision',
        'real',
        'year(4)',
        'boolean',
        'serial',
        'integer',
        'int unsigned',
        'fixed(5,2)',
        'bit',
        'bit(64)',
      ],
    ],
    [
      'S',
      ['char(3)', 'varchar(9) charset latin1', 'tinytext', 'longtext', "enum('bit')", "set('int')", 'date', 'time(3)'],
    ],
    ['S', ['datetime', 'timestamp(6)', 'json', 'national varchar(3)', 'character varying(9)', 'inet6', 'uuid', 'long']],
    ['B', ['binary(3)', 'varbinary(9)', 'tinyblob', 'blob', 'longblob', 'geometry', 'multipolygon']],
    [
      'B',
      [
        'vector(3)',
        'varchar(9) character set binary',
        'text charset binary',
        'char(5) byte',
        'long varbinary',
        'point',
      ],
    ],
  ])('is %s where it is declared %j', (type, declarations) => {
    for (const declaration of declarations) {
      expect.soft(column(`c ${declaration}`), declaration).toMatchObject({ type, binary: type === 'B' });
    }
  });

  it('keeps as much of its SQL type as decides the type', () => {
    expect(column('c BIGINT(20)  UNSIGNED NOT NULL').sqlType).toBe('bigint(20) unsigned');
    expect(column('c Double Precision default 1').sqlType).toBe('double precision');
    expect(column('c varchar(9) character set utf8mb4').sqlType).toBe('varchar(9)');
  });

  it('has a BIT width, 1 where none is given', () => {
    expect(column('c bit').bits).toBe(1);
    expect(column('c bit(17)').bits).toBe(17);
    expect(column('c int')).not.toHaveProperty('bits');
  });

  it('lists the members of an ENUM or SET without the escapes of SHOW CREATE TABLE', () => {
    const declared = String.raw`enum('a\\b','c''d','n\nl','r\rx','q"x','nul\0x','per\\%c','a,b','(',')','','\'') NOT NULL`;
    const members = ['a\\b', "c'd", 'n\nl', 'r\rx', 'q"x', 'nul\0x', 'per\\%c', 'a,b', '(', ')', '', "'"];
    expect(column(`c ${declared}`).members).toEqual(members);
    expect(column(`c set('x','') character set latin1`).members).toEqual(['x', '']);
    expect(column('c ENUM ( "a""b" , "c" )').members).toEqual(['a"b', 'c']);
    for (const other of ["varchar(9) default 'a'", 'enum(a, b)', "enum('a' 'b')", 'enum()']) {
      expect(column(`c ${other}`), other).not.toHaveProperty('members');
    }
  });

  it('lists any members as they were before they were escaped', () => {
    const escapes: Readonly<Record<string, string>> = {
      ...{ '\0': String.raw`\0`, '\n': String.raw`\n`, '\r': String.raw`\r` },
      ...{ '\\': String.raw`\\`, "'": "''" },
    };
    const member = fc.string({
      unit: fc.oneof(fc.constantFrom(...Object.keys(escapes), '"', '`', ',', ')', '0', 'n', '%'), fc.string()),
    });
    fc.assert(
      fc.property(fc.array(member, { minLength: 1 }), fc.constantFrom('enum', 'set'), (members, type) => {
        const list = members.map((text) => `'${text.replace(/[\0\n\r\\']/g, (char) => escapes[char]!)}'`);
        expect(column(`c ${type}(${list.join(',')}) NOT NULL`)).toMatchObject({ members, nullable: false });
      }),
    );
  });

  it('can be the key by itself, and is not NULL then', () => {
    const definition = only('create temporary table t (a int primary key, b int null)');
    expect(definition.primaryKey).toEqual(['a']);
    expect(definition.columns.map((each) => each.nullable)).toEqual([false, true]);
  });

  it('can have a word for a name, and a name in double quotes', () => {
    expect(names(only('CREATE TABLE "t" ("a b" int, value int, status text, "c""d" int)'))).toEqual([
      'a b',
      'value',
      'status',
      'c"d',
    ]);
  });
});

describe('several statements', () => {
  const dump = `
    /*!50001 CREATE VIEW \`v\` AS SELECT 1 AS \`a\`*/;
    CREATE TABLE a (x int); INSERT INTO a VALUES ('CREATE TABLE q (y int);'), ('\\'); CREATE TABLE r (z int);');
    # CREATE TABLE s (z int);
    -- CREATE TABLE s (z int);
    /* CREATE TABLE s (z int); */
    CREATE TABLE b LIKE a; CREATE TABLE c AS SELECT 1;
    CREATE TABLE b (y text)`;

  it.each([
    'mysqldump: [Warning] Using a password on the command line interface can be insecure.',
    "mysqldump: Error: 'Access denied; you need the PROCESS privilege' when trying to dump tablespaces",
    "/usr/bin/mysqldump: Deprecated program name. Use '/usr/bin/mariadb-dump' instead",
    "Warning: A partial dump from a server that has GTIDs; it isn't complete.",
  ])('may follow a line of the client: %s', (line) => {
    for (const eol of ['\n', '\r\n']) {
      expect(names(only(`${line}${eol}CREATE TABLE t (a int,${eol}b int)`))).toEqual(['a', 'b']);
      expect(names(only(`CREATE TABLE t (a int,${eol}${line}${eol}b int)`))).toEqual(['a', 'b']);
    }
  });

  it('give every table that is created with columns', () => {
    expect(parseTableDefinitions(dump).map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('let the dump choose by its name, packed or not', () => {
    const definitions = parseTableDefinitions(dump);
    for (const file of ['/data/b.txt', 'b.txt.gz', 'b.tsv', 'b'])
      expect(chooseDefinition(definitions, file).name).toBe('b');
  });

  it('are no choice where none is named like the dump: its tables are listed', () => {
    const choose = () => chooseDefinition(parseTableDefinitions(dump), 'c.txt');
    expect(choose).toThrow(
      expect.objectContaining({ code: 'schema-invalid', message: expect.stringContaining('"a", "b"') }),
    );
  });

  it('are no choice where there are none, or two of one name', () => {
    expect(() => chooseDefinition([], 'c.txt')).toThrow(/no CREATE TABLE/);
    const twice = parseTableDefinitions('create table a (x int); create table a (y int);');
    expect(() => chooseDefinition(twice, 'a.txt')).toThrow(/more than one table named "a"/);
  });

  it('with one table leave no choice, whatever the name of the dump', () => {
    expect(chooseDefinition(parseTableDefinitions('create table a (x int)'), 'export-2024.txt').name).toBe('a');
  });
});

describe('text that is no SQL', () => {
  it('gives definitions or none, and never a fault', () => {
    const pieces = [
      'create',
      ' table ',
      't',
      '(',
      ')',
      ',',
      ';',
      '`',
      "'",
      '"',
      '\\',
      '/*',
      '*/',
      '/*!5',
      '--',
      '#',
      '\n',
      ' ',
      'key',
      'primary key',
      'int',
      '.',
    ];
    const noise = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(''));
    const cut = fc.nat(mysql8.length).map((length) => mysql8.slice(0, length));
    fc.assert(
      fc.property(fc.oneof(noise, cut, fc.string({ unit: 'binary' })), (sql) => {
        for (const definition of parseTableDefinitions(sql)) expect(definition.columns.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });
});

it('takes the character set of a text column from it, else from the table', () => {
  const [definition] = parseTableDefinitions(`CREATE TABLE \`t\` (
    \`a\` varchar(9) CHARACTER SET utf16 COLLATE utf16_bin COMMENT 'charset=x', \`b\` enum('charset x') NOT NULL,
    \`c\` int CHECK (c in (1, 2)), \`d\` varchar(9) CHARACTER SET binary
  ) ENGINE=InnoDB DEFAULT CHARSET=latin1 COMMENT='CHARACTER SET big5'`);
  expect(definition?.columns.map(({ characterSet }) => characterSet)).toEqual([
    'utf16',
    'latin1',
    undefined,
    undefined,
  ]);
  const [other] = parseTableDefinitions(
    'create table t (a text) default character set = ucs2; create table u (a text)',
  );
  expect(other?.columns[0]?.characterSet).toBe('ucs2');
});

it('takes it from no expression, and from a collation if nothing else names it', () => {
  const cast = (set: string) => `(cast(\`a\` as char(9) charset ${set}))`;
  const [definition] = parseTableDefinitions(`CREATE TABLE t (
    \`a\` varchar(9) GENERATED ALWAYS AS ${cast('utf8mb4')} VIRTUAL, \`b\` text DEFAULT ${cast('utf8mb4')},
    \`c\` text CHECK (\`c\` <> ${cast('sjis')}), \`d\` varchar(9) COLLATE koi8r_bin,
    \`e\` varchar(9) COLLATE uca1400_ai_ci, \`f\` varchar(9) CHARACTER SET utf8mb4 COLLATE uca1400_ai_ci
  ) COLLATE=latin1_swedish_ci`);
  const sets = definition?.columns.map(({ characterSet }) => characterSet);
  expect(sets).toEqual(['latin1', 'latin1', 'latin1', 'koi8r', 'latin1', 'utf8mb4']);
});
