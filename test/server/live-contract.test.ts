import { afterAll, beforeAll, describe } from 'vitest';
import type { MysqlSource } from '../../src/adapters/mysql/mysql-source.ts';
import { type ContractRow, sourceContract } from '../contract/source-contract.ts';
import { type SqlServer, sqlProducts } from '../support/sql-server.ts';
import { startTcpForwarder } from '../support/tcp-forwarder.ts';
import { createReader, openTable } from './live-tables.ts';

describe.each(sqlProducts)('on $name', ({ enabled, name, start }) => {
  describe.skipIf(!enabled)('a live source', { timeout: 60_000 }, () => {
    let server: SqlServer;
    beforeAll(async () => {
      server = await start({ opensPort: true, args: ['--max-allowed-packet=64M', '--lock-wait-timeout=20'] });
      server.query(`CREATE DATABASE app; ${createReader}`);
    }, 60_000);
    afterAll(() => server?.stop());

    sourceContract(`a table of ${name}`, { isReadAgain: false, onChange: 'snapshot' }, async () => {
      server.query(
        'DROP TABLE IF EXISTS app.t; CREATE TABLE app.t (id int PRIMARY KEY, text longtext) CHARSET=utf8mb4',
      );
      const forwarder = await startTcpForwarder(server.port!);
      const opened: MysqlSource[] = [];
      // An open transaction keeps its table.
      const closeAll = async () => {
        for (const source of opened) source.close();
        while (forwarder.connectionsOpen() > 0) await new Promise((resolve) => setImmediate(resolve));
      };
      return {
        hold: async (rows) => {
          server.query(
            `DELETE FROM app.t; ${rows.map(insertOf).join('')}`,
            ...['--default-character-set=utf8mb4', '--max-allowed-packet=64M'],
          );
        },
        remove: async () => {
          await closeAll();
          server.query('DROP TABLE app.t');
        },
        open: async () => {
          const source = await openTable({ ...server, port: forwarder.port }, 't');
          opened.push(source);
          return source.file;
        },
        bytesSent: forwarder.bytesSent,
        handlesOpen: forwarder.connectionsOpen,
        breakOff: forwarder.dropAll,
        stop: async () => {
          await closeAll();
          await forwarder.close();
        },
      };
    });
  });
});

function insertOf([id, text]: ContractRow): string {
  return `INSERT INTO app.t VALUES (${id}, '${text}');`;
}
