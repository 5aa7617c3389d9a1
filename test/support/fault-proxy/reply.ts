import type { ServerResponse } from 'node:http';
import { sendAnswer } from '../plain-server.ts';
import type { Answer } from '../plain-table/answers.ts';

/** The ways to end an exchange; using none leaves it open. A client that went away is not an error. */
export type Reply = {
  send(answer: Answer): void;
  /** The head of the answer and half of its body, then the connection closes. */
  sendHalf(answer: Answer): void;
  reset(): void;
};

export function replyOn(response: ServerResponse): Reply {
  return {
    send: ({ status, body }) => sendAnswer(response, status, body),
    sendHalf({ status, body }) {
      response.writeHead(status, {
        'content-type': 'application/x-amz-json-1.0',
        'content-length': Buffer.byteLength(body),
      });
      response.write(body.slice(0, body.length / 2), () => response.socket?.destroy());
    },
    reset: () => response.socket?.resetAndDestroy(),
  };
}
