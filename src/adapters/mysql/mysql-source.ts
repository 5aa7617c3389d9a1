import { ImportError } from '../../domain/import-error.ts';
import type { SourceFile } from '../../ports/source.ts';
import { openSession, type Session } from './connect.ts';
import {
  chooseLogin,
  type Login,
  type LoginFlags,
  type MysqlAddress,
  parseMysqlAddress,
  readOptionFile,
} from './login.ts';
import { connectionLost, type FaultPlace, isLostConnection, isPasswordRefused, serverFault } from './server-fault.ts';
import { type Snapshot, takeSnapshot } from './snapshot.ts';
import { RowStream } from './stream-rows.ts';

/** What the operator and the environment say of a live source. */
export type MysqlSettings = LoginFlags & {
  readonly defaultsFile?: string | undefined;
  /** Names of columns; undefined for all that are visible. */
  readonly columns?: readonly string[] | undefined;
  readonly where?: string | undefined;
  /** `MYSQL_PWD` and `HOME` are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asks the operator without showing the answer; undefined where nobody can be asked. */
  readonly askPassword?: ((question: string) => Promise<string | undefined>) | undefined;
  warn(message: string): void;
};

/** A table of a live server, as one transaction sees it. */
export type MysqlSource = Omit<Snapshot, 'select'> & {
  readonly file: MysqlFile;
  /** Ends the transaction and the connection, and with it whatever is being read. */
  close(): void;
};

/** Its rows as `INTO OUTFILE` writes them; they can be read only once. */
type MysqlFile = SourceFile & {
  readonly path: undefined;
  readonly mtimeMs: undefined;
  checkUnchanged(): Promise<void>;
};

/**
 * Logs in, begins a transaction and counts the rows. Throws ImportError `usage`, and `source-*` for what the server or the
 * network refuse.
 */
export async function openMysqlSource(source: string, settings: MysqlSettings): Promise<MysqlSource> {
  const address = parseMysqlAddress(source);
  const { env, defaultsFile, warn, columns, where } = settings;
  const file = await readOptionFile(defaultsFile, env['HOME'], warn);
  const login = chooseLogin(address, settings, env['MYSQL_PWD'], file);
  const { session, login: used } = await sessionFor(login, address, settings);
  const { database, table } = address;
  try {
    const snapshot = await takeSnapshot(session, { database, table, columns, where });
    if (snapshot.rows === 0) throw withoutRows(address, where);
    return sourceOf(session, snapshot, placeOf(address, used, settings));
  } catch (error) {
    session.close();
    throw serverFault(error, placeOf(address, used, settings));
  }
}

/** Asks for a password where the server wants one and none was found. */
async function sessionFor(login: Login, address: MysqlAddress, settings: MysqlSettings) {
  try {
    return { session: await openSession(login), login };
  } catch (error) {
    const { askPassword } = settings;
    const isAsked = login.password === undefined && isPasswordRefused(error) && askPassword !== undefined;
    const password = isAsked ? await askPassword(`Password of ${login.user} at ${login.server}: `) : undefined;
    if (password === undefined) throw serverFault(error, placeOf(address, login, settings));
    const withPassword = { ...login, password };
    const session = await openSession(withPassword).catch((again: unknown) => {
      throw serverFault(again, placeOf(address, withPassword, settings));
    });
    return { session, login: withPassword };
  }
}

function placeOf({ name, database, table }: MysqlAddress, login: Login, { where }: MysqlSettings): FaultPlace {
  const { server, user, password } = login;
  return { name, server, user, database, table, hasPassword: password !== undefined, hasWhere: where !== undefined };
}

function sourceOf(session: Session, { select, ...snapshot }: Snapshot, place: FaultPlace): MysqlSource {
  const stream = new RowStream(session);
  let bytesRead = 0;
  let isBegun = false;

  async function* rows(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of stream.read(select)) {
        bytesRead += chunk.length;
        yield chunk;
      }
    } catch (error) {
      throw isLostConnection(error) ? connectionLost(error, place, stream.rows) : serverFault(error, place);
    } finally {
      session.close();
    }
  }

  const file: MysqlFile = {
    ...{ name: place.name, path: undefined, mtimeMs: undefined, storedBytes: undefined },
    storedBytesRead: () => bytesRead,
    checkUnchanged: async () => {},
    read() {
      if (isBegun) throw new Error(`${place.name} can be read only once`);
      isBegun = true;
      return rows();
    },
  };
  return {
    ...{ ...snapshot, file },
    close() {
      stream.stop();
      session.close();
    },
  };
}

function withoutRows({ name }: MysqlAddress, where: string | undefined): ImportError {
  const which = where === undefined ? 'the table is empty' : 'no row matches --where';
  return new ImportError('source-empty', `${name}: ${which}`, {
    hint: where === undefined ? 'Check the name of the table.' : 'Check the condition.',
  });
}
