import type { LeasedConnection, Reply, Request } from '../../../../src/adapters/dynamodb/wire/transport.ts';

/** What comes of a request on a connection. */
export function replyOn(connection: LeasedConnection, request: Request): Promise<Reply> {
  return new Promise((resolve) => connection.start(request, resolve));
}
