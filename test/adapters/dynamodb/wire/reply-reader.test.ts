import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReplyReader, type WholeReply } from '../../../../src/adapters/dynamodb/wire/reply-reader.ts';

/** Gives the bytes to a reader in pieces of these sizes; what is left goes last. The pieces' memory is used again. */
function readPieces(bytes: Buffer, sizes: readonly number[], ends = false): WholeReply | undefined {
  const reader = new ReplyReader();
  const memory = Buffer.alloc(bytes.length);
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    const piece = bytes.subarray(at, at + size);
    if (piece.length === 0) break;
    at += piece.length;
    const reply = reader.push(memory.subarray(0, piece.copy(memory)));
    memory.fill('x');
    if (reply !== undefined) return reply;
  }
  return ends ? reader.end() : undefined;
}

function read(text: string, ends = false): WholeReply | undefined {
  return readPieces(Buffer.from(text), [], ends);
}

function chunked(body: Buffer, sizes: readonly number[]): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0, i = 0; at < body.length; i++) {
    const piece = body.subarray(at, at + sizes[i % sizes.length]!);
    at += piece.length;
    pieces.push(Buffer.from(`${piece.length.toString(16)};name=value\r\n`), piece, Buffer.from('\r\n'));
  }
  return Buffer.concat([...pieces, Buffer.from('0\r\nx-trailer: 1\r\n\r\n')]);
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 });

describe('a reply is the same however it is cut:', () => {
  test('with a length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), sizes, (body, cuts) => {
        const bytes = Buffer.from(body);
        const head = `HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\nDate: now\r\n\r\n`;
        const reply = readPieces(Buffer.concat([Buffer.from(head), bytes]), cuts);
        expect(reply).toMatchObject({ status: 200, body: bytes.toString(), reusable: true });
        expect(reply?.header('date')).toBe('now');
      }),
    );
  });

  test('in chunks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), sizes, sizes, (body, chunks, cuts) => {
        const head = Buffer.from('HTTP/1.1 400 Bad Request\r\ntransfer-encoding: Chunked\r\n\r\n');
        const reply = readPieces(Buffer.concat([head, chunked(Buffer.from(body), chunks)]), cuts);
        expect(reply).toMatchObject({ status: 400, body: Buffer.from(body).toString(), reusable: true });
      }),
    );
  });

  test('in one piece or in two, with any of the headers that decide', () => {
    const header = fc.constantFrom(
      ...['Content-Length: 4', 'content-length:4', 'Content-Length: 3', 'Content-Length: 0004 ', 'x-amz-crc32: 1'],
      ...['Connection: keep-alive', 'connection: close', 'Connection: Keep-Alive', 'Transfer-Encoding: chunked'],
    );
    const status = fc.constantFrom('HTTP/1.1 200 OK', 'HTTP/1.0 200 OK', 'HTTP/1.1 204 Nothing', 'HTTP/1.1 500 No');
    const body = fc.constantFrom('{  }', '{"ä"', '4\r\n{  }\r\n0\r\n\r\n', '');
    const read = (bytes: Buffer, cuts: readonly number[]) => {
      try {
        const reply = readPieces(bytes, cuts, true);
        return reply && { ...reply, header: reply.header('connection') };
      } catch (fault) {
        return (fault as Error).message;
      }
    };
    fc.assert(
      fc.property(status, fc.array(header, { maxLength: 3 }), body, (line, headers, text) => {
        const bytes = Buffer.from([line, ...headers, '', text].join('\r\n'));
        expect(read(bytes, [])).toEqual(read(bytes, [1]));
      }),
      { numRuns: 2000 },
    );
  });

  test('up to the end of the connection', () => {
    fc.assert(
      fc.property(sizes, (cuts) => {
        const bytes = Buffer.from('HTTP/1.1 503 Slow Down\r\n\r\n{"message":"ä"}');
        expect(readPieces(bytes, cuts)).toBeUndefined();
        expect(readPieces(bytes, cuts, true)).toMatchObject({ status: 503, body: '{"message":"ä"}', reusable: false });
      }),
    );
  });
});

test('one reader reads the replies of a connection one by one', () => {
  const reader = new ReplyReader();
  const reply = (body: string) => Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  expect(reader.push(reply('first').subarray(0, 30))).toBeUndefined();
  expect(reader.push(reply('first').subarray(30))?.body).toBe('first');
  expect(reader.push(reply('second'))?.body).toBe('second');
});

test('what stands before the reply proper is passed over', () => {
  expect(read('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')?.body).toBe('ok');
});

test('a reply without a body needs no length', () => {
  expect(read('HTTP/1.1 204 No Content\r\n\r\n')).toMatchObject({ status: 204, body: '', reusable: true });
});

test.each([
  ['it says so', 'HTTP/1.1 200 OK\r\nConnection: Close\r\ncontent-length: 2\r\n\r\nok'],
  ['it is HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok'],
  ['more comes than was asked for', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP'],
])('a connection is not used again where %s', (_why, text) => {
  expect(read(text)).toMatchObject({ body: 'ok', reusable: false });
});

test.each([
  ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
  ['a length that is no number', 'HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\nok'],
  ['a chunk without a size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nok\r\n'],
  ['a head without an end', `HTTP/1.1 200 OK\r\n${'x-more: 1\r\n'.repeat(7000)}`],
])('%s is refused', (_what, text) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ code: 'unreadable reply' }));
});

test('a reply that breaks off is none', () => {
  expect(read('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nok', true)).toBeUndefined();
});

test('a chunked reply of 64 MB is read in a time that grows as it does', () => {
  // Searched again with each piece, it would take minutes.
  const body = Buffer.alloc(64 * 1024 * 1024, 'abcdefghijklmnopqrstuvwxyz');
  const bytes = Buffer.concat([
    Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'),
    chunked(body, [16_384]),
  ]);
  const reader = new ReplyReader();
  let reply: WholeReply | undefined;
  for (let at = 0; at < bytes.length; at += 8_192) reply = reader.push(bytes.subarray(at, at + 8_192));
  expect(reply?.reusable).toBe(true);
  expect(reply?.body === body.toString()).toBe(true);
});

test.each([
  ['a chunk longer than its size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nokay\r\n0\r\n\r\n'],
  ['a size without an end', `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;${'x'.repeat(70_000)}`],
])('%s is refused', (_what, text) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ code: 'unreadable reply' }));
});
