import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { formatDecimal, parseDecimal } from '../../../src/domain/number.ts';
import { sample, truth } from '../../input/sql/sql-files.ts';
import { workDir } from '../../support/work-dir.ts';
import { dynamoTarget, unlessEnded } from './dynamo-target.ts';
import { createTable, dumpOf, endOfDump, insertInto, tokensDump, tuples } from './sql-dumps.ts';

/** Columns of the sample dumps in the order of their INSERT; the letter is the type of the attribute. */
const types = {
  ...{ token: 'S', user_id: 'N', b: 'B', bl: 'B', bt: 'BIT', d: 'N', f: 'S', r: 'N', j: 'S', t: 'S', dt: 'S' },
  ...{ ts: 'S', da: 'S', ti: 'S', y: 'N', e: 'S', s: 'S' },
} as const;
const ofMysql = { ...types, u: 'B', inv: 'N', vec: 'B' } as const;
const ofMariadb = { ...types, g: 'N', u: 'B', inv: 'N' } as const;

describe('the dumps of three dumpers arrive as the server held them', () => {
  test.each([
    { name: 'insert-mysql97.sql', truthName: 'truth-mysql97.tsv', columns: ofMysql, flags: [] },
    { name: 'insert-mariadb.sql', truthName: 'truth-mariadb.tsv', columns: ofMariadb, flags: [] },
    {
      ...{ name: 'insert-mydumper.sql', truthName: 'truth-mysql97.tsv', columns: ofMysql },
      flags: ['--schema', 'insert-mysql97.sql', '--allow-incomplete'],
    },
  ])('$name', async ({ name, truthName, columns, flags }) => {
    const { flags: target, table } = await dynamoTarget();
    const dir = workDir({ planted: ['1234567890.0123', 'emoji'] });
    dir.write(name, sample(name));
    if (flags.length > 0) dir.write('insert-mysql97.sql', sample('insert-mysql97.sql'));
    const run = await dir.run([name, '--types', 'f=S', ...flags, ...target]);
    expect(run.status, run.stderr).toBe(0);
    expect(run.stderr).toContain('SQL dump, as its head says; table tokens, 20 columns');
    const expected = truth(truthName).map((row) => itemOf(row, columns));
    expect(expected).toHaveLength(3);
    expect([...table.items().values()].map(normal)).toEqual(expect.arrayContaining(expected));
    expect(table.itemCount).toBe(expected.length);
  });
});

test('a dump of several tables is refused with their names, and --source-table imports one', async () => {
  const names = ['clients', 'grants', 'scopes', 'tokens', 'users'];
  const parts = names.map((name, i) => createTable(name) + insertInto(name, tuples(3 + i, 100 * i)));
  const dir = workDir();
  dir.write('app.sql', dumpOf(...parts));
  const refused = await dir.run(['app.sql', '--repository', 'memory', '--no-run-dir']);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain('holds more than one table: clients, grants, scopes, tokens, users');
  expect(refused.stderr).toContain('--source-table');
  for (const sourceTable of ['tokens', 'app.tokens']) {
    const { flags, table } = await dynamoTarget();
    const run = await dir.run(['app.sql', '--source-table', sourceTable, '--expect-rows', '6', ...flags]);
    expect(run.status, run.stderr).toBe(0);
    const users = [...table.items().values()].map(({ user_id }) => Number(user_id?.['N']));
    expect(users.sort()).toEqual([300, 301, 302, 303, 304, 305]);
  }
});

test('a table late in a dump is found, and its rows with their lines', async () => {
  const { flags, table } = await dynamoTarget();
  const dir = workDir();
  const dump = dumpOf(
    createTable('clients') + insertInto('clients', tuples(20_000)),
    createTable('tokens') + insertInto('tokens', [...tuples(2), "('planted-x',-5,NULL)"]),
    createTable('users') + insertInto('users', tuples(5, 50)),
  );
  dir.write('app.sql', dump);
  dir.write('app.sql.gz', gzipSync(dump));
  const args = ['app.sql.gz', '--source-table', 'tokens', '--expect-rows', '3', '--run-dir', 'run'];
  const run = await dir.run([...args, ...flags]);
  expect(run.status, run.stderr).toBe(5);
  expect(table.itemCount).toBe(2);
  const line = dump.slice(0, dump.indexOf('INSERT INTO `tokens`')).split('\n').length;
  expect(JSON.parse(dir.read('run/rejects.jsonl'))).toMatchObject({ code: 'not-as-declared', line });
  // Its beginning shows one table only.
  const first = await dir.run(['app.sql', '--repository', 'memory', '--no-run-dir', '--latency', '0ms']);
  expect(first.status, first.stderr).toBe(0);
  expect(first.stdout).toContain('20,000 read');
  for (const name of ['tokens', 'users']) expect(first.stderr.split(`holds rows of table ${name},`)).toHaveLength(2);
});

