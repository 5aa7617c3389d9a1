import { parseArgs } from 'node:util';
import { startPlainServer } from './plain-server.ts';
import { type Identity, selfSigned } from './plain-table/self-signed.ts';
import { PlainTable, type PlainTableOptions } from './plain-table.ts';

/** Options of the process, as JSON in `--table`; `tls` serves over https. */
export type ServeOptions = PlainTableOptions & { readonly tls?: boolean };

/** Its first line on standard output, as JSON; a line on standard input is answered with the figures so far. */
export type ServeStart = { readonly url: string; readonly port: number; readonly cert?: string };
export type ServeFigures = {
  readonly items: number;
  readonly connectionsOpened: number;
  readonly cpuSeconds: number;
};

const { values } = parseArgs({ options: { table: { type: 'string' } } });
const options = JSON.parse(values.table ?? '{"name":"tokens","key":[{"name":"token","type":"S"}]}') as ServeOptions;
const table = new PlainTable(options);
const identity: Identity | undefined = options.tls ? selfSigned() : undefined;
startPlainServer(table, identity ? { identity } : {}).then((server) => {
  const start: ServeStart = { url: server.url, port: server.port, ...(identity && { cert: identity.cert }) };
  console.log(JSON.stringify(start));
  process.stdin.on('data', () => {
    const { user, system } = process.cpuUsage();
    const figures: ServeFigures = {
      items: table.itemCount,
      connectionsOpened: server.connectionsOpened(),
      cpuSeconds: (user + system) / 1e6,
    };
    console.log(JSON.stringify(figures));
  });
  // It must not outlive its parent process.
  process.stdin.on('end', () => process.exit());
});
