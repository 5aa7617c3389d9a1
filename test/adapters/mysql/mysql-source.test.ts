import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type MysqlSettings, openMysqlSource } from '../../../src/adapters/mysql/mysql-source.ts';
import { ImportError } from '../../../src/domain/import-error.ts';
import { listenOnLoopback } from '../../support/loopback.ts';
import { type ScriptedServer, startScriptedMysql } from '../../support/scripted-mysql.ts';
import { workDir } from '../../support/work-dir.ts';
import { collect, faultOf } from '../packing/collect.ts';
import { keyColumns, keyPart, noSettings, type ScriptedTable, scriptOf } from './scripted-table.ts';

const twoRows: ScriptedTable['rows'] = [
  [1, 'one\ttab'],
  [2, null],
];

test('rows come as INTO OUTFILE writes them, and the table is described', async () => {
  const source = await opened({ rows: twoRows });
  expect(source).toMatchObject({
    ...{ columns: ['id', 'text'], rows: 2, averageRowBytes: 80, takenAt: '2026-01-31T02:00:00Z', isReadOnly: false },
    definition: { name: 'tokens', primaryKey: ['id'], timestampsInUtc: true },
  });
  expect((await collect(source.file.read())).toString()).toBe('1\tone\\\ttab\n2\t\\N\n');
});

describe('a connection that ends in the middle', () => {
  test.each([
    ['at the end of a row', 'cut'],
    ['in a row', 'cut in a row'],
    ['because the query was killed', { errno: 1317, message: 'Query execution was interrupted' }],
    ['because the server shuts down', { errno: 1053, message: 'Server shutdown in progress' }],
  ] as const)('%s is told after the rows that arrived', async (_, end) => {
    const source = await opened({ rows: twoRows, end });
    const chunks: Uint8Array[] = [];
    const fault = await faultOf(async () => {
      for await (const chunk of source.file.read()) chunks.push(chunk);
    });
    expect(Buffer.concat(chunks).toString()).toBe('1\tone\\\ttab\n2\t\\N\n');
    expect(fault).toMatchObject({
      code: 'source-truncated',
      message: expect.stringMatching(/^mysql:.*: the connection was lost after 2 rows \([A-Z_]+\)$/),
      hint: expect.stringMatching(/^Resume the run\./),
    });
  });

  test('before the rows are asked for is a fault of the first read', async () => {
    const { source, server } = await openedOn({ rows: twoRows });
    server.dropAll();
    await expect(collect(source.file.read())).rejects.toMatchObject({ code: 'source-truncated' });
  });
});

test('a fault of the server that is none of the connection is told by its code, without its text', async () => {
  const source = await opened({ rows: twoRows, end: { errno: 1296, message: 'Got error with hunter2' } });
  const fault = await faultOf(() => collect(source.file.read()));
  expect(fault).toMatchObject({ code: 'source-unreadable', message: expect.stringContaining('ER_GET_ERRMSG (1296)') });
  expect(`${fault.message}${fault.hint}`).not.toContain('hunter2');
});

test('closing a source ends its connection, and the reading with it', async () => {
  const { source, server } = await openedOn({ rows: manyRows() });
  const chunks = source.file.read()[Symbol.asyncIterator]();
  await chunks.next();
  source.close();
  while ((await chunks.next()).done !== true);
  await until(() => server.connectionsOpen() === 0);
});