test('a value that holds statements stays a value', async () => {
  const { flags, table } = await dynamoTarget();
  const note = "); INSERT INTO `tokens` VALUES ('planted-x',1,NULL);\n-- Dump completed";
  const literal = `'${note.replaceAll("'", "\\'")}'`;
  const dir = workDir();
  const rows = [`('planted-a',1,${literal})`, `('planted-b',2,NULL)`, `('planted-c',3,'')`];
  dir.write('dump.sql', dumpOf(createTable('tokens'), insertInto('tokens', rows)));
  const run = await dir.run(['dump.sql', ...flags]);
  expect(run.status, run.stderr).toBe(0);
  expect([...table.items().values()]).toEqual(
    expect.arrayContaining([
      { token: { S: 'planted-a' }, user_id: { N: '1' }, note: { S: note } },
      { token: { S: 'planted-b' }, user_id: { N: '2' } },
      { token: { S: 'planted-c' }, user_id: { N: '3' }, note: { S: '' } },
    ]),
  );
  expect(table.itemCount).toBe(3);
});

describe('a dump without its last line', () => {
  const dump = tokensDump(1000);
  test('is imported and ends with 4, also on a resume, unless --allow-incomplete is given', async () => {
    const { flags, table } = await dynamoTarget();
    const dir = workDir();
    dir.write('dump.sql', dump.replace(endOfDump, ''));
    const run = await dir.run(['dump.sql', '--run-dir', 'run', ...flags]);
    expect(run.status, run.stderr).toBe(4);
    expect(run.stderr).toContain('does not end with "-- Dump completed"');
    expect(run.stdout).toContain('1,000 read = 1,000 written');
    expect(table.itemCount).toBe(1000);
    const again = await dir.run(['--resume', 'run']);
    expect(again.status, again.stderr).toBe(4);
    const accepted = await dir.run(['--resume', 'run', '--allow-incomplete']);
    expect(accepted.status, accepted.stderr).toBe(0);
    expect(table.itemCount).toBe(1000);
  });

  test('ends with 4 wherever it was cut, with the rows before the cut in the table', async () => {
    for (const cut of [dump.length - endOfDump.length / 2, dump.lastIndexOf('t990'), dump.lastIndexOf('INSERT') + 3]) {
      const { flags, table } = await dynamoTarget();
      const dir = workDir();
      const text = dump.slice(0, cut);
      dir.write('dump.sql', text);
      const run = await dir.run(['dump.sql', '--allow-incomplete', ...flags]);
      expect(run.status, run.stderr).toBe(text.includes('UNLOCK TABLES;\n\n-- Dump') ? 0 : 4);
      // The tuple before the cut has no separator yet, or is cut itself.
      const rows = text.match(/'\)[,;]/g)!.length;
      expect(table.itemCount).toBe(rows);
    }
  });
});

test.each([
  [[], 'holds no rows of table tokens', 'import the .txt next to it'],
  [['--source-table', 'grants'], 'columns of table "grants"; the tables found are tokens', '--schema'],
])('a dump without rows of the table is refused: %j', async (flags, says, hint) => {
  const dir = workDir({ planted: ['varchar(64)'] });
  dir.write('tokens.sql', dumpOf(createTable('tokens')));
  const run = await dir.run(['tokens.sql', ...flags, '--repository', 'memory', '--no-run-dir']);
  expect(run.status, run.stderr).toBe(4);
  expect(run.stderr).toContain(says);
  expect(run.stderr).toContain(hint);
});

describe('the types of a dump', () => {
  test('are those of --schema if it holds no CREATE TABLE', async () => {
    const { flags, table } = await dynamoTarget();
    const dir = workDir();
    dir.write('rows.sql', dumpOf(insertInto('tokens', tuples(3))));
    dir.write('schema.sql', createTable('tokens'));
    const refused = await dir.run(['rows.sql', ...flags]);
    expect(refused.status).toBe(4);
    expect(refused.stderr).toContain('nothing names the columns of table "tokens"');
    expect(refused.stderr).toContain('--schema');
    const run = await dir.run(['rows.sql', '--schema', 'schema.sql', ...flags]);
    expect(run.status, run.stderr).toBe(0);
    expect(table.items().size).toBe(3);
    expect([...table.items().values()]).toContainEqual(
      expect.objectContaining({ token: { S: 'planted-t0' }, user_id: { N: '0' } }),
    );
  });

  test('are text if only --columns names them', async () => {
    const { flags, table } = await dynamoTarget();
    const dir = workDir();
    dir.write('rows.sql', dumpOf(insertInto('tokens', tuples(1))));
    const run = await dir.run(['rows.sql', '--columns', 'token,user_id,note', ...flags]);
    expect(run.status, run.stderr).toBe(0);
    expect([...table.items().values()]).toEqual([
      { token: { S: 'planted-t0' }, user_id: { S: '0' }, note: { S: `it's "0"` } },
    ]);
  });

  test('are checked, and --types replaces them', async () => {
    const dir = workDir();
    const { flags, table } = await dynamoTarget();
    const rows = ["('planted-a',-1,NULL)", "('planted-b',0x4142,NULL)", "('planted-c',5,NOW())", "('planted-d',7,'7')"];
    dir.write('dump.sql', dumpOf(createTable('tokens'), insertInto('tokens', rows)));
    const run = await dir.run(['dump.sql', '--types', 'note=N', '--run-dir', 'run', ...flags]);
    expect(run.status, run.stderr).toBe(5);
    expect([...table.items().values()]).toEqual([{ token: { S: 'planted-d' }, user_id: { N: '7' }, note: { N: '7' } }]);
    const reasons = dir.read('run/rejects.jsonl').trim().split('\n');
    expect(reasons.map((reason) => JSON.parse(reason))).toMatchObject([
      { code: 'not-as-declared', line: 17, column: 'user_id' },
      { code: 'undecodable', line: 17, column: 'user_id' },
      { code: 'undecodable', line: 17, message: expect.stringContaining('is NOW, not a literal') },
    ]);
    // Repaired rows are imported with the types of their dump.
    const repaired = dir.read('run/rejected.sql').replace('-1', '1').replace('0x4142', '2').replace('NOW()', "'3'");
    expect(repaired).toContain("INSERT INTO `tokens` (`token`,`user_id`,`note`) VALUES ('planted-a',1,NULL);\n");
    dir.write('repaired.sql', repaired);
    const again = await dir.run(['repaired.sql', '--schema', 'dump.sql', '--types', 'note=N', ...flags]);
    expect(again.status, again.stderr).toBe(0);
    expect([...table.items().values()]).toContainEqual({
      ...{ token: { S: 'planted-c' }, user_id: { N: '5' }, note: { N: '3' } },
    });
    expect(table.itemCount).toBe(4);
  });
});

const metadata =
  'Started dump at: 2026-11-27 04:31:40\n[`app`.`tokens`]\nrows = 6\nFinished dump at: 2026-11-27 04:31:41\n';

describe('a folder of mydumper', () => {
  const folder = (files: Readonly<Record<string, string>>) => {
    const dir = workDir();
    for (const [name, content] of Object.entries(files)) {
      dir.write(`dump/${name}`, name.endsWith('.gz') ? gzipSync(content) : content);
    }
    return dir;
  };
  const head = '/*!40101 SET NAMES binary*/;\n';
  const schema = { 'app.tokens-schema.sql.gz': head + createTable('tokens') };
  const chunks = {
    'app.tokens.00000.sql.gz': `${head}INSERT INTO \`tokens\` VALUES ${tuples(3).join('\n,')};\n`,
    'app.tokens.00001.sql': `${head}INSERT INTO \`tokens\` VALUES ${tuples(3, 3).join('\n,')};\n`,
  };

  test('gives the rows of its chunks, with the types of its schema file', async () => {
    const { flags, table } = await dynamoTarget();
    const dir = folder({ metadata, ...schema, ...chunks });
    const run = await dir.run(['dump', '--expect-rows', '6', '--run-dir', 'run', ...flags]);
    expect(run.status, run.stderr).toBe(0);
    const users = [...table.items().values()].map(({ user_id }) => Number(user_id?.['N']));
    expect(users.sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test.each([
    ['the folder', ['dump']],
    ['one of its files', ['dump/app.tokens.00001.sql']],
    ['a dump in a pipe', ['-']],
  ])('%s: the printed repair of rejected rows has their types', async (_, source) => {
    const { flags, table } = await dynamoTarget();
    const rows = insertInto('tokens', ["('planted-k1',1,'')", "(NULL,2,'')"]);
    const dir = folder({ metadata, ...schema, 'app.tokens.00001.sql': head + rows });
    const stdin = dumpOf(createTable('tokens'), rows);
    const run = await dir.run([...source, '--run-dir', 'run', ...flags], { stdin });
    expect(run.status, run.stderr).toBe(5);
    const command = /Repair .*\n {2}import-tokens (.*)\n/.exec(run.stdout)?.[1];
    dir.write('run/rejected.sql', dir.read('run/rejected.sql').replace('NULL', "'planted-k2'"));
    const repaired = await dir.run(command!.split(' '));
    expect(repaired.status, repaired.stderr).toBe(0);
    expect([...table.items().values()].map(({ user_id }) => user_id)).toEqual([{ N: '1' }, { N: '2' }]);
  });

  test('whose metadata is unfinished ends with 4, and with 0 on a resume with --allow-incomplete', async () => {
    const { flags, table } = await dynamoTarget();
    const dir = folder({ 'metadata.partial': metadata, ...schema, ...chunks });
    const run = await dir.run(['dump', '--run-dir', 'run', ...flags]);
    expect(run.status, run.stderr).toBe(4);
    expect(run.stderr).toContain('its metadata does not say that mydumper finished');
    expect(table.itemCount).toBe(6);
    const again = await dir.run(['--resume', 'run']);
    expect(again.status, again.stderr).toBe(4);
    const accepted = await dir.run(['--resume', 'run', '--allow-incomplete']);
    expect(accepted.status, accepted.stderr).toBe(0);
  });

  test('of several tables needs --source-table', async () => {
    const { flags, table } = await dynamoTarget();
    const users = {
      'app.users-schema.sql': createTable('users'),
      'app.users.00000.sql': insertInto('users', tuples(2)),
    };
    const dir = folder({ metadata, ...schema, ...chunks, ...users });
    const refused = await dir.run(['dump', ...flags]);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('app.tokens, app.users');
    const other = await dir.run(['dump', '--source-table', 'app.grants', ...flags]);
    expect(other.status).toBe(2);
    expect(other.stderr).toContain('holds no table app.grants');
    const run = await dir.run(['dump', '--source-table', 'app.tokens', ...flags]);
    expect(run.status, run.stderr).toBe(0);
    expect(table.itemCount).toBe(6);
  });

  test.each([
    [
      '--load-data',
      { metadata, 'app.tokens.00000.sql': 'LOAD DATA', 'app.tokens.00000.dat': 'planted' },
      '--load-data',
    ],
    ['--csv', { metadata, 'app.tokens.00000.sql': 'LOAD DATA', 'app.tokens.00000.csv': 'planted' }, '--csv'],
    [
      'MySQL Shell',
      { '@.json': '{}', 'app@tokens.sql': createTable('tokens'), 'app@tokens@@0.tsv': 'planted' },
      'MySQL Shell',
    ],
  ])('is refused if it is of another kind: %s', async (_, files, says) => {
    const dir = folder(files);
    const run = await dir.run(['dump', '--repository', 'memory', '--no-run-dir']);
    expect(run.status, run.stderr).toBe(4);
    expect(run.stderr).toContain(says);
  });
});

test('an import killed within a dump is finished by --resume, with every row in the table once', async () => {
  const { flags, table, proxy } = await dynamoTarget();
  const dir = workDir();
  dir.write('dump.sql.gz', gzipSync(tokensDump(3000)));
  let args = [
    'dump.sql.gz',
    '--run-dir',
    'run',
    '--wps',
    '800',
    '--settle',
    '100ms',
    '--request-timeout',
    '1s',
    ...flags,
  ];
  for (const items of [1000, 2000]) {
    const running = dir.spawn(args, { stdin: '' });
    await unlessEnded(
      running,
      proxy.until(({ received }) => received.items >= items),
    );
    running.child.kill('SIGKILL');
    expect(await running.ended).toMatchObject({ signal: 'SIGKILL' });
    args = ['--resume', 'run', '--yes'];
  }
  const run = await dir.run([...args, '--wps', '100000']);
  expect(run.status, run.stderr).toBe(0);
  expect(run.stdout).toContain('3,000 read = 3,000 written');
  const users = [...table.items().values()].map(({ user_id }) => Number(user_id?.['N']));
  expect(users.sort((a, b) => a - b)).toEqual(Array.from({ length: 3000 }, (_, i) => i));
});

describe('what holds for every format holds for SQL dumps', () => {
  test('several files, a pipe, --skip-rows and --expect-rows', async () => {
    const { flags, table } = await dynamoTarget();
    const dir = workDir();
    dir.write('one.sql', dumpOf(createTable('tokens'), insertInto('tokens', tuples(4))));
    dir.write('two.sql.gz', gzipSync(dumpOf(createTable('tokens'), insertInto('tokens', tuples(4, 4)))));
    const stdin = dumpOf(createTable('tokens'), insertInto('tokens', tuples(4, 8)));
    const args = ['one.sql', 'two.sql.gz', '-', '--skip-rows', '3', '--expect-rows', '12', '--yes', ...flags];
    const run = await dir.run(args, { stdin });
    expect(run.status, run.stderr).toBe(0);
    expect(run.stdout).toContain('12 read = 9 written');
    const users = [...table.items().values()].map(({ user_id }) => Number(user_id?.['N']));
    expect(users.sort((a, b) => a - b)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const more = await dir.run(['one.sql', 'two.sql.gz', '--expect-rows', '9', ...flags]);
    expect(more.status, more.stderr).toBe(4);
    expect(more.stderr).toContain('only 8');
  });

  test('plan reads all of it, and verify compares it with the table', async () => {
    const { flags } = await dynamoTarget();
    const dir = workDir();
    dir.write('dump.sql', tokensDump(200));
    const plan = await dir.run(['plan', 'dump.sql', '--json', ...flags]);
    expect(plan.status, plan.stderr).toBe(0);
    expect(JSON.parse(plan.stdout)).toMatchObject({
      format: 'SQL dump, as its head says; table tokens, 3 columns',
      rows: { read: 200, importable: 200 },
      columns: [{ sourceType: 'varchar(64)' }, { sourceType: 'bigint unsigned' }, { sourceType: 'text' }],
    });
    const before = await dir.run(['verify', 'dump.sql', '--all', '--run-dir', 'before', ...flags]);
    expect(before.status, before.stderr).toBe(5);
    const missing = await dir.run(['before/missing.sql', '--schema', 'dump.sql', ...flags]);
    expect(missing.status, missing.stderr).toBe(0);
    const after = await dir.run(['verify', 'dump.sql', '--all', ...flags]);
    expect(after.status, after.stderr).toBe(0);
  });

  test.each([
    [['--delimiter', ';'], '--format sql'],
    [['--format', 'sql', '--delimiter', ';'], '--delimiter does not apply to an SQL dump'],
    [['--null', 'x'], '--null does not apply to an SQL dump'],
    [['--format', 'csv'], 'it holds SQL statements'],
    [['--format', 'csv', '--source-table', 'tokens'], '--source-table does not apply to CSV'],
    [['--columns', 'token,user_id'], 'Omit --columns, because they are token, user_id, note.'],
  ])('options of other formats are refused: %s', async (flags, says) => {
    const dir = workDir();
    dir.write('dump.sql', dumpOf(createTable('tokens'), insertInto('tokens', tuples(2))));
    const run = await dir.run(['dump.sql', ...flags, '--repository', 'memory', '--no-run-dir']);
    expect(run.status, run.stderr).not.toBe(0);
    expect(run.stderr).toContain(says);
  });
});

function itemOf(row: readonly (string | null)[], columns: Readonly<Record<string, string>>): object {
  const fields = Object.entries(columns).flatMap(([name, type], i): [string, object][] => {
    const hex = row[i];
    if (hex === null || hex === undefined) return [];
    const bytes = Buffer.from(hex, 'hex');
    if (type === 'B') return [[name, { B: bytes.toString('base64') }]];
    if (type === 'S') return [[name, { S: bytes.toString() }]];
    return [[name, { N: decimal(type === 'BIT' ? String(Number(`0x${hex}`)) : bytes.toString()) }]];
  });
  return Object.fromEntries(fields);
}

function normal(item: Readonly<Record<string, Readonly<Record<string, unknown>>>>): object {
  const fields = Object.entries(item).map(([name, value]): [string, object] => {
    return [name, 'N' in value ? { N: decimal(String(value['N'])) } : value];
  });
  return Object.fromEntries(fields);
}

function decimal(text: string): string {
  return formatDecimal(parseDecimal(text)!);
}
