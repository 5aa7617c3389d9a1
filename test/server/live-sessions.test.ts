import { join } from 'node:path';
import { createConnection } from 'mysql2';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { MysqlSource } from '../../src/adapters/mysql/mysql-source.ts';
import { collect, faultOf } from '../adapters/packing/collect.ts';
import { selfSigned } from '../support/plain-table/self-signed.ts';
import { type SqlServer, sqlProducts } from '../support/sql-server.ts';
import { startTcpForwarder } from '../support/tcp-forwarder.ts';
import { type WorkDir, workDir } from '../support/work-dir.ts';
import { createReader, openTable, password, readingConnection, secondsOf } from './live-tables.ts';

/** Of sessions that ask for nothing else; seconds, and for the second of MySQL milliseconds. */
const shortLimits = {
  MariaDB: 'SET GLOBAL net_write_timeout = 1, GLOBAL max_statement_time = 2',
  MySQL: 'SET GLOBAL net_write_timeout = 1, GLOBAL max_execution_time = 2000',
};
const doublings = 15;
const rowCount = 2 ** doublings;
const textBytes = 2000;

describe.each(sqlProducts)('sessions on $name', ({ enabled, name, start }) => {
  describe.skipIf(!enabled)('of a live source', { timeout: 120_000 }, () => {
    let server: SqlServer;
    let files: WorkDir;
    beforeAll(async () => {
      files = workDir({ keep: true });
      const { key, cert } = selfSigned(['db.example.com']);
      const [certPath, keyPath] = [files.write('cert.pem', cert), files.write('key.pem', key)];
      const tls = [`--ssl-ca=${certPath}`, `--ssl-cert=${certPath}`, `--ssl-key=${keyPath}`];
      server = await start({ opensPort: true, args: tls });
      const double = (n: number) => `INSERT INTO big SELECT id + ${2 ** n}, text FROM big;`;
      server.query(
        `CREATE DATABASE app; ${createReader} USE app; CREATE TABLE big (id int PRIMARY KEY, text varchar(${textBytes}));
         INSERT INTO big VALUES (1, REPEAT('x', ${textBytes})); ${Array.from({ length: doublings }, (_, n) => double(n)).join('')}
         CREATE TABLE small (id int PRIMARY KEY, v int); INSERT INTO small VALUES (1, 1), (2, 1);
         ${shortLimits[name]}`,
      );
    }, 120_000);
    afterAll(async () => {
      await server?.stop();
      await files?.remove();
    });

    test('outlast a reader that pauses for longer than the server lets a usual session wait', async () => {
      const source = await openTable(server, 'big');
      const chunks = source.file.read()[Symbol.asyncIterator]();
      let bytes = (await chunks.next()).value.length;
      const usual = await pausedConnection(server);
      const reading = readingConnection(server);
      while (secondsOf(server, reading) < 4);
      while (true) {
        const next = await chunks.next();
        if (next.done === true) break;
        bytes += next.value.length;
      }
      expect(bytes).toBe(bytesOfRows(rowCount));
      expect(await usual.end()).toMatchObject({ code: expect.any(String) });
    });

    test.each(['KILL', 'KILL QUERY'])('that end by %s are lost after the rows that arrived', async (kill) => {
      const source = await openTable(server, 'big');
      let bytes = 0;
      const fault = await faultOf(async () => {
        for await (const chunk of source.file.read()) {
          if (bytes === 0) server.query(`${kill} ${readingConnection(server)}`);
          bytes += chunk.length;
        }
      });
      expect(fault).toMatchObject({ code: 'source-truncated', hint: expect.stringMatching(/^Resume the run\./) });
      const rows = Number(/the connection was lost after ([\d,]+) rows/.exec(fault.message)![1]!.replaceAll(',', ''));
      expect(rows).toBeLessThan(rowCount);
      expect(bytes).toBe(bytesOfRows(rows));
    });

    test('end with their source, and with them what the server was sending', async () => {
      const source = await openTable(server, 'big');
      const chunks = source.file.read()[Symbol.asyncIterator]();
      await chunks.next();
      expect(readingConnection(server)).not.toBe('');
      source.close();
      while (readingConnection(server) !== '') await turn();
    });

    test('see one snapshot, whatever is written after its beginning', async () => {
      const source = await openTable(server, 'small');
      server.query(
        'UPDATE app.small SET v = 2; DELETE FROM app.small WHERE id = 2; INSERT INTO app.small VALUES (3, 3)',
      );
      expect(source.rows).toBe(2);
      expect(await textOf(source)).toBe('1\t1\n2\t1\n');
    });

    test('see one snapshot though the server isolates transactions less', async () => {
      const variable = name === 'MySQL' ? 'transaction_isolation' : 'tx_isolation';
      server.query(
        `SET GLOBAL ${variable} = 'READ-COMMITTED'; CREATE TABLE app.loose (id int PRIMARY KEY); INSERT INTO app.loose VALUES (1)`,
      );
      onTestFinished(() => void server.query(`SET GLOBAL ${variable} = 'REPEATABLE-READ'`));
      const source = await openTable(server, 'loose');
      server.query('INSERT INTO app.loose VALUES (2)');
      expect(await textOf(source)).toBe('1\n');
    });

    test('are in UTC and without an SQL mode, whatever the server is set to', async () => {
      server.query(
        `SET GLOBAL time_zone = '+09:00', GLOBAL sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH';
         CREATE TABLE app.zoned (id int PRIMARY KEY, t timestamp NULL, c char(5), e enum('a''b') NOT NULL);
         SET time_zone = '+00:00'; INSERT INTO app.zoned VALUES (1, '2026-01-31 02:00:00', 'x', 'a''b')`,
      );
      onTestFinished(() => void server.query("SET GLOBAL time_zone = SYSTEM, GLOBAL sql_mode = ''"));
      const source = await openTable(server, 'zoned');
      expect(source.definition.columns.at(-1)).toMatchObject({ name: 'e', members: ["a'b"] });
      expect(await textOf(source)).toBe("1\t2026-01-31 02:00:00\tx\ta'b\n");
    });

    test('read the columns that are named, and the rows that --where chooses, even with a comment', async () => {
      server.query('CREATE TABLE app.some SELECT * FROM app.big LIMIT 10; ALTER TABLE app.some ADD PRIMARY KEY (id)');
      const source = await openTable(server, 'some', {
        where: "id = 1 OR id = 3 AND text LIKE 'x%' -- both",
        columns: ['id'],
      });
      expect(source.rows).toBe(2);
      expect(await textOf(source)).toBe('1\n3\n');
    });

    test.each(passwordPlugins(name))('log in users of %s', async (_, account) => {
      server.query(`CREATE USER plugged@'%' IDENTIFIED ${account}; GRANT SELECT ON app.* TO plugged@'%'`);
      onTestFinished(() => void server.query("DROP USER plugged@'%'"));
      for (const sslMode of ['DISABLED', 'REQUIRED'] as const) {
        const source = await openTable(server, 'small', { sslMode }, 'plugged');
        source.close();
      }
    });

    test('check the certificate of the server as --ssl-mode says', async () => {
      const sslCa = join(files.path, 'cert.pem');
      const otherCa = files.write('other.pem', selfSigned().cert);
      const isEncrypted = async (changes: Parameters<typeof openTable>[2]) => {
        const forwarder = await startTcpForwarder(server.port!);
        onTestFinished(forwarder.close);
        const source = await openTable({ ...server, port: forwarder.port }, 'big', changes);
        await source.file.read()[Symbol.asyncIterator]().next();
        source.close();
        return !forwarder.saw('xxxxxxxx');
      };
      expect(await isEncrypted({ sslMode: 'DISABLED' })).toBe(false);
      expect(await isEncrypted({})).toBe(true);
      expect(await isEncrypted({ sslMode: 'REQUIRED' })).toBe(true);
      expect(await isEncrypted({ sslMode: 'VERIFY_CA', sslCa })).toBe(true);
      // The certificate names this address, but not localhost.
      expect(await isEncrypted({ sslMode: 'VERIFY_IDENTITY', sslCa })).toBe(true);
      const told = async (changes: Parameters<typeof openTable>[2], host?: string) =>
        (await faultOf(() => openTable(server, 'big', changes, 'app', host))).message;
      expect(await told({ sslMode: 'VERIFY_CA' })).toMatch(/not signed by an authority that is trusted here$/);
      expect(await told({ sslMode: 'VERIFY_CA', sslCa: otherCa })).toMatch(/not signed by an authority/);
      expect(await told({ sslMode: 'VERIFY_IDENTITY', sslCa }, 'localhost')).toMatch(/is for another host$/);
    });

    test('are refused with a message of its own for each reason', async () => {
      server.query(
        `CREATE TABLE app.keyless (id int); CREATE TABLE app.myisam (id int PRIMARY KEY) ENGINE=MyISAM;
         CREATE VIEW app.seen AS SELECT * FROM app.big; CREATE DATABASE other; CREATE TABLE other.t (id int PRIMARY KEY)`,
      );
      const told = async (table: string, changes: Parameters<typeof openTable>[2] = {}) => {
        const { code, message, hint } = await faultOf(() => openTable(server, table, changes));
        expect(hint).toMatch(/^[A-Z].*\.$/);
        return `${code} ${message.replace(/^mysql:\S+: /, '')}`;
      };
      expect(await told('big', { env: { MYSQL_PWD: 'wrong' } })).toMatch(/^source-unreadable .* with this password$/);
      expect(await told('big', { env: {} })).toMatch(/^source-unreadable .* without a password$/);
      expect(await told('none')).toBe('source-missing there is no table "none" in database "app"');
      expect(await told('keyless')).toMatch(/^source-unsupported .* so its rows have no order$/);
      expect(await told('myisam')).toMatch(/^source-unsupported .*MyISAM, which cannot show a snapshot$/);
      expect(await told('seen')).toMatch(/^source-unsupported app.seen is a view/);
      expect(await told('../other/t')).toMatch(/^source-unreadable user "app" may not /);
      expect(await told('../none/t')).toMatch(/^source-unreadable user "app" may not /);
      expect(await told('big', { where: 'nope = 1' })).toMatch(/^usage --where names a column/);
      expect(await told('big', { where: '1 = = 1' })).toMatch(/^usage --where is not valid SQL/);
      expect(await told('big', { where: 'id < 0' })).toBe('source-empty no row matches --where');
    });
  });
});

