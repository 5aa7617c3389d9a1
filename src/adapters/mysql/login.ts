import { isIP } from 'node:net';
import { ImportError } from '../../domain/import-error.ts';
import type { MysqlAddress } from './mysql-address.ts';
import type { FileOptions } from './option-file.ts';

/** As the mysql client's `--ssl-mode` names them, but for case. */
export const sslModes = ['DISABLED', 'PREFERRED', 'REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY'] as const;
export type SslMode = (typeof sslModes)[number];

/** How to reach a server and who logs in there. */
export type Login = {
  readonly host: string;
  readonly port: number;
  readonly socketPath: string | undefined;
  /** `db.example.com:3306`, or the path of the socket: for messages. */
  readonly server: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly sslMode: SslMode;
  /** Paths of PEM files. */
  readonly sslCa: string | undefined;
  readonly sslCert: string | undefined;
  readonly sslKey: string | undefined;
};

export type LoginFlags = { readonly sslMode?: SslMode | undefined; readonly sslCa?: string | undefined };

/** The address first, then the flags, `MYSQL_PWD` and the option file. Throws ImportError `usage` where no user is named. */
export function chooseLogin(
  address: MysqlAddress,
  flags: LoginFlags,
  password: string | undefined,
  file: FileOptions,
): Login {
  const host = address.host ?? file.get('host') ?? 'localhost';
  const port = address.port ?? Number(file.get('port') ?? 3306);
  const socketPath = address.socketPath ?? socketInFile(address, host, file);
  const user = address.user ?? file.get('user');
  if (user === undefined) throw withoutUser(address);
  const sslCa = flags.sslCa ?? file.get('ssl-ca');
  return {
    ...{ host, port, socketPath, user, sslCa },
    server: socketPath ?? `${isIP(host) === 6 ? `[${host}]` : host}:${port}`,
    password: password ?? file.get('password'),
    sslMode: flags.sslMode ?? modeInFile(file) ?? defaultMode(host, socketPath, sslCa),
    sslCert: file.get('ssl-cert'),
    sslKey: file.get('ssl-key'),
  };
}

/** As for the client, `localhost` without a port is the socket, where one is told. */
function socketInFile({ host, port }: MysqlAddress, chosenHost: string, file: FileOptions): string | undefined {
  const mayBeSocket = (host === undefined || host === 'localhost') && port === undefined && chosenHost === 'localhost';
  return mayBeSocket ? file.get('socket') : undefined;
}

function modeInFile(file: FileOptions): SslMode | undefined {
  const mode = file.get('ssl-mode')?.toUpperCase();
  if (mode === undefined) return undefined;
  const known = sslModes.find((name) => name === mode);
  if (known !== undefined) return known;
  throw new ImportError('usage', `the option file sets ssl-mode to something other than ${sslModes.join(', ')}`, {
    hint: 'Correct it there, or pass --ssl-mode.',
  });
}

/** Nobody listens on the way to this machine itself. */
function defaultMode(host: string, socketPath: string | undefined, sslCa: string | undefined): SslMode {
  if (socketPath !== undefined) return 'DISABLED';
  if (!isLoopback(host)) return 'VERIFY_IDENTITY';
  return sslCa === undefined ? 'PREFERRED' : 'VERIFY_CA';
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function withoutUser({ name }: MysqlAddress): ImportError {
  return new ImportError('usage', `${name}: nothing says which user logs in`, {
    hint: 'Name the user in the source, as in mysql://user@host/db/table, or in ~/.my.cnf.',
  });
}
