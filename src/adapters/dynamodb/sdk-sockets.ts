import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { ConnectionOptions } from './connection-options.ts';
import { createDispatcher, isProxied } from './dispatcher.ts';
import { createRequestHandler } from './request-handler.ts';
import { SocketLedger } from './socket-ledger.ts';

type SdkSockets = {
  readonly requestHandler: NonNullable<DynamoDBClientConfig['requestHandler']>;
  readonly traffic: SocketLedger['totals'];
  close(): Promise<void>;
};

/** Keep-alive agents with as many sockets as batches in flight, where the SDK's default stops at 50. */
export function openSockets(options: ConnectionOptions): SdkSockets {
  if (isProxied(options)) return openProxiedSockets(options);
  const ledger = new SocketLedger();
  const agentOptions: https.AgentOptions = { keepAlive: true, maxSockets: options.concurrency, scheduling: 'lifo' };
  if (options.certificateAuthority !== undefined) agentOptions.ca = options.certificateAuthority;
  const httpAgent = countSockets(new http.Agent(agentOptions), ledger);
  const httpsAgent = countSockets(new https.Agent(agentOptions), ledger);
  return {
    requestHandler: { httpAgent, httpsAgent, connectionTimeout: options.requestTimeoutMs },
    traffic: () => ledger.totals(),
    async close() {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

/** Node's own agents know no proxies. */
function openProxiedSockets(options: ConnectionOptions): SdkSockets {
  const { dispatcher, ledger } = createDispatcher(options);
  return {
    requestHandler: createRequestHandler(dispatcher, options.requestTimeoutMs, options.clock),
    traffic: () => ledger.totals(),
    close: () => dispatcher.destroy(),
  };
}

function countSockets<A extends http.Agent>(agent: A, ledger: SocketLedger): A {
  const createConnection = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = createConnection(options, callback) as Socket;
    socket.once('connect', () => ledger.add(socket));
    return socket;
  };
  return agent;
}
