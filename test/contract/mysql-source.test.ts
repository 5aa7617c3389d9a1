import { openMysqlSource } from '../../src/adapters/mysql/mysql-source.ts';
import { noSettings, scriptOf } from '../adapters/mysql/scripted-table.ts';
import { startScriptedMysql } from '../support/scripted-mysql.ts';
import { type ContractRow, sourceContract } from './source-contract.ts';

sourceContract('a table of a scripted server', { isReadAgain: false, onChange: 'snapshot' }, async () => {
  const table: { rows: readonly ContractRow[]; isThere: boolean } = { rows: [], isThere: true };
  const missing = { errno: 1146, message: "Table 'shop.tokens' doesn't exist" };
  const script = scriptOf(table);
  const server = await startScriptedMysql({
    session() {
      const answer = script.session();
      return (sql) => (sql.startsWith('SHOW CREATE') && !table.isThere ? missing : answer(sql));
    },
  });
  return {
    hold: async (rows) => {
      table.rows = rows;
    },
    remove: async () => {
      table.isThere = false;
    },
    open: async () => (await openMysqlSource(`mysql://app@127.0.0.1:${server.port}/shop/tokens`, noSettings)).file,
    bytesSent: server.bytesSent,
    handlesOpen: server.connectionsOpen,
    breakOff: server.dropAll,
    stop: server.close,
  };
});
