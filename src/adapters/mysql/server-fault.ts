import { formatCount } from '../../domain/format.ts';
import { ImportError, type ImportErrorCode } from '../../domain/import-error.ts';

/** Where a fault came up, for its message. */
export type FaultPlace = {
  /** The source as it was given. */
  readonly name: string;
  /** `db.example.com:3306`, or the path of a socket. */
  readonly server: string;
  readonly user: string;
  readonly database: string;
  readonly table: string;
  /** Whether a password was sent. */
  readonly hasPassword: boolean;
  readonly hasWhere: boolean;
};

type Fault = { readonly code: ImportErrorCode; readonly what: string; readonly hint: string };

/**
 * What the server, the driver or the network reported, in words. Texts of the server are left out, because they can hold
 * values.
 */
export function serverFault(cause: unknown, place: FaultPlace): ImportError {
  if (cause instanceof ImportError) return cause;
  const { code = '', errno } = cause as { code?: string; errno?: number };
  const fault = networkFault(code, place) ?? tlsFault(code, cause, place) ?? refusal(code, place);
  const { what, hint, ...known } = fault ?? unknownFault(code || String(cause), errno);
  return new ImportError(known.code, `${place.name}: ${what}`, { hint, cause });
}

/** Whether the server wants another password than the one that was sent, or than none. */
export function isPasswordRefused(cause: unknown): boolean {
  const { code } = cause as { code?: string };
  return code === 'ER_ACCESS_DENIED_ERROR' || code === 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR';
}

/** The end of a connection in the middle of the rows. The rows that had arrived are written first. */
export function connectionLost(cause: unknown, place: FaultPlace, rows: number): ImportError {
  const { code = 'unknown' } = cause as { code?: string };
  const what = `the connection was lost after ${formatCount(rows)} rows (${code})`;
  return new ImportError('source-truncated', `${place.name}: ${what}`, {
    hint: 'Resume the run. It reads the rows from the beginning and goes on if none that it has done was changed.',
    cause,
  });
}

/** Whether the fault is one of the connection, so that a new one may do better. */
export function isLostConnection(cause: unknown): boolean {
  return lostCodes.has((cause as { code?: string }).code ?? '');
}

const lostCodes = new Set([
  ...['PROTOCOL_CONNECTION_LOST', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ER_SERVER_SHUTDOWN', 'ER_CONNECTION_KILLED', 'ER_QUERY_INTERRUPTED', 'ER_NET_WRITE_INTERRUPTED'],
  ...['ER_NET_ERROR_ON_WRITE', 'ER_CLIENT_INTERACTION_TIMEOUT', 'PROTOCOL_ERROR', 'ER_SESSION_WAS_KILLED'],
]);

function unreadable(what: string, hint: string): Fault {
  return { code: 'source-unreadable', what, hint };
}

function networkFault(code: string, { server }: FaultPlace): Fault | undefined {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return unreadable(
        `the host of ${server} is unknown`,
        'Check the host name, and that this machine can resolve it.',
      );
    case 'ECONNREFUSED':
      return unreadable(
        `${server} refuses connections`,
        'Check the port, and that the server runs and listens there (bind_address, skip_networking).',
      );
    case 'ENOENT':
    case 'ENOTSOCK':
      return unreadable(`there is no socket at ${server}`, 'Check the path of the socket, and that the server runs.');
    case 'EACCES':
      return unreadable(`${server} cannot be opened: permission denied`, 'Run as a user who may open the socket.');
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return unreadable(
        `${server} does not answer`,
        'Check host and port, and that firewalls and security groups allow connections from this machine.',
      );
    case 'ECONNRESET':
    case 'EPIPE':
    case 'PROTOCOL_CONNECTION_LOST':
      return unreadable(
        `${server} closed the connection`,
        'Check that a MySQL server listens on that port and that it is not shutting down, then try again.',
      );
    default:
      return undefined;
  }
}

function tlsFault(code: string, cause: unknown, { server }: FaultPlace): Fault | undefined {
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') {
    return unreadable(
      `${server} does not support TLS`,
      'Enable TLS on the server, or pass --ssl-mode DISABLED to send password and rows unencrypted.',
    );
  }
  if (code === 'ER_SECURE_TRANSPORT_REQUIRED') {
    return unreadable(`${server} accepts only TLS connections`, 'Pass --ssl-mode REQUIRED or a stricter mode.');
  }
  if (code !== 'HANDSHAKE_SSL_ERROR') return undefined;
  const { message = '', reason } = cause as { message?: string; reason?: unknown };
  if (reason !== undefined || /altnames|does not match/i.test(message)) {
    return unreadable(
      `the certificate of ${server} is for another host`,
      'Name the server as its certificate does, or pass --ssl-mode VERIFY_CA to leave the name unchecked.',
    );
  }
  if (/expired/i.test(message)) {
    return unreadable(`the certificate of ${server} has expired`, 'Renew it, and check the clock of this machine.');
  }
  if (/certificate|issuer|verify/i.test(message)) {
    return unreadable(
      `the certificate of ${server} is not signed by an authority that is trusted here`,
      "Pass the authority's certificate with --ssl-ca FILE, or --ssl-mode REQUIRED to encrypt without checking the server.",
    );
  }
  return unreadable(
    `the TLS handshake with ${server} failed`,
    'Check which TLS versions the server accepts (tls_version).',
  );
}

