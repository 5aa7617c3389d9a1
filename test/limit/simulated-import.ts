import type { Column } from '../../src/domain/column.ts';
import type { Batch } from '../../src/domain/token.ts';
import type { ThrottleCause, WriteResult } from '../../src/domain/write-result.ts';
import { csvDialect } from '../../src/input/csv/csv.ts';
import { RowReader } from '../../src/input/row-reader.ts';
import { RunningHash } from '../../src/input/source-hash.ts';
import { Pace } from '../../src/limit/pace.ts';
import { RowMapper } from '../../src/pipeline/map-row.ts';
import { ImportRun } from '../../src/pipeline/run-import.ts';
import type { RunEvent } from '../../src/ports/run-observer.ts';
import type { Source } from '../../src/ports/source.ts';
import type { TokenRepository } from '../../src/ports/token-repository.ts';
import { plainCsv } from '../input/csv/csv-files.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { Capacity, type CapacityLimit } from '../support/fault-proxy/capacity.ts';
import { seededRandom, shuffled } from '../support/seeded-random.ts';

export const table = 'tokens';
export const index = 'by-user';

export type Simulation = {
  /** Write units a second; undefined: no limit. */
  readonly wps: number | undefined;
  /** The limit of the index, where the table has one. */
  readonly indexWps?: number | null;
  readonly capacity: readonly CapacityLimit[];
  readonly latencyMs?: number;
  /** Refused whenever they come. */
  readonly refusedKeys?: ReadonlySet<string>;
  /** Of all items, whatever the rate: some requests as a whole, of others a part. */
  readonly refusedShare?: number;
  /** By ordinal. */
  readonly keyOf?: (ordinal: number) => string;
  readonly seed?: number;
  /** 1 where each put is a request of its own. */
  readonly maxTokens?: number;
};

/** Write units, or items where they are of one unit each, in a span of time. */
export type Flow = { readonly sent: number; readonly refused: number; readonly accepted: number };

type Answered = { readonly atMs: number } & Flow;

const columns: readonly Column[] = [
  {
    ...{ sourceName: 'token', fieldIndex: 0, name: 'token', type: 'S' },
    key: { type: 'S', maxBytes: 2048, required: true, label: 'the partition key' },
  },
  { sourceName: 'user', fieldIndex: 1, name: 'user', type: 'S' },
];

/** A whole import, on a fake clock, from an endless source into a table that takes what its capacity says. */
export class SimulatedImport {
  readonly clock = new FakeClock();
  readonly events: RunEvent[] = [];
  readonly pace: Pace;
  readonly capacity: Capacity;
  readonly #answers: Answered[] = [];
  readonly #stopper = new AbortController();
  readonly #ended: Promise<unknown>;

