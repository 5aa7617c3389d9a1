import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A MariaDB server of our own on a socket in a scratch folder; no port, no network. */
export type MariaDb = {
  /** What the client prints for these statements, as bytes. */
  query(sql: string, ...args: readonly string[]): Buffer;
  /** `mysqldump --tab` of the database; returns the folder with a .sql and a .txt for each table. */
  dump(database: string, ...args: readonly string[]): string;
  stop(): Promise<void>;
};

/** Throws where the server is not installed or does not start. */
export async function startMariaDb(): Promise<MariaDb> {
  const folder = mkdtempSync(join(tmpdir(), 'import-tokens-mariadb-'));
  // The server writes its files as its own user where it may not run as root.
  chmodSync(folder, 0o777);
  const data = join(folder, 'data');
  const socket = join(folder, 'socket');
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  run('mariadb-install-db', [
    ...['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'],
    ...user,
  ]);
  const server = spawn('mariadbd', [
    ...['--no-defaults', `--datadir=${data}`, `--socket=${socket}`, '--skip-networking', '--secure-file-priv='],
    ...['--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=0', '--sql-mode=', ...user],
  ]);
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await ready(server.stderr, exited);

  const connection = ['--no-defaults', '--user=root', `--socket=${socket}`];
  let dumps = 0;
  return {
    query: (sql, ...args) => run('mariadb', [...connection, '--batch', ...args], sql),
    dump(database, ...args) {
      const out = join(folder, `dump-${++dumps}`);
      mkdirSync(out);
      chmodSync(out, 0o777);
      run('mariadb-dump', [...connection, `--tab=${out}`, ...args, database]);
      return out;
    },
    async stop() {
      server.kill();
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function ready(log: NodeJS.ReadableStream, exited: Promise<void>): Promise<void> {
  let text = '';
  return new Promise((resolve, reject) => {
    log.on('data', (chunk: Buffer) => {
      text += chunk;
      if (text.includes('ready for connections')) resolve();
    });
    exited.then(() => reject(new Error(`mariadbd ended:\n${text}`)));
  });
}

function run(command: string, args: readonly string[], input = ''): Buffer {
  const { status, stdout, stderr, error } = spawnSync(command, args, { input, maxBuffer: 1024 ** 3 });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ended with ${status}:\n${stderr}`);
  return stdout;
}
