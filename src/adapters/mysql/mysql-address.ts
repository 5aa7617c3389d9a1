import { ImportError } from '../../domain/import-error.ts';

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
