import { expect, test } from 'vitest';
import { liveReading } from '../../../src/input/detect/possible-readings.ts';
import { parseTableDefinitions } from '../../../src/input/mysql/definition/table-definition.ts';
import { mysqlDialect } from '../../../src/input/mysql/mysql.ts';
import type { ReadingFlags } from '../../../src/input/reading-flags.ts';

const [definition] = parseTableDefinitions(
  'CREATE TABLE t (id int NOT NULL, word varchar(20), flags bit(16), old text CHARACTER SET sjis, PRIMARY KEY (id))',
);

function fieldsOf(row: string, flags: ReadingFlags = {}, names = ['id', 'word', 'flags', 'old']) {
  const { settings } = liveReading(definition!, names, flags);
  const dialect = mysqlDialect({ ...settings, maxRowBytes: 1000 });
  const rows = dialect.framer('t', 1).push(Buffer.from(row));
  const decoder = dialect.decoder(settings.columns!.map(({ binary }) => binary));
  expect(rows.count).toBe(1);
  expect(decoder.decode(rows, 0)).toBeUndefined();
  return [...decoder.fields];
}

test('the word NULL is text, and only the escape is NULL', () => {
  expect(fieldsOf('1\tNULL\t\\N\t\\N\n')).toEqual(['1', 'NULL', null, null]);
});

test('BIT is the number of its bytes, whatever these are, or the bytes if --types says so', () => {
  expect(fieldsOf('1\ta\t\\\t\\\n\t\n')[2]).toBe(String(0x09_0a));
  expect(fieldsOf('1\ta\t12\t\n')[2]).toBe(String(0x31_32));
  expect(fieldsOf('1\ta\t\\\t\\\n\t\n', { types: { flags: 'N' } })[2]).toBe(String(0x09_0a));
  expect(fieldsOf('1\ta\t\\\t\\\n\t\n', { types: { flags: 'B' } })[2]).toEqual(Buffer.from([9, 10]));
});

test('text is UTF-8 whatever character set its column has', () => {
  expect(fieldsOf('1\té\t\\N\t漢\n')).toEqual(['1', 'é', null, '漢']);
});

test('the layout keeps the columns as they are declared, in the order in which they are read', () => {
  const { layout, settings } = liveReading(definition!, ['old', 'id'], {});
  expect(layout?.columns).toMatchObject([{ name: 'old', characterSet: 'sjis', nullable: true }, { name: 'id' }]);
  expect(settings.columns?.map(({ name }) => name)).toEqual(['old', 'id']);
});
