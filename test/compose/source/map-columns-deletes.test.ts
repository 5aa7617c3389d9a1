import { expect, test } from 'vitest';
import type { ImportOptions } from '../../../src/options/import-options.ts';
import { readRows } from './read-rows.ts';

const columns = ['token', 'deleted_at', 'n'];
const day = '2024-01-01 00:00:00';
const mysql = { format: 'mysql', columns } as const;
const create =
  'CREATE TABLE `t` (`token` varchar(9) NOT NULL, `deleted_at` datetime, `n` int, PRIMARY KEY (`token`));\n';

/** Rows `a` and `c` are live, `b` is deleted softly. */
const sources: Record<string, { text: string; options: Partial<ImportOptions> }> = {
  'MySQL text': { text: `a\t\\N\t1\nb\t${day}\t2\nc\t\\N\t3\n`, options: mysql },
  'MySQL text with enclosures': {
    text: `"a"\t\\N\t"1"\n"b"\t"${day}"\t"2"\n"c"\t\\N\t"3"\n`,
    options: { ...mysql, fieldsEnclosedBy: '"' },
  },
  'mysql --batch': {
    text: `token\tdeleted_at\tn\na\tNULL\t1\nb\t${day}\t2\nc\tNULL\t3\n`,
    options: { format: 'mysql-batch' },
  },
  'a SQL dump': {
    text: `${create}INSERT INTO \`t\` VALUES ('a',NULL,1),('b','${day}',2),('c',NULL,3);\n-- Dump completed\n`,
    options: { format: 'sql' },
  },
  CSV: { text: `token,deleted_at,n\na,,1\nb,${day},2\nc,,3\n`, options: { null: '' } },
};

const tests = {
  'not-null': ['b'],
  null: ['a', 'c'],
  differs: [],
  equals: ['b'],
} as const;

for (const [name, { text, options }] of Object.entries(sources)) {
  test.each(Object.entries(tests))(
    `${name}: a column that --omit leaves out is tested for %s`,
    async (how, deleted) => {
      for (const omit of [[], ['deleted_at']]) {
        const deleteWhere = { column: 'deleted_at', test: how as keyof typeof tests, value: day };
        const asked = { ...options, key: ['token'], repository: 'memory', omit, deleteWhere } as const;
        const { rows, rejects } = await readRows(Buffer.from(text), asked);
        expect(rejects).toEqual([]);
        // A row that deletes has no value but its key.
        const values = (token: string, n: string) =>
          (deleted as readonly string[]).includes(token) ? [token, null, null] : [token, token === 'b' ? day : null, n];
        const expected = [values('a', '1'), values('b', '2'), values('c', '3')].map((row) =>
          row.filter((_, i) => !omit.includes(columns[i]!)),
        );
        expect(rows).toEqual(expected);
      }
    },
  );
}
