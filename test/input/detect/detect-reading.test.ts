import { describe, expect, it } from 'vitest';
import { ImportError } from '../../../src/domain/import-error.ts';
import { detectReading } from '../../../src/input/detect/detect-reading.ts';
import type { Reading } from '../../../src/input/detect/possible-readings.ts';
import { parseTableDefinitions, type TableDefinition } from '../../../src/input/mysql/definition/table-definition.ts';
import type { ReadingFlags } from '../../../src/input/reading-flags.ts';
import { fixture } from '../mysql/mysql-files.ts';

type Facts = { path?: string; definition?: TableDefinition | undefined; flags?: ReadingFlags };

function detect(sample: Buffer | string, { path, definition, flags = {} }: Facts = {}): Reading {
  return detectReading(Buffer.from(sample), {
    ...{ fileName: path ?? '-', path, definition, flags, isWhole: true },
    commandWith: (added) => ['import-tokens', path ?? '-', ...added].join(' '),
  });
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
const pair = table('id int NOT NULL, a varchar(9)');

describe('the first rule that holds decides', () => {
  const mysql = '1\tx\n2\t\\N\n';
  const batch = 'id\ta\n1\tx\n2\tNULL\n';
  const csv = 'id,a\n1,x\n2,\n';
  const sql =
    '-- MySQL dump 10.13\nUSE app;\nCREATE TABLE t (id int);\nINSERT INTO t VALUES (1),(2);\n-- Dump completed\n';
  type Rule = readonly [string, string, Facts, object];
  it.each<Rule>([
    ['1: --format', csv, { flags: { format: 'csv' }, definition: pair, path: 'a.txt' }, { dialect: 'csv' }],
    ['1: --format', mysql, { flags: { format: 'mysql' }, definition: pair, path: 'a.csv' }, { dialect: 'mysql' }],
    [
      '2: a flag of MySQL text',
      '1,x\n',
      { flags: { fieldsTerminatedBy: ',' }, definition: pair },
      { dialect: 'mysql' },
    ],
    [
      '2: a flag of CSV',
      'id;a\n1;x\n',
      { flags: { delimiter: ';' }, definition: pair, path: 'a.txt' },
      { dialect: 'csv' },
    ],
    [
      '1: --format',
      sql,
      { flags: { format: 'sql' } },
      { dialect: 'sql', reason: 'SQL dump, as --format says; table app.t, 1 column' },
    ],
    ['3: the head of an SQL dump', sql, { path: 'a.csv' }, { dialect: 'sql', settings: { table: { name: 't' } } }],
    ['3: of a pipe too', sql, {}, { dialect: 'sql' }],
    [
      '3: the schema that is given goes before that of the dump',
      sql,
      { definition: table('id varchar(9)', 't') },
      { dialect: 'sql', layout: { columns: [{ name: 'id', type: 'S' }] } },
    ],
    ['4: names of the table', batch, { definition: pair, path: 'a.csv' }, { settings: { batch: true, header: true } }],
    ['4: of a pipe too', batch, { definition: pair }, { settings: { batch: true, header: true } }],
    [
      '4: in another order, some',
      'a\nx\n',
      { definition: pair },
      { settings: { batch: true, columns: [{ name: 'a' }] } },
    ],
    [
      '4: name+0',
      'f+0\n5\n',
      { definition: table('f bit(8)') },
      { settings: { batch: true, columns: [{ type: 'N' }] } },
    ],
    [
      '6: a first line that names a column twice is a row',
      'a\ta\n',
      { definition: table('a varchar(9), b varchar(9)') },
      { settings: { batch: false, header: false } },
    ],
    ['5: a name that ends with .csv', csv, { definition: pair, path: 'a.csv.gz' }, { dialect: 'csv' }],
    ['6: a schema', mysql, { definition: pair, path: 'a.tsv' }, { dialect: 'mysql', settings: { batch: false } }],
    ['8: nothing', csv, { path: 'a.txt' }, { dialect: 'csv' }],
  ])('%s', (_, sample, facts, expected) => {
    expect(detect(sample, facts)).toMatchObject(expected);
  });

  it('7: a .tsv without a schema has to be told', () => {
    const error = refusal('id\ta\n1\tx\n', { path: 'a.tsv.gz' });
    expect(error).toMatchObject({ code: 'usage', hint: expect.stringContaining('--format mysql-batch') });
    expect(error.hint).toContain("--format csv --delimiter '\\t'");
  });

  it('a line with a name that the table lacks is not a header of mysql --batch', () => {
    expect(detect('1\tx\n', { definition: pair }).settings).toMatchObject({ batch: false });
    expect(refusal('id\ta\tb\n1\tx\ty\n', { definition: pair }).code).toBe('usage');
  });

  it('says how and why in one line', () => {
    const { reason } = detect(mysql, { definition: pair, path: 'a.txt' });
    expect(reason).toBe(
      'MySQL text, the defaults of mysqldump --tab; the definition of table "tokens" names 2 columns',
    );
  });
});

describe('flags of the other family', () => {
  it.each<[string, ReadingFlags, string]>([
    ['both', { delimiter: ',', fieldsTerminatedBy: ',' }, '--fields-terminated-by'],
    ['CSV', { format: 'csv', fieldsTerminatedBy: ';' }, 'Pass --delimiter.'],
    ['CSV', { format: 'csv', linesTerminatedBy: ';' }, 'Remove --lines-terminated-by'],
    ['MySQL text', { format: 'mysql', quote: '"' }, '--fields-optionally-enclosed-by'],
    ['MySQL text', { format: 'mysql', null: 'NULL' }, 'Remove --null'],
    ['MySQL text', { fieldsTerminatedBy: ',', header: true }, 'Remove --header'],
    ['mysql --batch', { format: 'mysql-batch', fieldsEscapedBy: '!' }, 'Remove --fields-escaped-by'],
  ])('are refused for %s with the right name', (_, flags, hint) => {
    const error = refusal('1\tx\n', { definition: pair, flags });
    expect(error.code).toBe('usage');
    expect(error.hint).toContain(hint);
  });
});

describe('a dump of MySQL', () => {
  it.each<[string, ReadingFlags]>([
    ['tab/tokens.txt', {}],
    ['enclosed/tokens.txt', { fieldsTerminatedBy: ',', fieldsEnclosedBy: '"', linesTerminatedBy: '\n' }],
    ['optionally-enclosed/tokens.txt', { fieldsTerminatedBy: ',', fieldsOptionallyEnclosedBy: '"' }],
    ['batch/tokens.tsv', {}],
  ])('%s is read by the options that made it', (path, flags) => {
    expect(detect(fixture(path), { path, definition: tokens, flags })).toMatchObject({ dialect: 'mysql' });
  });

  it.each<[string, ReadingFlags, string]>([
    ['refuse-no-escape/tokens.txt', { fieldsEscapedBy: '' }, '--fields-escaped-by='],
    ['refuse-escaped-by-quote/tokens.txt', { fieldsEnclosedBy: '"', fieldsEscapedBy: '"' }, '--fields-escaped-by='],
    ['refuse-batch-raw/tokens.tsv', { format: 'mysql-batch' }, 'mysql --batch --raw'],
    ['refuse-batch-raw/tokens.tsv', {}, 'mysql --batch --raw'],
  ])('%s is refused by name', (path, flags, cause) => {
    const error = refusal(fixture(path), { path, definition: tokens, flags });
    expect(error.code).toBe('undecodable');
    expect(error.message).toContain(cause);
    expect(error.hint).toContain('Dump it');
  });

  it('whose columns nothing names is refused', () => {
    const error = refusal('1\tx\n', { flags: { format: 'mysql' } });
    expect(error).toMatchObject({ code: 'schema-invalid', hint: expect.stringContaining('--schema') });
  });

  it('without its generated or invisible columns is known by the number of fields', () => {
    const definition = table('id int, a int as (id + 1) stored, b int invisible, c text');
    const namesOf = (sample: string) => detect(sample, { definition }).layout?.names.join();
    expect(namesOf('1\t2\t3\tx\n')).toBe('id,a,b,c');
    expect(namesOf('1\tx\n')).toBe('id,c');
  });

  it('that can have two sets of as many columns is asked about', () => {
    const definition = table('id int, a int as (id + 1) stored, b int invisible');
    expect(refusal('1\t2\n', { definition }).hint).toMatch(/--columns id,a or --columns id,b/);
    expect(detect('1\t2\n', { definition, flags: { columns: ['id', 'b'] } }).layout?.names).toEqual(['id', 'b']);
  });

  it('with a first row that equals --columns has a header', () => {
    const flags: ReadingFlags = { format: 'mysql', columns: ['id', 'a'] };
    expect(detect('id\ta\n1\tx\n', { flags }).settings).toMatchObject({ batch: false, header: true });
    expect(detect('1\tx\n', { flags }).settings).toMatchObject({ header: false });
  });

  it('with a first row of names that nobody told is refused', () => {
    const texts = table('id varchar(9), a varchar(9)');
    const error = refusal('id,a\nx,y\n', { definition: texts, flags: { fieldsTerminatedBy: ',' } });
    expect(error).toMatchObject({ code: 'usage', hint: expect.stringContaining('--columns id,a') });
  });

  it('whose lines all end with CR LF has to be told', () => {
    const error = refusal('1\tx\r\n2\ty\r\n', { definition: pair, path: 'a.txt' });
    expect(error.hint).toContain("Pass --lines-terminated-by '\\r\\n', or --types a=S");
    expect(detect('1\tx\r\n2\ty\n', { definition: pair }).settings).toMatchObject({ lineTerminator: '\n' });
  });

  it('whose texts are all quoted is asked about, by its own columns', () => {
    const dated = table('id int NOT NULL, a varchar(9), b varchar(9), c datetime');
    const sample = '1\t"x"\t\\N\t2024-01-01 00:00:00\n2\t"y"\t""\t\\N\n3\t\\N\t\\N\t\\N\n';
    expect(refusal(sample, { definition: dated }).hint).toBe(
      `Pass --fields-optionally-enclosed-by '"', or --types a=S,b=S if it belongs to the values.`,
    );
    const told: ReadingFlags = { types: { a: 'S', b: 'S' } };
    expect(detect(sample, { definition: dated, flags: told }).settings).toMatchObject({ enclosure: undefined });
    expect(refusal(sample.replaceAll('"', "'"), { definition: dated }).hint).toContain(`enclosed-by "'", or`);
    const oneBare = sample.replace('\t"y"', '\ty');
    expect(detect(oneBare, { definition: dated }).settings).toMatchObject({ enclosure: undefined });
    const named = refusal('"x"\t1\n"y"\t2\n', { flags: { format: 'mysql', columns: ['a', 'b'] } });
    expect(named.hint).toContain('--fields-optionally-enclosed-by');
  });

  it('most of whose texts are quoted is asked about if another separator is told', () => {
    const flags: ReadingFlags = { fieldsTerminatedBy: ',' };
    const sample = '1,"x"\n2,"y"\n3,z\n';
    expect(refusal(sample, { definition: pair, flags }).hint).toContain('--fields-optionally-enclosed-by');
    const told: ReadingFlags = { ...flags, types: { a: 'S' } };
    expect(detect(sample, { definition: pair, flags: told }).settings).toMatchObject({ enclosure: undefined });
  });

  it('that the client wrote is asked about only if no header shows that', () => {
    const flags: ReadingFlags = { format: 'mysql-batch' };
    expect(detect('id\ta\n1\t"x"\n', { definition: pair, flags }).settings).toMatchObject({ batch: true });
    const error = refusal('1\t"x"\n', { definition: pair, flags: { ...flags, header: false } });
    expect(error.hint).toContain('--format mysql --fields-optionally-enclosed-by');
  });

  it('is converted or not, as --default-character-set says', () => {
    const definition = table('id int, a varchar(9) CHARACTER SET latin1');
    const read = (name: string) => detect('1\tx\n', { definition, flags: { defaultCharacterSet: name } }).settings;
    expect(read('utf8mb4')).toMatchObject({ converted: true });
    expect(read('binary')).toMatchObject({ converted: false });
    expect(read('latin1')).toMatchObject({ converted: false });
    for (const name of ['latin2', 'sjis', 'latin9']) expect(() => read(name)).toThrow('cannot be read');
  });
});

describe('a sample that does not fit', () => {
  it('is refused with the faulty row and the only usual format that fits every row', () => {
    const error = refusal('1,"x"\n2,"y"\n', { definition: pair, path: 'a.txt' });
    expect(error.code).toBe('usage');
    expect(error.message).toContain('line 1: the row has 1 field where 2 are expected');
    expect(error.hint).toContain(
      `run: import-tokens a.txt --fields-terminated-by , --fields-optionally-enclosed-by '"'`,
    );
  });

  it('is suggested only what goes with --default-character-set, which stays in the command', () => {
    const definition = table('id int NOT NULL, a varchar(9) CHARACTER SET latin1');
    const flags = { defaultCharacterSet: 'utf8mb4' };
    const csv = refusal('id,a\n1,é\n', { definition, flags });
    expect(csv.hint).toContain('None of the usual formats fits every row');
    const enclosed = refusal('1,"é"\n', { definition, flags });
    expect(enclosed.hint).toContain('run: import-tokens - --fields-terminated-by , --fields-optionally-enclosed-by');
  });

  it('is told of the line ends of Windows, which no other suggestion leaves in a value', () => {
    const error = refusal('1,x\r\n2,y\r\n', { definition: pair, path: 'a.txt' });
    expect(error.hint).toContain(String.raw`a.txt --fields-terminated-by , --lines-terminated-by '\r\n'`);
  });

  it('is refused without a suggestion if no usual format fits every row, or more than one does', () => {
    const damaged = refusal('1,"x"\n2,"y"z\n', { definition: pair });
    expect(damaged.hint).toContain('None of the usual formats fits every row');
    const texts = table('a varchar(20), b varchar(20)');
    const two = refusal('a;b,c\nd;e,f\n', { definition: texts });
    expect(two.hint).toContain('More than one of the usual formats fits every row');
    expect(two.hint).toContain("--fields-terminated-by ';'");
  });

  it('that CSV and MySQL text read alike is suggested as what its name says', () => {
    const flags: ReadingFlags = { columns: ['id', 'a'] };
    expect(refusal('1;x\n2;y\n', { path: 'a.csv', flags }).hint).toContain("fits --delimiter ';'.");
    expect(refusal('1;x\r\n2;y\r\n', { path: 'a.csv', flags }).hint).toContain("fits --delimiter ';'.");
    expect(refusal('1;x\n2;y\n', { path: 'a.txt', definition: pair }).hint).toContain("--fields-terminated-by ';'");
  });

  it('is never suggested to be read with quotes left in any of its texts', () => {
    const texts = table('a varchar(20), b varchar(20)');
    expect(refusal('"a1",oops\n', { definition: texts }).hint).toContain('None of the usual formats');
  });

  it('of a table with bytes is not suggested to be CSV, which holds them as base64', () => {
    const bytes = table('id binary(2) NOT NULL, a varchar(9)');
    const sample = 'id\ta\n00ff\tx\n';
    expect(refusal(sample, { definition: bytes, path: 'a.tsv' }).hint).not.toContain('--delimiter');
  });

  it('names the options of its own format', () => {
    expect(refusal('secret;1\n', { path: 'a.csv' }).hint).toMatch(/such as --delimiter, --columns/);
    expect(refusal('1#x\n', { definition: pair, path: 'a.txt' }).hint).toMatch(/such as --fields-terminated-by/);
  });

  it('is left to the message if that says what to do', () => {
    const error = refusal('ab\tx\n', { definition: table('id binary(1) NOT NULL, a varchar(9)') });
    expect(error.message).toContain('--types id=HEX');
    expect(error.hint).toMatch(/^Do as the message says/);
    const letters = refusal('1\tx\n', { definition: table('id int, a int') });
    expect(letters.message).toContain('(it holds letters; --types a=S keeps text)');
    expect(letters.hint).toMatch(/^None of the usual formats/);
  });

  it('is refused for a column that cannot be read, whatever its rows are', () => {
    const error = refusal('1\t\0a\n', { definition: table('id int, a varchar(9) CHARACTER SET ucs2') });
    expect(error).toMatchObject({ code: 'undecodable', hint: expect.stringContaining('--format mysql-batch') });
    // Even omitted, such text may contain line ends.
    expect(error.hint).not.toContain('--omit');
  });

  it('is accepted if one row fits: the others are rejected one by one', () => {
    expect(detect('x\ty\n1\tz\nw\n', { definition: pair }).dialect).toBe('mysql');
  });

  it.each([
    ['a column of a character set that cannot be read', 'g varchar(9) CHARACTER SET gbk', 'x', '--omit g'],
    ['a value of two character sets', 'g varchar(9) CHARACTER SET latin1', 'é', '--default-character-set=utf8mb4'],
    ['a BIT column of digits', 'g bit(1)', '1', '--types g=N'],
  ])('is refused for %s if that is why no row fits', (_, column, value, hint) => {
    const error = refusal(`1\t${value}\n`, { definition: table(`id int NOT NULL, ${column}`) });
    expect(error.hint).toContain(hint);
    expect(error.hint).not.toContain('usual formats');
  });

  it('is refused if no row ends as told', () => {
    const error = refusal('1\tx\n2\ty\n', { definition: pair, flags: { linesTerminatedBy: '\r\n' }, path: 'a.txt' });
    expect(error.hint).toContain('--format mysql, or --format mysql-batch --no-header');
  });

  it('never shows a field', () => {
    const samples = ['secret1\tsecret2\n', 'secret1,secret2\n', 'secret1\n', 'secret1,"secret2\nsecret3\n'];
    for (const sample of samples) {
      const { message, hint } = refusal(sample, { definition: pair, path: 'a.csv' });
      expect(`${message} ${hint}`).not.toContain('secret');
    }
  });
});

describe('CSV', () => {
  it('is separated by commas unless --delimiter says otherwise, and its first row is the header', () => {
    expect(detect('id,a\n1,x\n', { path: 'a.csv' }).settings).toMatchObject({ delimiter: ',', header: true });
    expect(detect('id;a\n1;x\n', { flags: { delimiter: ';' } }).layout?.names).toEqual(['id', 'a']);
  });

  it.each([';', '\t', '|'])('with a header of one field that holds %j is refused with --delimiter', (delimiter) => {
    const error = refusal(`id${delimiter}a\n1${delimiter}x\n`, { path: 'a.csv' });
    expect(error.code).toBe('usage');
    expect(error.hint).toContain(`--delimiter ${delimiter === '\t' ? "'\\t'" : `'${delimiter}'`}`);
    expect(detect(`id${delimiter}a\n1${delimiter}x\n`, { flags: { delimiter: ',' } }).dialect).toBe('csv');
  });

  it('with a first row that names no column of the table is refused, and may be MySQL text', () => {
    const error = refusal('1\tx\n2\ty\n', { path: 'a.csv', definition: pair });
    expect(error.hint).toContain('--format mysql');
  });

  it('whose rows all end with the same separator may be MySQL text with another line terminator', () => {
    const flags: ReadingFlags = { format: 'csv', columns: ['id', 'a'] };
    const error = refusal('1,x|\n2,y|\n', { definition: pair, flags });
    expect(error.hint).toBe(
      "Pass --format mysql --lines-terminated-by '|\\n', or --types a=S if it belongs to the values.",
    );
    expect(refusal('id,v|\n1,x|\n', { definition: pair, flags: { format: 'csv' } }).hint).not.toContain('--types');
  });

  it('with a first row that equals --columns has a header, and says so', () => {
    const flags = { columns: ['id', 'a'] };
    const { settings, reason } = detect('id,a\n1,x\n', { flags });
    expect(settings).toMatchObject({ header: true });
    expect(reason).toContain('its first row equals --columns');
    expect(detect('1,x\n', { flags }).settings).toMatchObject({ header: false });
    expect(detect('id,a\n', { flags: { ...flags, header: false } }).settings).toMatchObject({ header: false });
  });

  it('ends its rows as the first after the header does, if there is a schema', () => {
    const read = (sample: string, definition?: TableDefinition) =>
      detect(sample, { path: 'a.csv', definition }).settings;
    expect(read('id,a\r\n1,x\n2,y\r\n', pair)).toMatchObject({ lineEndBytes: 1 });
    expect(read('id,a\n1,"x\n"\r\n', pair)).toMatchObject({ lineEndBytes: 2 });
    expect(read('id,a\r\n1,x\r\n')).toMatchObject({ lineEndBytes: undefined });
  });

  it('of an empty file is CSV without rows', () => {
    expect(detect('', { path: 'a.csv' }).dialect).toBe('csv');
  });
});

describe('a byte order mark', () => {
  it('is not part of a header', () => {
    expect(detect('\ufeffid\ta\n1\tx\n', { definition: pair }).settings).toMatchObject({ batch: true });
    expect(detect('\ufeffid,a\n1,x\n', { path: 'a.csv' }).layout?.names).toEqual(['id', 'a']);
  });
});

it('a file in another character set is refused with the program that converts it, and no other options', () => {
  const refused = refusal(Buffer.from('id,name\na,D\xe9\n', 'latin1'), { path: 'a.csv' });
  expect(refused.message).toContain('convert the file, for example with iconv');
  expect(refused.hint).toMatch(/^Do as the message says/);
});

describe('MySQL text that something else changed or wrote', () => {
  const texts = table('id varchar(9) NOT NULL, n varchar(9), PRIMARY KEY (id)');
  it.each<readonly [string, string, ReadingFlags, string, string]>([
    ['a byte order mark', '\ufeffa\tx\n', {}, 'byte order mark', 'tail -c +4 t.txt | import-tokens -'],
    ['NUL bytes, as in UTF-16', 'a\0\tx\0\n', {}, 'NUL bytes', 'without CHARACTER SET utf16'],
    ['the same start of every row', '>> a\tx\n>> b\ty\n', {}, 'every row begins with >>', '--types id=S if it'],
    [
      'a header that names the key',
      'ID\tsecret\na\tx\n',
      {},
      'its first row holds "id"',
      '--types id=S if it is a row',
    ],
    ['the verbose client', '--------------\nselect *\nfrom t\n--------------\n\nid\tn\n', {}, 'verbose output', '(-v)'],
    [
      'a header and the escapes of the server',
      'id\tn\na\tx\nb\t\\N\n',
      {},
      'an escape that mysql --batch does not write',
      'pass --format mysql --columns id,n if SELECT ... INTO OUTFILE wrote it',
    ],
  ])('%s is refused with a way out', (_, sample, flags, message, hint) => {
    const refused = refusal(sample, { definition: texts, path: 't.txt', flags });
    expect(refused.message).toContain(message);
    expect(refused.hint).toContain(hint);
    expect(`${refused.message}${refused.hint}`).not.toContain('secret');
  });

  it('is read where --types says that it is text, and where rows begin alike for another reason', () => {
    const types: ReadingFlags['types'] = { id: 'S' };
    for (const sample of ['>> a\tx\n>> b\ty\n', 'id\tx\na\tx\n']) {
      expect(detect(sample, { definition: texts, flags: { types } })).toMatchObject({ settings: { header: false } });
    }
    for (const sample of ['{"a":1}\tx\n{"b":2}\ty\n', 'x\tid\na\tx\n', '__a\tx\n_b\tx\n', '>> a\tx\n']) {
      expect(detect(sample, { definition: texts })).toMatchObject({ settings: { header: false } });
    }
  });
});