  constructor(simulation: Simulation) {
    const { wps, indexWps, keyOf = (n) => `t${n}`, seed = 1, maxTokens = 25 } = simulation;
    const { clock } = this;
    const random = seededRandom(seed);
    const observer = { on: (event: RunEvent) => void this.events.push(event) };
    const hasIndex = indexWps !== undefined;
    this.capacity = new Capacity(() => clock.nowMs());
    for (const limit of simulation.capacity) this.capacity.set(limit);
    this.pace = new Pace({
      ...{ clock, observer, maxTokens, maxBodyBytes: 1_000_000 },
      rates: {
        ...{ writeUnitsPerSecond: wps, chosen: '' },
        indexes: hasIndex ? [{ name: index, writeUnitsPerSecond: indexWps ?? undefined, chosen: '' }] : [],
      },
    });
    const repository = this.#repository(simulation, random);
    const hash = new RunningHash();
    const dialect = csvDialect({ ...plainCsv, header: true });
    const run = new ImportRun({
      blocks: new RowReader(endlessSource(keyOf), dialect, hash).blocks(),
      mapper: new RowMapper({
        ...{ dialect, columns, keyNames: ['token'], fieldCount: 2, binary: [] },
        options: { empty: 'keep', timeZone: 'UTC', zeroDates: 'reject' },
        encoder: repository.encoder(columns),
        globalIndexes: hasIndex ? [{ name: index, key: [{ name: 'user', type: 'S' }] }] : [],
      }),
      ...{ repository, observer, clock, random, hash, pace: this.pace, signal: this.#stopper.signal },
      ...{ limiter: this.pace.limiter, batchLimits: this.pace.batchLimits, concurrency: 64, maxAhead: 100_000 },
      ...{ settleMs: 100, stallTimeoutMs: 60_000, skipRows: 0, maxRejects: { kind: 'units', value: 0 } },
    });
    this.#ended = run.run();
  }

  /** Lets so many seconds pass. */
  async run(seconds: number): Promise<void> {
    await this.clock.advance(seconds * 1000);
  }

  /** What was answered between two moments, in seconds from the start, in units a second. */
  flow(fromSeconds: number, untilSeconds: number): Flow {
    const flow = { sent: 0, refused: 0, accepted: 0 };
    for (const { atMs, sent, refused, accepted } of this.#answers) {
      if (atMs < fromSeconds * 1000 || atMs >= untilSeconds * 1000) continue;
      flow.sent += sent;
      flow.refused += refused;
      flow.accepted += accepted;
    }
    const seconds = untilSeconds - fromSeconds;
    return { sent: flow.sent / seconds, refused: flow.refused / seconds, accepted: flow.accepted / seconds };
  }

  async stop(): Promise<void> {
    this.#stopper.abort();
    await this.clock.runUntil(this.#ended);
  }

  #repository(
    { latencyMs = 8, refusedKeys, maxTokens = 25, refusedShare = 0 }: Simulation,
    random: () => number,
  ): TokenRepository {
    const answer = (batch: Batch): WriteResult => {
      const causes = new Map<string, ThrottleCause>();
      const luck = badLuck(refusedShare, random);
      const unprocessed = shuffled(random, batch.tokens).filter((token) => {
        if (refusedKeys?.has(token.key)) {
          causes.set('hot', { limit: 'partition' });
          return true;
        }
        if (random() < luck) return true;
        const indexes = token.indexUnits === undefined ? {} : { [index]: token.indexUnits[0]! };
        const reasons = this.capacity.take(table, { table: token.writeUnits, indexes });
        for (const { resource } of reasons) {
          causes.set(resource, { limit: 'capacity', ...(resource.includes('/index/') && { index }) });
        }
        return reasons.length > 0;
      });
      const sent = batch.tokens.length;
      const refused = unprocessed.length;
      this.#answers.push({ atMs: this.clock.nowMs(), sent, refused, accepted: sent - refused });
      if (refused === sent) return { kind: 'throttled', reason: 'throttled', causes: [...causes.values()] };
      return { kind: 'accepted', unprocessed, consumedWriteUnits: undefined };
    };
    return {
      ...{ maxBatchTokens: maxTokens, maxBatchBytes: 1_000_000 },
      encoder: () => ({ encode: () => undefined, bodyBytes: () => 20 }),
      write: async (batch) => {
        await this.clock.sleep(latencyMs * (0.75 + random() / 2));
        return answer(batch);
      },
      traffic: () => ({ connectionsOpened: 0, bytesSent: 0 }),
      close: async () => {},
    };
  }
}

function endlessSource(keyOf: (ordinal: number) => string): Source {
  async function* read(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('token,user\n');
    for (let ordinal = 0; ; ordinal += 1000) {
      yield Buffer.from(Array.from({ length: 1000 }, (_, i) => `${keyOf(ordinal + i)},u\n`).join(''));
    }
  }
  return { files: [{ name: 'endless.csv', storedBytes: undefined, read, storedBytesRead: () => 0 }] };
}

/** Of how much of a request is refused, so that all in all it is the share. */
function badLuck(share: number, random: () => number): number {
  const drawn = random();
  if (drawn < share / 2) return 1;
  return drawn < share * 1.5 ? random() : 0;
}
