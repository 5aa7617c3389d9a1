import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ImportError } from '../../src/domain/import-error.ts';
import { csvDialect } from '../../src/input/csv/csv.ts';
import { RowReader } from '../../src/input/row-reader.ts';
import { RunningHash } from '../../src/input/source-hash.ts';
import { refuseUnsupportedBytes, refuseUnsupportedFormat } from '../../src/input/unsupported-formats.ts';
import { plainCsv } from './csv/csv-files.ts';
import { textSource } from './text-source.ts';

function refusalOf(sample: string | Buffer, fileName = 'tokens.csv'): string | undefined {
  const bytes = typeof sample === 'string' ? Buffer.from(sample) : sample;
  try {
    refuseUnsupportedFormat(bytes, fileName);
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    expect(error.code).toBe('undecodable');
    return `${error.message} | ${error.hint}`;
  }
  return undefined;
}

/** The header of a tar archive, with the name of its first file. */
function tarHead(name: string): Buffer {
  const head = Buffer.alloc(1024);
  head.write(name, 0);
  head.write('ustar\0', 257);
  return head;
}

function zipHead(firstEntry: string): Buffer {
  const head = Buffer.alloc(30 + firstEntry.length);
  head.write('PK\x03\x04', 0);
  head.writeUInt16LE(firstEntry.length, 26);
  head.write(firstEntry, 30);
  return head;
}

describe('bytes that are no text are named, with what to do', () => {
  test.each([
    ['a tar archive', tarHead('tokens.csv'), 'tokens.tar.gz', 'tar -xzOf tokens.tar.gz | import-tokens -'],
    ['a tar archive', tarHead('tokens.csv'), 'my tokens.tgz', "tar -xzOf 'my tokens.tgz' | import-tokens -"],
    ['a tar archive', tarHead('tokens.csv'), 'tokens.tar', 'tar -xOf tokens.tar | import-tokens -'],
    ['a tar archive', tarHead('tokens.csv'), 'standard input', '… | tar -xOf - | import-tokens -'],
    ['a zip archive', zipHead('tokens.csv'), 'tokens.zip', 'unzip -p tokens.zip | import-tokens -'],
    ['a zip archive', zipHead('tokens.csv'), 'standard input', '… | funzip | import-tokens -'],
    ['an Excel workbook', zipHead('[Content_Types].xml'), 'book.xlsx', 'Save the sheet as "CSV UTF-8"'],
    ['an Excel workbook', zipHead('xl/workbook.xml'), 'book.xlsx', 'Save the sheet as "CSV UTF-8"'],
    ['an Excel workbook', Buffer.from('d0cf11e0a1b11ae10000', 'hex'), 'book.xls', 'Save the sheet as "CSV UTF-8"'],
    ['an SQLite database', Buffer.from('SQLite format 3\0\x10\0'), 'tokens.db', 'sqlite3 -header -csv'],
    ['a Parquet file', Buffer.from('PAR1\x15\x04'), 'tokens.parquet', 'duckdb -csv'],
    ['gzip twice', gzipSync('id\n1\n'), 'tokens.csv.gz', 'gzip -dc tokens.csv.gz | import-tokens -'],
    ['UTF-16', Buffer.from('\ufeffid,name\n', 'utf16le'), 'tokens.csv', 'iconv -f UTF-16'],
    ['UTF-16', Buffer.from('id,name\n', 'utf16le'), 'tokens.csv', 'iconv -f UTF-16'],
  ])('%s', (what, bytes, fileName, hint) => {
    expect(refusalOf(bytes, fileName)).toContain(what);
    expect(refusalOf(bytes, fileName)).toContain(hint);
    expect(() => refuseUnsupportedBytes(bytes.subarray(0, 512), fileName)).toThrow(what);
  });
});

const warning = 'mysql: [Warning] Using a password on the command line interface can be insecure.\n';

