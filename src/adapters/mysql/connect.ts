import { readFile } from 'node:fs/promises';
import { connect, isIP, type Socket } from 'node:net';
import { checkServerIdentity, rootCertificates, type TLSSocket } from 'node:tls';
import type { Connection, ConnectionOptions, FieldPacket, SslOptions } from 'mysql2';
import { ImportError } from '../../domain/import-error.ts';
import type { Login } from './login.ts';

/** One row of a small result: the texts of its values by the names of the columns. */
export type ResultRow = Readonly<Record<string, string | null>>;

/** A session that was logged in. */
export type Session = {
  readonly connection: Connection;
  readonly socket: Socket;
  /** All rows of a small result. Rejects with the driver's error. */
  query(sql: string): Promise<readonly ResultRow[]>;
  /** What ended the connection while nothing was asked; undefined while it lives. */
  fault(): Error | undefined;
  /** Ends it at once. The server ends what it was sending. */
  close(): void;
};

/** A connection attempt without an answer is given up after this time, in ms. */
const connectTimeoutMs = 10_000;
const keepAliveMs = 30_000;

/** Logs in. Rejects with the error of the driver or of the network. */
export async function openSession(login: Login): Promise<Session> {
  const ssl = await sslOptions(login);
  try {
    return await logIn(login, ssl);
  } catch (error) {
    const mayBePlain =
      login.sslMode === 'PREFERRED' && (error as { code?: string }).code === 'HANDSHAKE_NO_SSL_SUPPORT';
    if (!mayBePlain) throw error;
    return await logIn(login, undefined);
  }
}

async function logIn(login: Login, ssl: SslOptions | undefined): Promise<Session> {
  // It is loaded by nobody else, and takes a while.
  const { createConnection } = await import('mysql2');
  const { host, port, socketPath, user, password, sslMode } = login;
  const socket = socketPath === undefined ? connect({ host, port }) : connect(socketPath);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, keepAliveMs);
  const options: ConnectionOptions = {
    ...{ host, port, user, stream: socket, connectTimeout: connectTimeoutMs },
    ...(socketPath !== undefined && { socketPath }),
    ...(password !== undefined && { password }),
    ...(ssl !== undefined && { ssl }),
    // A server can ask a client for any of its files.
    flags: ['-LOCAL_FILES'],
    enableCleartextPlugin: sslMode.startsWith('VERIFY'),
    rowsAsArray: true,
    typeCast: false,
  } as ConnectionOptions;
  const connection = createConnection(options);
  if (sslMode === 'VERIFY_IDENTITY' && isIP(host) !== 0) checkAddressInCertificate(connection, host);
  let fault: Error | undefined;
  await new Promise<void>((resolve, reject) => {
    connection.on('error', (error) => {
      fault ??= error;
      reject(error);
    });
    connection.once('connect', () => resolve());
  }).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
  return {
    ...{ connection, socket },
    query: (sql) => queryAll(connection, sql),
    fault: () => fault,
    close() {
      connection.destroy();
      socket.destroy();
    },
  };
}

function queryAll(connection: Connection, sql: string): Promise<readonly ResultRow[]> {
  return new Promise((resolve, reject) => {
    connection.query(sql, (error, rows: unknown, fields) => {
      if (error !== null) reject(error);
      else resolve(Array.isArray(rows) ? rows.map((row: (Buffer | null)[]) => named(row, fields)) : []);
    });
  });
}

function named(row: readonly (Buffer | null)[], fields: readonly FieldPacket[]): ResultRow {
  return Object.fromEntries(fields.map(({ name }, i) => [name, row[i]?.toString('utf8') ?? null]));
}

async function sslOptions({ sslMode, sslCa, sslCert, sslKey }: Login): Promise<SslOptions | undefined> {
  if (sslMode === 'DISABLED') return undefined;
  const [ca, cert, key] = await Promise.all([pem(sslCa, '--ssl-ca'), pem(sslCert, 'ssl-cert'), pem(sslKey, 'ssl-key')]);
  const own = { ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) };
  if (!sslMode.startsWith('VERIFY')) return { ...own, rejectUnauthorized: false };
  const trusted = ca ?? [...rootCertificates, ...(await amazonCertificates())];
  return { ...own, ca: trusted, rejectUnauthorized: true, verifyIdentity: sslMode === 'VERIFY_IDENTITY' };
}

/** The authorities that sign the certificates of Amazon RDS and Aurora, as the driver has them. */
export async function amazonCertificates(): Promise<readonly string[]> {
  const { ConnectionConfig } = (await import('mysql2')) as unknown as {
    ConnectionConfig: { getSSLProfile(name: string): { readonly ca: readonly string[] } };
  };
  return ConnectionConfig.getSSLProfile('Amazon RDS').ca;
}

async function pem(path: string | undefined, option: string): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new ImportError('usage', `${option} ${path} cannot be read (${(cause as NodeJS.ErrnoException).code})`, {
      hint: 'Name a PEM file that you may read.',
      cause,
    });
  }
}

/** The driver checks names only: for an IP address it would ask for a certificate of `localhost`. */
function checkAddressInCertificate(connection: Connection, address: string): void {
  const internal = connection as unknown as {
    readonly config: { readonly ssl: { verifyIdentity: boolean } };
    readonly stream: TLSSocket;
    startTLS(onSecure: (error?: Error) => void): void;
  };
  internal.config.ssl.verifyIdentity = false;
  const startTls = internal.startTLS.bind(internal);
  internal.startTLS = (onSecure) =>
    startTls((error) => onSecure(error ?? checkServerIdentity(address, internal.stream.getPeerCertificate())));
}