/** As SQL behind IDENTIFIED. MySQL 9 knows mysql_native_password no longer. */
function passwordPlugins(product: 'MariaDB' | 'MySQL'): readonly (readonly [string, string])[] {
  return product === 'MariaDB'
    ? [['mysql_native_password', `VIA mysql_native_password USING PASSWORD('${password}')`]]
    : [['caching_sha2_password', `WITH caching_sha2_password BY '${password}'`]];
}

async function textOf({ file }: MysqlSource): Promise<string> {
  return (await collect(file.read())).toString();
}

/** Of the first rows of the table, as they are sent. */
function bytesOfRows(rows: number): number {
  const digits = Array.from({ length: rows }, (_, i) => String(i + 1).length).reduce((sum, length) => sum + length, 0);
  return digits + rows * (textBytes + 2);
}

/** A session that asks for nothing, reads a row and pauses. */
async function pausedConnection({ port }: SqlServer) {
  const connection = createConnection({ host: '127.0.0.1', port: port!, user: 'app', password, database: 'app' });
  let fault: unknown;
  let ended: (() => void) | undefined;
  connection.on('error', (error) => {
    fault ??= error;
    ended?.();
  });
  const query = connection.query('SELECT * FROM big');
  query.on('error', (error) => {
    fault ??= error;
  });
  query.on('end', () => ended?.());
  await new Promise<void>((resolve) => {
    query.on('result', () => {
      connection.pause();
      resolve();
    });
  });
  return {
    /** Goes on to the end. Resolves with the fault that it meets. */
    async end(): Promise<unknown> {
      query.removeAllListeners('result');
      const over = new Promise<void>((resolve) => {
        ended = resolve;
      });
      connection.resume();
      await over;
      connection.destroy();
      return fault;
    },
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