describe('a table that cannot be read in order is refused, with the way out', () => {
  const answered = (pattern: RegExp, columns: readonly string[], ...rows: (readonly (string | null)[])[]) =>
    openedOn({ rows: twoRows, instead: [[pattern, { columns, rows }]] });

  test.each([
    ['no key', []],
    ['a unique key that may be NULL', [keyPart('u', 'text', { Null: 'YES' })]],
    ['a unique key of a prefix', [keyPart('u', 'text', { Sub_part: '10' })]],
    ['a key of an expression', [keyPart('u', 'text', { Column_name: null })]],
    ['a key that is not unique', [keyPart('k', 'id', { Non_unique: '1' })]],
    ['a hash key', [keyPart('PRIMARY', 'id', { Index_type: 'HASH' })]],
    ['a unique key of which one column may be NULL', [keyPart('u', 'id'), keyPart('u', 'text', { Null: 'YES' })]],
  ])('%s', async (_, parts) => {
    await expect(answered(/^SHOW KEYS/, keyColumns, ...parts)).rejects.toMatchObject({
      code: 'source-unsupported',
      message: expect.stringContaining('so its rows have no order'),
      hint: expect.stringContaining('mysqldump --tab'),
    });
  });

  test('a view', async () => {
    await expect(answered(/^SHOW CREATE/, ['View', 'Create View'], ['tokens', 'CREATE VIEW'])).rejects.toMatchObject({
      code: 'source-unsupported',
      message: expect.stringContaining('shop.tokens is a view'),
    });
  });

  test('an engine without transactions', async () => {
    const status = answered(/information_schema/, ['engine', 'average', 'transactions'], ['MyISAM', '0', 'NO']);
    await expect(status).rejects.toMatchObject({
      code: 'source-unsupported',
      message: expect.stringContaining('MyISAM, which cannot show a snapshot'),
    });
  });
});

test('the primary key goes before another unique key, and a descending column stays so', async () => {
  const parts = [keyPart('a', 'text'), keyPart('PRIMARY', 'id', { Collation: 'D' }), keyPart('PRIMARY', 'text')];
  const refused = { errno: 1064, message: 'no other order is expected' };
  const source = await opened({
    rows: twoRows,
    instead: [
      [/^SHOW KEYS/, { columns: keyColumns, rows: parts }],
      [/^SELECT `id`(?!.* FORCE INDEX \(`PRIMARY`\) ORDER BY `id` DESC, `text`$)/, refused],
    ],
  });
  expect(await collect(source.file.read())).not.toHaveLength(0);
});

test('columns that are named are selected, and one that the table does not have is refused', async () => {
  const columns = ['text', 'nope'];
  await expect(opened({ rows: twoRows }, { columns })).rejects.toMatchObject({
    code: 'usage',
    message: '--columns names "nope", which table shop.tokens does not have',
    hint: 'Its columns are id, text.',
  });
});

test.each([
  [1064, 'is not valid SQL'],
  [1054, 'names a column that the table does not have'],
])('--where that the server refuses with %i is a fault of usage and is not repeated', async (errno, problem) => {
  const refused = { errno, message: "near 'hunter2' at line 1" };
  const where = "token = 'hunter2";
  const fault = await faultOf(() => opened({ rows: twoRows, instead: [[/COUNT/, refused]] }, { where }));
  expect(fault).toMatchObject({ code: 'usage', message: expect.stringContaining(`--where ${problem}`) });
  expect(`${fault.message}${fault.hint}`).not.toContain('hunter2');
});

test('no row is a fault, whose words depend on --where', async () => {
  await expect(opened({ rows: [] })).rejects.toMatchObject({ code: 'source-empty', hint: expect.any(String) });
  await expect(opened({ rows: [] }, { where: '1=0' })).rejects.toThrow('no row matches --where');
});

