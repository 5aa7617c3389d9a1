import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { definitionText } from '../../../../src/input/mysql/definition/definition-text.ts';
import {
  parseTableDefinitions,
  type TableDefinition,
} from '../../../../src/input/mysql/definition/table-definition.ts';

const samples = ['test/fixtures/mysql', 'test/fixtures/mysql97'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.sql'))
    .map((name) => `${folder}/${name}`),
);

function isSame(definition: TableDefinition): void {
  expect(parseTableDefinitions(definitionText(definition))).toEqual([definition]);
}

test('the definitions of all sample dumps read back the same', () => {
  const definitions = samples.flatMap((path) => parseTableDefinitions(readFileSync(path, 'utf8')));
  expect(definitions.length).toBeGreaterThan(5);
  definitions.forEach(isSame);
});

test('odd names, sets, lists, keys and hidden columns read back the same', () => {
  const [definition] = parseTableDefinitions(`CREATE TABLE \`a\`\`b; --\` (
    \`k\`\`1\` varchar(9) CHARACTER SET latin1 NOT NULL, f bit(3) NOT NULL, raw varchar(8) CHARACTER SET binary,
    e enum('a','b''c;',"d\\\\") DEFAULT NULL, n national varchar(4), i int unsigned INVISIBLE,
    g bigint GENERATED ALWAYS AS ((i + 1)) STORED NOT NULL, PRIMARY KEY (\`k\`\`1\`(4), i)
  ) DEFAULT CHARSET=koi8r`);
  expect(definition?.columns).toHaveLength(7);
  expect(definition?.primaryKey).toEqual(['k`1', 'i']);
  isSame(definition!);
});
