import type { Column, FieldValue } from '../domain/column.ts';
import type { RunTotals } from '../domain/run-totals.ts';
import type { Batch, Token } from '../domain/token.ts';
import type { Failed, WriteResult } from '../domain/write-result.ts';

/** Fields of valid UTF-8 that stand for themselves, in a JSON string too. Reused for the next row. */
export type PlainFields = {
  readonly bytes: DataView;
  /** Field i of the row, which is that of the columns whose `fieldIndex` is i. */
  readonly starts: readonly number[];
  /** Behind its last byte. */
  readonly ends: readonly number[];
  readonly isAscii: boolean;
};

/** Makes a token's payload from its mapped values. Called once per row, synchronously. */
export type TokenEncoder = {
  /**
   * `values[i]` belongs to `columns[i]`; the array is reused for the next row, so nothing may keep it. `fields` is given
   * where the text (S) among the values is that of the row's plain fields.
   */
  encode(values: readonly FieldValue[], fields?: PlainFields): unknown;
  /**
   * True for one that takes text from `fields` where they are given. What stands for it in `values` may be any other
   * text then; undefined is left out of the item all the same.
   */
  readonly copiesFields?: boolean;
  /** Bytes that the payload takes in a request body. */
  bodyBytes(payload: unknown): number;
  /** A copy that shares no memory with other payloads; absent where none does. */
  copy?(payload: unknown): unknown;
};

/** Connections opened and bytes handed to them, headers included. */
export type TrafficTotals = Pick<RunTotals, 'connectionsOpened' | 'bytesSent'>;

/** Where tokens are written. Every implementation passes the contract suite in `test/contract`. */
export type TokenRepository = {
  /** Most tokens and most payload bytes of one batch. */
  readonly maxBatchTokens: number;
  readonly maxBatchBytes: number;
  /** An encoder compiled once for these columns. */
  encoder(columns: readonly Column[]): TokenEncoder;
  /**
   * Takes what could make an attempt wait: an open connection, valid credentials. The pipeline asks for it before the
   * permits, so that what it has paid for leaves at once. Given without a promise where it is at hand. It serves one
   * `write`, or is released. Absent where nothing makes an attempt wait.
   */
  lease?(): Lease | Promise<Lease | Failed>;
  /**
   * One attempt to put the batch's tokens; no retries inside. Resolves with what became of it and does not reject
   * but for a bug. A batch never holds a key twice. Without a lease it waits for one of its own.
   */
  write(batch: Batch, lease?: Lease): Promise<WriteResult>;
  /**
   * Takes note of a row of the source that is yet to be written, or that an earlier process wrote, in source order: its
   * item, once found in the table, is the source's own. Absent where what is in the table makes no difference.
   */
  remember?(token: Token): void;
  /** Tries to read expired credentials anew; true where the next attempt is worth making. */
  renewCredentials?(): Promise<boolean>;
  /** Counted since the repository was made. */
  traffic(): TrafficTotals;
  close(): Promise<void>;
};

/** What an attempt needs besides its permits, held for it alone: an open connection and valid credentials. */
export type Lease = {
  readonly kind: 'lease';
  /** False once it has lapsed, as where the other side closed the connection meanwhile. */
  readonly holds: boolean;
  /** Gives it back unused. */
  release(): void;
};

/** A repository that can do without promises where nothing has to be waited for. It passes the same contract suite. */
export type DirectRepository = TokenRepository & {
  lease(): Lease | Promise<Lease | Failed>;
  /** `write` with a lease, its result given to `done`, which must not throw. Done with the batch's payloads when it returns. */
  start(batch: Batch, lease: Lease, done: (result: WriteResult) => void): void;
};

export function isDirect(repository: TokenRepository): repository is DirectRepository {
  return 'start' in repository && repository.lease !== undefined;
}