describe('text in another format is named, with what to do', () => {
  test.each([
    ['JSON lines', '{"id":"1","name":"a"}\n{"id":"2","name":"b"}\n', 'it is JSON'],
    ['one JSON line without an end', '{"id":"1"}', 'it is JSON'],
    ['a JSON list on one line', '[{"id":"1"},{"id":"2"}]\n', 'it is JSON'],
    ['a JSON list, an object a line', '[{"id":"1"},\n{"id":"2"},\n{"id":"3"}]\n', 'it is JSON'],
    ['a JSON list in lines', '[\n  {\n    "id": 1\n  }\n]\n', 'it is JSON'],
    ['a JSON list cut within its only line', '[{"id":"1","name":"a"},{"id"', 'it is JSON'],
    ['mysql --table', '+----+------+\n| id | name |\n+----+------+\n|  1 | a    |\n', 'without --table (-t)'],
    ['mysql --vertical', `${'*'.repeat(27)} 1. row ${'*'.repeat(27)}\n  id: 1\n`, 'without --vertical (-E)'],
    ['mysql --html', '<TABLE BORDER=1><TR><TH>id</TH></TR>\n', 'without --html (-H)'],
    ['mysql --xml', '<?xml version="1.0"?>\n\n<resultset statement="select 1">\n', 'it is XML'],
    ['a page', '<!DOCTYPE html>\n<html>\n', 'it is an HTML page'],
    ['a warning of the client', `${warning}id\tn\nk1\t1\n`, 'drop the line with tail -n +2'],
    ['two warnings', `${warning}${warning}id\tn\nk1\t1\n`, '2>/dev/null'],
    ['a warning alone', 'mysqldump: [Warning] Using a password', '2>/dev/null'],
    ['a warning of MariaDB', "mariadb: Deprecated program name. Use 'x' instead\nid\n1\n", '2>/dev/null'],
    [
      'an old warning',
      'Warning: Using a password on the command line interface can be insecure.\r\nid\r\n',
      '2>/dev/null',
    ],
    ['an error of the client', 'ERROR 1045 (28000): Access denied for user\n', 'holds an error of the MySQL client'],
    ['statements after a warning', `${warning}-- MySQL dump 10.13\n`, 'drop the line with tail -n +2'],
    ['statements', 'INSERT INTO `tokens` VALUES (1);\n', 'Pass --format sql'],
    ["Excel's first line", 'sep=;\r\nid;name\r\n', "Drop that line with tail -n +2 and pass --delimiter ';'."],
    ["Excel's first line in quotes", '"sep=,"\nid,name\n', "pass --delimiter ','."],
    ["Excel's first line of a tab", 'sep=\t\nid\tname\n', "pass --delimiter '\\t'."],
    ['a byte order mark before', '\ufeffsep=;\nid;name\n', "Excel's sep=;"],
  ])('%s', (_, text, said) => {
    expect(refusalOf(text)).toContain(said);
  });
});

describe('rows that resemble another format pass', () => {
  test.each([
    ['a header in quotes', '"id","name"\n"1","a"\n'],
    ['a JSON document in the first field', '{"a":1},x\n{"a":2},y\n'],
    ['a JSON document before an empty field', '{"a":1},\n{"a":2},\n'],
    ['a JSON document before an empty field of MySQL text', '{"a":1}\t\n{"a":2}\t\n'],
    ['a JSON document in some rows', '{"a":1}\nx\n'],
    ['brackets', '[id],[name]\n[1],[a]\n'],
    ['a list in the first field', '[{"a":1}]\tx\n[{"a":2}]\ty\n'],
    ['a token that begins with a magic number', 'PAR1abc,1\nPK,2\n'],
    ['a name of the client', 'mysql: a database,1\nmysqldump: a tool,2\n'],
    ['an error in a first field', 'ERROR 1045 (28000): denied,1\nok,2\n'],
    ['a plus sign', '+49,a\n+-+,b\n'],
    ['a separator that is a value', 'name=;\nsep=;x\n'],
    ['asterisks', '*****,1\n'],
    ['a comparison', '<a>,b\n'],
    ['a word of SQL', 'INSERT,UPDATE\n1,2\n'],
    ['nothing', ''],
    ['the word ustar elsewhere', `ustar,${'x'.repeat(300)}\n`],
  ])('%s', (_, text) => {
    expect(refusalOf(text)).toBeUndefined();
  });
});

test('a later file is looked at before its rows are taken', async () => {
  const rows = '{"id":"1"}\n{"id":"2"}\n';
  const reader = new RowReader(textSource(['1,a\n', rows], 4096), csvDialect(plainCsv), new RunningHash());
  await expect(async () => {
    for await (const block of reader.blocks()) expect(block.fileIndex).toBe(0);
  }).rejects.toThrow('file-1.csv: it is JSON');
});