describe('a password', () => {
  const refused = { errno: 1045, message: "Access denied for user 'app'@'localhost'" };
  const login = (_: string, hasPassword: boolean) => (hasPassword ? undefined : refused);
  const table = { rows: twoRows, login };

  test('is taken from MYSQL_PWD, or from the file of --defaults-file', async () => {
    await opened(table, { env: { MYSQL_PWD: 'hunter2' } });
    const defaultsFile = workDir().write('my.cnf', '[client]\npassword=hunter2\n');
    await opened(table, { defaultsFile });
  });

  test('is asked for where the server wants one and none was found', async () => {
    const questions: string[] = [];
    const askPassword = async (question: string) => {
      questions.push(question);
      return 'hunter2';
    };
    await opened(table, { askPassword });
    expect(questions).toEqual([expect.stringMatching(/^Password of app at 127\.0\.0\.1:\d+: $/)]);
    await opened({ rows: twoRows }, { askPassword });
    expect(questions).toHaveLength(1);
  });

  test('that is missing is told with the ways to give one', async () => {
    const hint = expect.stringContaining('MYSQL_PWD');
    const message = expect.stringContaining('refuses user "app" without a password');
    await expect(opened(table)).rejects.toMatchObject({ code: 'source-unreadable', message, hint });
    await expect(opened(table, { askPassword: async () => undefined })).rejects.toMatchObject({ message, hint });
  });

  test('that is wrong is told without being repeated', async () => {
    const fault = await faultOf(() =>
      opened({ rows: twoRows, login: () => refused }, { env: { MYSQL_PWD: 'hunter2' } }),
    );
    expect(fault.message).toContain('refuses user "app" with this password');
    expect(JSON.stringify([fault.message, fault.hint])).not.toContain('hunter2');
  });
});

describe('a server that is not there', () => {
  test('unknown host', async () => {
    const fault = await faultOf(() => openMysqlSource('mysql://app@nowhere.invalid/shop/tokens', noSettings));
    expect(fault).toMatchObject({
      code: 'source-unreadable',
      message: expect.stringContaining('host of nowhere.invalid'),
    });
  });

  test('closed port', async () => {
    const { port, close } = await listenOnLoopback(createServer());
    await close();
    const fault = await faultOf(() => openMysqlSource(`mysql://app@127.0.0.1:${port}/shop/tokens`, noSettings));
    expect(fault).toMatchObject({ code: 'source-unreadable', message: expect.stringContaining('refuses connections') });
    expect(fault).toBeInstanceOf(ImportError);
  });

  test('no socket', async () => {
    const socket = `${workDir().path}/none.sock`;
    const fault = await faultOf(() =>
      openMysqlSource(`mysql://app@localhost/shop/tokens?socket=${socket}`, noSettings),
    );
    expect(fault).toMatchObject({
      code: 'source-unreadable',
      message: expect.stringContaining('there is no socket at'),
    });
  });

  test('a port that hangs up', async () => {
    const server = createServer((socket) => socket.end());
    const { port, close } = await listenOnLoopback(server);
    onTestFinished(close);
    const fault = await faultOf(() => openMysqlSource(`mysql://app@127.0.0.1:${port}/shop/tokens`, noSettings));
    expect(fault).toMatchObject({
      code: 'source-unreadable',
      message: expect.stringContaining('closed the connection'),
    });
  });

  test('no TLS where it is required', async () => {
    const message = expect.stringContaining('does not support TLS');
    for (const sslMode of ['REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY'] as const) {
      await expect(opened({ rows: twoRows }, { sslMode })).rejects.toMatchObject({
        code: 'source-unreadable',
        message,
      });
    }
  });
});

test('a file of --ssl-ca that cannot be read is a fault of usage', async () => {
  const sslCa = `${workDir().path}/none.pem`;
  await expect(opened({ rows: twoRows }, { sslCa })).rejects.toMatchObject({
    code: 'usage',
    message: `--ssl-ca ${sslCa} cannot be read (ENOENT)`,
  });
});

async function opened(table: ScriptedTable, changes: Partial<MysqlSettings> = {}) {
  return (await openedOn(table, changes)).source;
}

async function openedOn(table: ScriptedTable, changes: Partial<MysqlSettings> = {}) {
  const server: ScriptedServer = await startScriptedMysql(scriptOf(table));
  onTestFinished(() => server.close());
  const url = `mysql://app@127.0.0.1:${server.port}/shop/tokens`;
  return { source: await openMysqlSource(url, { ...noSettings, ...changes }), server };
}

function* manyRows(): Generator<readonly [number, string]> {
  for (let id = 1; id <= 20_000; id++) yield [id, 'x'.repeat(1000)];
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
