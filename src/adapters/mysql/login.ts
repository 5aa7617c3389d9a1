import { readFile, stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { ImportError } from '../../domain/import-error.ts';

/** As the mysql client's `--ssl-mode` names them, but for case. */
const sslModes = ['DISABLED', 'PREFERRED', 'REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY'] as const;
type SslMode = (typeof sslModes)[number];

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

/** What a `mysql://` source names. What it leaves out comes from an option file, else from the client's defaults. */
export type MysqlAddress = {
  /** For messages and the manifest: the URL, which holds no password. */
  readonly name: string;
  readonly user: string | undefined;
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** Path of a Unix socket, used instead of host and port. */
  readonly socketPath: string | undefined;
  readonly database: string;
  readonly table: string;
};

/** Whether a source is a table of a live server instead of a file. */
export function isMysqlAddress(source: string): boolean {
  return /^mysql:\/\//i.test(source);
}

/**
 * Reads `mysql://user@host:3306/db/table`, with names percent-encoded where they need it. Throws ImportError `usage`, which
 * repeats nothing of the URL, because it may hold a password.
 */
export function parseMysqlAddress(source: string): MysqlAddress {
  const url = URL.canParse(source) ? new URL(source) : undefined;
  const beforeHost = /^mysql:\/\/([^@]*)@/i.exec(source)?.[1] ?? '';
  if (beforeHost.includes(':')) throw passwordGiven();
  const signs = source.replace(/\?.*/s, '').split('@').length - 1;
  if (url === undefined || url.hash !== '' || url.pathname.includes('@') || signs > 1) throw malformed();
  const [database, table, ...rest] = url.pathname.slice(1).split('/').map(decoded);
  if (!database || !table || rest.length > 0) throw malformed();
  return {
    name: source,
    user: decoded(url.username) || undefined,
    host: decoded(url.hostname).replace(/^\[(.*)\]$/, '$1') || undefined,
    port: url.port === '' ? undefined : Number(url.port),
    socketPath: socketIn(url),
    database,
    table,
  };
}

function socketIn({ searchParams }: URL): string | undefined {
  const other = [...searchParams.keys()].find((name) => name !== 'socket');
  if (other === undefined) return searchParams.get('socket') || undefined;
  throw new ImportError('usage', `a mysql:// source has no parameter "${other}"`, {
    hint: 'Remove it. TLS is chosen with --ssl-mode and --ssl-ca, and ?socket=PATH names a Unix socket.',
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed();
  }
}

function passwordGiven(): ImportError {
  return new ImportError(
    'usage',
    'a mysql:// source may not hold a password: every user of this machine can read the arguments of a process',
    { hint: 'Set MYSQL_PWD, or write the password to ~/.my.cnf or to the file that --defaults-file names.' },
  );
}

function malformed(): ImportError {
  return new ImportError('usage', 'Expected a source such as mysql://user@host:3306/db/table', {
    hint: 'Name the server, the database and one table, and percent-encode special characters (@ is %40).',
  });
}

/** Values of an option file by their names, which have dashes: `ssl-ca`. */
type FileOptions = ReadonlyMap<string, string>;

/** Groups that every client reads, the second and third those of MariaDB. */
const clientGroups = new Set(['client', 'client-server', 'client-mariadb']);

/**
 * The client's options in `path`, else in `~/.my.cnf` if it is there. Throws ImportError `usage` for a file that was named
 * and cannot be read.
 */
export async function readOptionFile(
  path: string | undefined,
  home: string | undefined,
  warn: (message: string) => void,
): Promise<FileOptions> {
  if (path === undefined && home === undefined) return new Map();
  const file = path ?? join(home!, '.my.cnf');
  try {
    const { mode } = await stat(file);
    if (path === undefined && (mode & 0o002) !== 0) {
      warn(`${file} is ignored because every user may write to it`);
      return new Map();
    }
    const { options, includes } = parseOptionFile(await readFile(file, 'utf8'));
    if (includes) warn(`${file}: !include and !includedir are not followed`);
    return options;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (path === undefined && code === 'ENOENT') return new Map();
    throw new ImportError('usage', `the option file ${file} cannot be read (${code})`, {
      hint: 'Name a file that you may read with --defaults-file.',
      cause,
    });
  }
}

/** The options of the client's groups; of several that have one name the last holds. */
export function parseOptionFile(text: string): { readonly options: FileOptions; readonly includes: boolean } {
  const options = new Map<string, string>();
  let includes = false;
  let isClients = false;
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trim();
    const group = /^\[(.*)\]/.exec(trimmed)?.[1];
    if (trimmed.startsWith('!')) includes = true;
    else if (group !== undefined) isClients = clientGroups.has(group.trim());
    else if (isClients && trimmed !== '' && !/^[#;]/.test(trimmed)) {
      const [, name = '', value = ''] = /^([^=\s]+)\s*=?\s*(.*)$/.exec(trimmed) ?? [];
      options.set(name.replace(/^loose[-_]/, '').replaceAll('_', '-'), optionValue(value));
    }
  }
  return { options, includes };
}

/** As the client reads it: a `#` outside quotes begins a comment, quotes around the whole are dropped, escapes resolved. */
function optionValue(text: string): string {
  const value = withoutComment(text).trimEnd();
  const isQuoted = value.length > 1 && /^["']/.test(value) && value.endsWith(value[0]!);
  const inside = isQuoted ? value.slice(1, -1) : value;
  return inside.replace(/\\([btnrs\\"'])/g, (_, letter: string) => escapes[letter] ?? letter);
}

function withoutComment(text: string): string {
  const before = /^(?:[^"'#]|"(?:[^"\\]|\\.)*("|$)|'(?:[^'\\]|\\.)*('|$))*/.exec(text);
  return before?.[0] ?? '';
}

const escapes: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', r: '\r', s: ' ' };
