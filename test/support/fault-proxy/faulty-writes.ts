import type { Clock } from '../../../src/ports/clock.ts';
import { type Answer, internalError, serviceUnavailable, throttled, validationError } from '../plain-table/answers.ts';
import { tableArn } from '../plain-table/describe-table.ts';
import { readBatch } from '../plain-table/read-batch.ts';
import type { TableSchema } from '../plain-table/table-schema.ts';
import { type Applied, type ApplyOptions, applyBatch } from './apply-batch.ts';
import type { WireRequest } from './backend.ts';
import { drawDelayMs, drawFault, type FaultKind, type Faults } from './faults.ts';
import { passSome } from './pass-some.ts';
import type { Reply } from './reply.ts';
import { addVolume, type CostedWrite, costed, type RequestOutcome } from './traffic.ts';

export type FaultyWritesOptions = Omit<ApplyOptions, 'faults'> & {
  readonly clock: Clock;
  /** Called after each change of the traffic. */
  readonly changed: () => void;
};

/** A request that has been understood and can be carried out, at once, late or never. */
type Job = { readonly writes: readonly CostedWrite[]; apply(): Promise<Applied> };

/** Passes writes to the backend, each with the fault that the seed chooses. */
export class FaultyWrites {
  faults: Faults;
  readonly #options: FaultyWritesOptions;
  readonly #cancels = new Set<() => void>();
  #requests = 0;

  constructor(faults: Faults, options: FaultyWritesOptions) {
    this.faults = faults;
    this.#options = options;
  }

  /** Drops what was to be applied or answered late. */
  close(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
    this.#options.traffic.writesPending = 0;
    this.#options.changed();
  }

  async handle(request: WireRequest, reply: Reply): Promise<void> {
    this.#requests++;
    const job = request.operation === 'BatchWriteItem' ? await this.#batch(request) : this.#single(request);
    if ('status' in job) return this.#answer(reply, job, 'refused');
    addVolume(this.#options.traffic.received, job.writes);
    if (job.writes.some(({ key }) => this.faults.invalidKeys?.has(key))) {
      return this.#answer(reply, validationError('One or more parameter values were invalid'), 'refused');
    }
    await this.#suffer(drawFault(this.#options.random, this.faults), request, job, reply);
  }

  async #suffer(fault: FaultKind | undefined, request: WireRequest, job: Job, reply: Reply): Promise<void> {
    switch (fault) {
      case undefined: {
        const { answer, outcome } = await job.apply();
        return this.#answer(reply, answer, outcome);
      }
      case 'throttle':
        return this.#answer(reply, throttledAtRandom(request), 'throttled');
      case 'serverError': {
        const answer = this.#options.random() < 0.5 ? internalError() : serviceUnavailable();
        return this.#answer(reply, answer, 'serverError');
      }
      case 'serverErrorAfterWrite':
        await job.apply();
        return this.#answer(reply, internalError(), 'serverError');
      case 'resetBeforeWrite':
        reply.reset();
        return this.#count('reset');
      case 'resetAfterWrite':
        await job.apply();
        reply.reset();
        return this.#count('reset');
      case 'hang':
        return this.#count('hung');
      case 'applyLate':
        this.#applyLate(job);
        return this.#count('hung');
      case 'answerLate':
        this.#answerLate((await job.apply()).answer, reply);
        return this.#count('answeredLate');
      case 'truncate':
        reply.sendHalf((await job.apply()).answer);
        return this.#count('truncated');
    }
  }

  /** Parses a batch, or refuses it as the table would. */
  async #batch(request: WireRequest): Promise<Job | Answer> {
    const receivedAs = this.#requests;
    const schemas = new Map<string, TableSchema | undefined>();
    for (const table in request.parsed['RequestItems'] as object) {
      schemas.set(table, await this.#options.backend.schema(table, request));
    }
    const understood = readBatch(request.parsed, (table) => schemas.get(table));
    if (!Array.isArray(understood)) return understood;
    const writes = understood.map(costed);
    return { writes, apply: () => applyBatch(request, writes, receivedAs, { ...this.#options, faults: this.faults }) };
  }

  /** Any other write is carried out unchanged or not at all. */
  #single(request: WireRequest): Job {
    const apply = async (): Promise<Applied> => {
      const { random, backend } = this.#options;
      const answer = await passSome(request, { random, backend, handBack: this.faults.handBack ?? 0 });
      return { answer, outcome: answer.status === 200 ? 'accepted' : 'refused', items: 0 };
    };
    return { writes: [], apply };
  }

  #applyLate(job: Job): void {
    const { traffic, random, changed } = this.#options;
    traffic.writesPending++;
    this.#after(drawDelayMs(random, this.faults.applyAfterMs ?? 1_000), async () => {
      // The table may be gone by then.
      const applied = await job.apply().catch(() => undefined);
      traffic.itemsAppliedLate += applied?.items ?? 0;
      traffic.writesPending--;
      changed();
    });
  }

  #answerLate(answer: Answer, reply: Reply): void {
    const delayMs = drawDelayMs(this.#options.random, this.faults.answerAfterMs ?? 1_000);
    this.#after(delayMs, () => reply.send(answer));
  }

  #after(delayMs: number, action: () => void): void {
    const cancel = this.#options.clock.setTimer(delayMs, () => {
      this.#cancels.delete(cancel);
      action();
    });
    this.#cancels.add(cancel);
  }

  #answer(reply: Reply, answer: Answer, outcome: RequestOutcome): void {
    reply.send(answer);
    this.#count(outcome);
  }

  #count(outcome: RequestOutcome): void {
    this.#options.traffic.requests[outcome]++;
    this.#options.changed();
  }
}

function throttledAtRandom({ parsed }: WireRequest): Answer {
  const table = String(parsed['TableName'] ?? Object.keys(parsed['RequestItems'] ?? {})[0]);
  return throttled([{ reason: 'TableWriteProvisionedThroughputExceeded', resource: tableArn(table) }]);
}