function refusal(code: string, place: FaultPlace): Fault | undefined {
  return loginRefusal(code, place) ?? objectRefusal(code, place) ?? whereRefusal(code, place);
}

function loginRefusal(code: string, { server, user, hasPassword }: FaultPlace): Fault | undefined {
  switch (code) {
    case 'ER_ACCESS_DENIED_ERROR':
    case 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR':
      return hasPassword
        ? unreadable(
            `${server} refuses user "${user}" with this password`,
            'Check user and password, and that the user may log in from this machine.',
          )
        : unreadable(
            `${server} refuses user "${user}" without a password`,
            'Set MYSQL_PWD, or write the password to ~/.my.cnf or to the file that --defaults-file names.',
          );
    case 'ER_HOST_NOT_PRIVILEGED':
    case 'ER_HOST_IS_BLOCKED':
      return unreadable(`${server} accepts no connections from this machine`, 'Grant the user access from this host.');
    case 'ER_CON_COUNT_ERROR':
    case 'ER_TOO_MANY_USER_CONNECTIONS':
    case 'ER_USER_LIMIT_REACHED':
      return unreadable(`${server} has no connection left`, 'Close other connections, or raise max_connections.');
    case 'ER_MUST_CHANGE_PASSWORD':
    case 'ER_MUST_CHANGE_PASSWORD_LOGIN':
    case 'ER_ACCOUNT_HAS_BEEN_LOCKED':
      return unreadable(
        `${server} has locked user "${user}" or its password has expired`,
        'Unlock it with ALTER USER.',
      );
    case 'AUTH_SWITCH_PLUGIN_ERROR':
    case 'ER_NOT_SUPPORTED_AUTH_MODE':
      return unreadable(
        `${server} wants user "${user}" to log in by a method that is not supported`,
        'Use an account with caching_sha2_password or mysql_native_password.',
      );
    case 'MYSQL_CLEAR_PASSWORD_NOT_ENABLED':
      return unreadable(
        `${server} wants the password in clear text, which is sent only to a server whose certificate was verified`,
        'Pass --ssl-mode VERIFY_IDENTITY.',
      );
    default:
      return undefined;
  }
}

function objectRefusal(code: string, { user, database, table }: FaultPlace): Fault | undefined {
  switch (code) {
    case 'ER_BAD_DB_ERROR':
      return {
        code: 'source-missing',
        what: `there is no database "${database}"`,
        hint: 'Check the name of the database.',
      };
    case 'ER_NO_SUCH_TABLE':
    case 'ER_BAD_TABLE_ERROR':
      return {
        code: 'source-missing',
        what: `there is no table "${table}" in database "${database}"`,
        hint: 'Check the name of the table, including upper and lower case.',
      };
    case 'ER_DBACCESS_DENIED_ERROR':
      return unreadable(
        `user "${user}" may not use database "${database}", or there is none`,
        `Check the name, and grant the right: GRANT SELECT ON ${database}.${table} TO ...`,
      );
    case 'ER_TABLEACCESS_DENIED_ERROR':
    case 'ER_COLUMNACCESS_DENIED_ERROR':
    case 'ER_SPECIFIC_ACCESS_DENIED_ERROR':
      return unreadable(
        `user "${user}" may not read all of table "${database}.${table}"`,
        `Grant the right: GRANT SELECT ON ${database}.${table} TO ...`,
      );
    case 'ER_TABLE_DEF_CHANGED':
      return {
        code: 'source-changed',
        what: 'the table was altered while it was being read',
        hint: 'Start the run again when no ALTER TABLE is under way.',
      };
    case 'ER_LOCK_WAIT_TIMEOUT':
    case 'ER_LOCK_DEADLOCK':
      return unreadable(
        'another session holds a lock on the table',
        'Try again when ALTER TABLE or LOCK TABLES has ended.',
      );
    default:
      return undefined;
  }
}

function whereRefusal(code: string, { hasWhere }: FaultPlace): Fault | undefined {
  const problems: Readonly<Record<string, string>> = {
    ER_PARSE_ERROR: 'is not valid SQL',
    ER_BAD_FIELD_ERROR: 'names a column that the table does not have',
    ER_INVALID_GROUP_FUNC_USE: 'uses an aggregate function',
    ER_SP_DOES_NOT_EXIST: 'calls a function that does not exist',
  };
  const problem = hasWhere ? problems[code] : undefined;
  if (problem === undefined) return undefined;
  return {
    code: 'usage',
    what: `--where ${problem} (${code})`,
    hint: 'Try it with SELECT COUNT(*) in the mysql client.',
  };
}

function unknownFault(code: string, errno: number | undefined): Fault {
  return unreadable(
    `the server or the connection failed with ${code}${errno === undefined ? '' : ` (${errno})`}`,
    'Look up the code in the manual of the server and in its error log.',
  );
}
