import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { listenOnLoopback } from './loopback.ts';

/** What the server says to a statement. */
export type ScriptedAnswer =
  | { readonly columns: readonly string[]; readonly rows: Iterable<readonly (string | null)[]>; readonly end?: RowsEnd }
  | ScriptedError
  | 'ok';
export type ScriptedError = { readonly errno: number; readonly message: string };
/** In place of the end of the rows. */
type RowsEnd = ScriptedError | 'cut' | 'cut in a row';

export type ScriptedServer = {
  readonly port: number;
  /** Bytes handed to the system for all clients. */
  bytesSent(): number;
  connectionsOpen(): number;
  /** Drops every connection. */
  dropAll(): void;
  close(): Promise<void>;
};

export type Script = {
  /** Refuses a user; undefined lets everyone in. */
  login?(user: string, hasPassword: boolean): ScriptedError | undefined;
  /** A new session, which answers statements. */
  session(): (sql: string) => ScriptedAnswer;
};

/** A server that speaks MySQL's protocol without TLS and answers from a script. */
export async function startScriptedMysql(script: Script): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  let sent = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.once('close', () => {
      sockets.delete(socket);
      sent += socket.bytesWritten;
    });
    // A client may leave at any time.
    socket.on('error', () => {});
    serve(socket, script).catch(() => socket.destroy());
  });
  const { port, close } = await listenOnLoopback(server);
  return {
    ...{ port, close },
    bytesSent: () =>
      [...sockets].reduce((sum, { bytesWritten, writableLength }) => sum + bytesWritten - writableLength, sent),
    connectionsOpen: () => sockets.size,
    dropAll() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function serve(socket: Socket, { login, session }: Script): Promise<void> {
  const packets = packetsOf(socket);
  socket.write(packet(0, greeting()));
  const { value: reply } = await packets.next();
  const { user, hasPassword } = readLogin(reply as Buffer);
  const refused = login?.(user, hasPassword);
  if (refused !== undefined) {
    socket.end(packet(2, errorBody(refused)));
    return;
  }
  socket.write(packet(2, okBody));
  const answer = session();
  for await (const command of packets) {
    if (command[0] === quit) break;
    await send(socket, answer(statementIn(command)));
  }
  socket.end();
}

async function send(socket: Socket, answer: ScriptedAnswer): Promise<void> {
  if (answer === 'ok') socket.write(packet(1, okBody));
  else if ('errno' in answer) socket.write(packet(1, errorBody(answer)));
  else await sendRows(socket, answer);
}

async function sendRows(
  socket: Socket,
  { columns, rows, end }: Exclude<ScriptedAnswer, 'ok' | ScriptedError>,
): Promise<void> {
  let sequence = 1;
  const next = (body: Buffer) => packet(sequence++ % 256, body);
  const head = [next(Buffer.from([columns.length])), ...columns.map((name) => next(columnBody(name))), next(eofBody)];
  socket.write(Buffer.concat(head));
  for (const row of rows) {
    if (!socket.write(next(Buffer.concat(row.map(fieldBody))))) await drained(socket);
  }
  if (end === 'cut in a row') socket.write(Buffer.from([200, 0, 0, sequence % 256, 5]));
  if (end === 'cut' || end === 'cut in a row') socket.end();
  else socket.write(next(end === undefined ? eofBody : errorBody(end)));
}

async function drained(socket: Socket): Promise<void> {
  const left = new AbortController();
  const leave = () => left.abort();
  socket.once('close', leave);
  try {
    await once(socket, 'drain', { signal: left.signal });
  } finally {
    socket.off('close', leave);
  }
}

async function* packetsOf(socket: Socket): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const chunk of socket) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUIntLE(0, 3)) {
      const end = 4 + rest.readUIntLE(0, 3);
      yield rest.subarray(4, end);
      rest = rest.subarray(end);
    }
  }
}

const quit = 1;
const protocol41 = 0x200;
const secureConnection = 0x8000;
const pluginAuth = 0x80000;
const capabilities = 1 | protocol41 | secureConnection | pluginAuth;
const utf8mb4 = 45;
const autocommit = 2;
const varString = 0xfd;
const scramble = Buffer.from('abcdefghijklmnopqrst');

const okBody = Buffer.from([0, 0, 0, autocommit, 0, 0, 0]);
const eofBody = Buffer.from([0xfe, 0, 0, autocommit, 0]);

function packet(sequence: number, body: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUIntLE(body.length, 0, 3);
  head[3] = sequence;
  return Buffer.concat([head, body]);
}

function greeting(): Buffer {
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(capabilities);
  return Buffer.concat([
    Buffer.from('\x0a8.0.0-scripted\0'),
    Buffer.from([7, 0, 0, 0]),
    scramble.subarray(0, 8),
    Buffer.from([0, flags[0]!, flags[1]!, utf8mb4, autocommit, 0, flags[2]!, flags[3]!, 21]),
    Buffer.alloc(10),
    scramble.subarray(8),
    Buffer.from('\0mysql_native_password\0'),
  ]);
}

function readLogin(reply: Buffer): { readonly user: string; readonly hasPassword: boolean } {
  const end = reply.indexOf(0, 32);
  return { user: reply.toString('utf8', 32, end), hasPassword: reply[end + 1]! > 0 };
}

function statementIn(command: Buffer): string {
  return command.toString('utf8', 1);
}

function errorBody({ errno, message }: ScriptedError): Buffer {
  return Buffer.concat([Buffer.from([0xff, errno & 0xff, errno >> 8]), Buffer.from(`#HY000${message}`)]);
}

function columnBody(name: string): Buffer {
  const texts = ['def', '', '', '', name, ''].map((text) =>
    Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]),
  );
  return Buffer.concat([...texts, Buffer.from([12, utf8mb4, 0, 255, 255, 0, 0, varString, 0, 0, 0, 0, 0])]);
}

function fieldBody(value: string | null): Buffer {
  if (value === null) return Buffer.from([0xfb]);
  const bytes = Buffer.from(value);
  if (bytes.length < 251) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const head = Buffer.alloc(4, 0xfd);
  head.writeUIntLE(bytes.length, 1, 3);
  return Buffer.concat([head, bytes]);
}
