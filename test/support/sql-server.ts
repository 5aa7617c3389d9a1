import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server on a socket in a scratch folder; it opens no port unless it is asked to. */
export type SqlServer = {
  readonly socket: string;
  /** On 127.0.0.1; undefined where no port was asked for. */
  readonly port: number | undefined;
  /** Where the server keeps its files. */
  readonly dataFolder: string;
  /** What the client prints for these statements, as bytes. */
  query(sql: string | Buffer, ...args: readonly string[]): Buffer;
  /** `mysqldump --tab` of the database; returns the folder with a .sql and a .txt for each table. */
  dump(database: string, ...args: readonly string[]): string;
  /** The database as SQL statements of mysqldump. */
  dumpSql(database: string, ...args: readonly string[]): Buffer;
  /** The folder that mydumper writes for the database. */
  mydumper(database: string, ...args: readonly string[]): string;
  stop(): Promise<void>;
};

export type SqlProduct = {
  readonly name: 'MariaDB' | 'MySQL';
  /** Whether the environment says that the server can be started. */
  readonly enabled: boolean;
  /** Throws if the server is missing or does not start. */
  start(options?: ServerOptions): Promise<SqlServer>;
};

type ServerOptions = {
  /** Whether the server listens on a port, too. */
  readonly opensPort?: boolean;
  /** Further options of the server. */
  readonly args?: readonly string[];
};

/** The folder that test/server/unpack-mysql.sh filled. */
const mysqlFolder = process.env['IMPORT_TOKENS_MYSQL'] ?? '';

/** The servers that dumps are made with: `IMPORT_TOKENS_MARIADB=1` if it is installed, `IMPORT_TOKENS_MYSQL=FOLDER`. */
export const sqlProducts: readonly SqlProduct[] = [
  {
    name: 'MariaDB',
    enabled: process.env['IMPORT_TOKENS_MARIADB'] === '1',
    start: (options) => startServer(mariaDb, options),
  },
  { name: 'MySQL', enabled: mysqlFolder !== '', start: (options) => startServer(mysql(mysqlFolder), options) },
];

type Programs = {
  /** Each a program with the arguments that come first. */
  readonly server: readonly string[];
  readonly client: readonly string[];
  readonly dump: readonly string[];
  /** Makes an empty data folder, given `--datadir`. */
  readonly install: readonly string[];
};

const mariaDb: Programs = {
  server: ['mariadbd', '--no-defaults'],
  client: ['mariadb'],
  dump: ['mariadb-dump'],
  install: ['mariadb-install-db', '--no-defaults', '--auth-root-authentication-method=normal', '--skip-test-db'],
};

/** Its programs need the loader and the libraries of their release. */
function mysql(folder: string): Programs {
  const [libraries] = readdirSync(join(folder, 'usr/lib')).filter((name) => name.endsWith('-linux-gnu'));
  const library = join(folder, 'usr/lib', libraries!);
  const loader = readdirSync(library).find((name) => /^ld-linux.*\.so\.\d+$/.test(name));
  const loaded = (program: string) => [join(library, loader!), '--library-path', library, join(folder, 'usr', program)];
  const server = [...loaded('sbin/mysqld'), '--no-defaults', `--basedir=${join(folder, 'usr')}`];
  return {
    server: [...server, '--mysqlx=OFF', '--disable-log-bin'],
    client: loaded('bin/mysql'),
    dump: loaded('bin/mysqldump'),
    install: [...server, '--initialize-insecure'],
  };
}

async function startServer(programs: Programs, { opensPort, args = [] }: ServerOptions = {}): Promise<SqlServer> {
  const folder = mkdtempSync(join(tmpdir(), 'import-tokens-sql-'));
  // A server that may not run as root writes its files as another user.
  chmodSync(folder, 0o777);
  const socket = join(folder, 'socket');
  const dataFolder = join(folder, 'data');
  const port = opensPort === true ? await freePort() : undefined;
  const place = [`--datadir=${dataFolder}`, ...(process.getuid?.() === 0 ? ['--user=root'] : [])];
  run(programs.install, place);
  const [program, ...first] = programs.server;
  const server = spawn(program!, [
    ...[...first, ...place, `--socket=${socket}`, `--pid-file=${join(folder, 'pid')}`, '--secure-file-priv='],
    ...['--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=0', '--sql-mode='],
    ...(port === undefined ? ['--skip-networking'] : ['--bind-address=127.0.0.1', `--port=${port}`]),
    ...args,
  ]);
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await ready(server.stderr, exited);

  const connection = ['--no-defaults', '--user=root', `--socket=${socket}`];
  let dumps = 0;
  return {
    ...{ socket, port, dataFolder },
    query: (sql, ...args) => run(programs.client, [...connection, '--batch', ...args], sql),
    dump(database, ...args) {
      const out = join(folder, `dump-${++dumps}`);
      mkdirSync(out);
      chmodSync(out, 0o777);
      run(programs.dump, [...connection, `--tab=${out}`, ...args, database]);
      return out;
    },
    dumpSql: (database, ...args) => run(programs.dump, [...connection, ...args, database]),
    mydumper(database, ...args) {
      const out = join(folder, `mydumper-${++dumps}`);
      run(['mydumper'], ['--user=root', `--socket=${socket}`, `--database=${database}`, `--outputdir=${out}`, ...args]);
      return out;
    },
    async stop() {
      server.kill();
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The servers cannot be told to choose one themselves. */
function freePort(): Promise<number> {
  const listener = createServer();
  return new Promise((resolve) => {
    listener.listen(0, '127.0.0.1', () => {
      const { port } = listener.address() as AddressInfo;
      listener.close(() => resolve(port));
    });
  });
}

function ready(log: NodeJS.ReadableStream, exited: Promise<void>): Promise<void> {
  let text = '';
  return new Promise((resolve, reject) => {
    log.on('data', (chunk: Buffer) => {
      text += chunk;
      if (text.includes('ready for connections')) resolve();
    });
    exited.then(() => reject(new Error(`the server ended:\n${text}`)));
  });
}

function run([command, ...first]: readonly string[], args: readonly string[], input: string | Buffer = ''): Buffer {
  const { status, stdout, stderr, error } = spawnSync(command!, [...first, ...args], { input, maxBuffer: 1024 ** 3 });
  // A client that refuses a statement leaves the rest of its input unread (EPIPE).
  if (error !== undefined && (status === null || status === 0)) throw error;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}:\n${stderr}`);
  return stdout;
}
