import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { type Backend, plainBackend, remoteBackend, type WireRequest } from './fault-proxy/backend.ts';
import { Capacity, type CapacityLimit } from './fault-proxy/capacity.ts';
import { type Faults, leftToChance } from './fault-proxy/faults.ts';
import { FaultyWrites } from './fault-proxy/faulty-writes.ts';
import { type Reply, replyOn } from './fault-proxy/reply.ts';
import { type AcceptedItem, newTraffic, type RequestOutcome, type Traffic } from './fault-proxy/traffic.ts';
import { type Loopback, listenOnLoopback } from './loopback.ts';
import { readBody } from './plain-server.ts';
import { type Answer, expiredToken, serializationError } from './plain-table/answers.ts';
import { accessKeyOf } from './plain-table/signature.ts';
import type { PlainTable } from './plain-table.ts';
import { seededRandom } from './seeded-random.ts';

export type FaultProxyOptions = {
  /** URL of an engine that checks no signatures, or a table in this process. */
  readonly target: string | PlainTable;
  readonly seed: number;
  readonly faults?: Faults;
  readonly capacity?: readonly CapacityLimit[];
  /** Keep each item the table takes, in order. */
  readonly keepAccepted?: boolean;
  readonly clock?: Clock;
};

/** An answer of the test instead of the table's, for any operation; undefined lets the request pass. */
export type OwnAnswer = (operation: string, body: Readonly<Record<string, unknown>>) => Answer | undefined;

/** A DynamoDB endpoint on 127.0.0.1 that injects faults into writes, chosen by a seed. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const proxy = new FaultProxy(options);
  await proxy.listen();
  if (leftToChance(options.faults ?? {})) console.info(`fault proxy: seed ${options.seed}`);
  return proxy;
}

const writeOperations: ReadonlySet<string> = new Set([
  'BatchWriteItem',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'TransactWriteItems',
  'ExecuteStatement',
  'BatchExecuteStatement',
]);

export class FaultProxy {
  readonly seed: number;
  /** Live figures. */
  readonly traffic: Traffic = newTraffic();
  /** The items that the table accepted, if `keepAccepted` is set. */
  readonly accepted: AcceptedItem[] = [];
  readonly #backend: Backend;
  readonly #capacity: Capacity;
  readonly #writes: FaultyWrites;
  readonly #server: Server;
  readonly #expiredKeys = new Set<string>();
  readonly #waiting = new Set<() => void>();
  #ownAnswer: OwnAnswer | undefined;
  #loopback: Loopback | undefined;

  constructor({ target, seed, faults = {}, capacity = [], keepAccepted, clock = systemClock }: FaultProxyOptions) {
    this.seed = seed;
    this.#backend = typeof target === 'string' ? remoteBackend(target) : plainBackend(target);
    this.#capacity = new Capacity(() => clock.nowMs());
    for (const limit of capacity) this.#capacity.set(limit);
    this.#writes = new FaultyWrites(faults, {
      backend: this.#backend,
      random: seededRandom(seed),
      clock,
      capacity: this.#capacity,
      traffic: this.traffic,
      changed: () => this.#changed(),
      accepted: keepAccepted ? this.accepted : undefined,
    });
    this.#server = createServer((request, response) => {
      // An engine that went away looks to the client as it would without a proxy.
      this.#serve(request, response).catch(() => response.socket?.destroy());
    });
    this.#server.keepAliveTimeout = 0;
    this.#server.requestTimeout = 0;
    this.#server.on('connection', () => this.traffic.connectionsOpened++);
  }

  async listen(): Promise<void> {
    this.#loopback = await listenOnLoopback(this.#server);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#loopback?.port}`;
  }

  /** Replaces all faults from the next request on. */
  setFaults(faults: Faults): void {
    this.#writes.faults = faults;
  }

  /** Sets or changes the limit of a table or an index. */
  setCapacity(limit: CapacityLimit): void {
    this.#capacity.set(limit);
  }

  liftCapacity(table: string, index?: string): void {
    this.#capacity.lift(table, index);
  }

  /** Requests signed with this key are answered as expired from now on. */
  expireAccessKey(accessKeyId: string): void {
    this.#expiredKeys.add(accessKeyId);
  }

  setOwnAnswer(answer: OwnAnswer | undefined): void {
    this.#ownAnswer = answer;
  }

  /** Resolves as soon as the figures satisfy the condition. */
  until(condition: (traffic: Traffic) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!condition(this.traffic)) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** Resolves when no given-up write is left to be applied. */
  settled(): Promise<void> {
    return this.until(({ writesPending }) => writesPending === 0);
  }

  /** Drops every connection and every delayed effect. */
  async close(): Promise<void> {
    this.#writes.close();
    await this.#loopback?.close();
    this.#backend.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const wire = await readRequest(request);
    if (wire === undefined) return;
    const reply = replyOn(response);
    if ('status' in wire) return this.#answer(reply, wire, 'refused');
    const refusal = this.#refusal(wire);
    if (refusal !== undefined) return this.#answer(reply, refusal, 'refused');
    const suffers = wire.operation === 'BatchGetItem' && this.#writes.faults.reads;
    if (suffers || writeOperations.has(wire.operation)) return this.#writes.handle(wire, reply);
    this.#answer(reply, await this.#backend.pass(wire), 'passed');
  }

  #answer(reply: Reply, answer: Answer, outcome: RequestOutcome): void {
    reply.send(answer);
    this.traffic.requests[outcome]++;
    this.#changed();
  }

  #refusal(wire: WireRequest): Answer | undefined {
    if (this.#expiredKeys.has(accessKeyOf(wire.headers) ?? '')) return expiredToken();
    return this.#backend.refusal(wire) ?? this.#ownAnswer?.(wire.operation, wire.parsed);
  }

  #changed(): void {
    for (const check of this.#waiting) check();
  }
}

/** The parsed request, the answer to one that is not JSON, or undefined if the client went away. */
async function readRequest(request: IncomingMessage): Promise<WireRequest | Answer | undefined> {
  const body = await readBody(request);
  if (body === undefined) return undefined;
  const target = String(request.headers['x-amz-target'] ?? '');
  try {
    const parsed = JSON.parse(body.toString());
    return { operation: target.slice(target.indexOf('.') + 1), headers: request.headers, body, parsed };
  } catch {
    return serializationError();
  }
}
