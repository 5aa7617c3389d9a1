import type { Column, FieldValue } from '../domain/column.ts';
import type { Slab } from '../domain/row.ts';
import type { RunTotals } from '../domain/run-totals.ts';
import type { Batch, Token } from '../domain/token.ts';
import type { Failed, WriteResult } from '../domain/write-result.ts';

/** Fields of valid UTF-8 that need no unescaping, nor escaping in JSON. Reused for the next row. */
export type PlainFields = {
  readonly bytes: DataView;
  /** By field, which is the `fieldIndex` of columns. */
  readonly starts: readonly number[];
  /** After the last byte. */
  readonly ends: readonly number[];
  readonly isAscii: boolean;
};

/** Makes the payload of a token from mapped values. Called once per row, synchronously. */
export type TokenEncoder = {
  /**
   * `values[i]` belongs to `columns[i]`; the array is reused for the next row. `fields` is passed if all text (S) among the
   * values, apart from what templates make, is the text of these fields.
   */
  encode(values: readonly FieldValue[], fields?: PlainFields): unknown;
  /**
   * The payload of a token that deletes. Of `values` only those of the key are present, and that of the column of
   * `--if-exists newer`. Absent if the repository cannot delete, which refuses `--delete-where`.
   */
  encodeDelete?(values: readonly FieldValue[]): unknown;
  /**
   * True for an encoder that takes text from `fields` if they are passed. In `values` it may then be any other text, but
   * undefined is still left out of the item.
   */
  readonly copiesFields?: boolean;
  /** Bytes of the payload in a request body. */
  bodyBytes(payload: unknown): number;
  /** The memory of the payload; absent if none shares memory with others. */
  slab?(payload: unknown): Slab;
  /** A copy that shares no memory with other payloads; absent if none does. */
  copy?(payload: unknown): unknown;
};

/** Connections opened and bytes written to them, headers included. */
export type TrafficTotals = Pick<RunTotals, 'connectionsOpened' | 'bytesSent'>;

/** Writes tokens. Every implementation passes the contract suite in `test/contract`. */
export type TokenRepository = {
  /** Limits of one batch. */
  readonly maxBatchTokens: number;
  readonly maxBatchBytes: number;
  /** An encoder for these columns, made once. */
  encoder(columns: readonly Column[]): TokenEncoder;
  /**
   * Acquires what could make an attempt wait: an open connection, valid credentials. The pipeline does so before it takes
   * permits, so that a paid request leaves at once. Returned without a promise if available. A lease serves one `write`, or
   * is released. Absent if nothing makes an attempt wait.
   */
  lease?(): Lease | Promise<Lease | Failed>;
  /**
   * Makes one attempt to put the tokens of a batch, or to delete the items of those with `deletes`, without retries.
   * Rejects only for a bug. The keys of a batch are distinct. Without a lease, it waits for its own.
   */
  write(batch: Batch, lease?: Lease): Promise<WriteResult>;
  /**
   * Notes a row that is still to be written, or that an earlier process wrote, in source order: its item in the table comes
   * from the source. Absent if existing items make no difference.
   */
  remember?(token: Token): void;
  /** Tries to read expired credentials again; true if another attempt is worthwhile. */
  renewCredentials?(): Promise<boolean>;
  /** Totals since the repository was created. */
  traffic(): TrafficTotals;
  close(): Promise<void>;
};

/** What one attempt needs apart from permits: an open connection and valid credentials. */
export type Lease = {
  readonly kind: 'lease';
  /** False once it has lapsed, for example because the other side closed the connection. */
  readonly holds: boolean;
  /** Returns it unused. */
  release(): void;
};

/** Marks a repository as direct. A symbol, because the class of a library's user can have a `start` of its own. */
export const directAttempts = Symbol('directAttempts');

/**
 * A repository of this project that needs no promises if nothing has to be waited for. It passes the same contract suite.
 * The pipeline uses the tokens of a batch again for other rows once the batch is done, so it must not keep any.
 */
export type DirectRepository = TokenRepository & {
  readonly [directAttempts]: true;
  lease(): Lease | Promise<Lease | Failed>;
  /**
   * `write` with a lease. Passes the result to `done` once; `done` must not throw. Does not use the payloads after `start`
   * returns, nor the tokens after it has called `done`.
   */
  start(batch: Batch, lease: Lease, done: (result: WriteResult) => void): void;
};

export function isDirect(repository: TokenRepository): repository is DirectRepository {
  return directAttempts in repository;
}

/** The result of one attempt to read. Tokens without a comparison must be read again. */
export type ReadResult =
  | {
      readonly kind: 'read';
      readonly comparisons: ReadonlyMap<Token, Comparison>;
      /** Undefined if the table does not say. */
      readonly consumedReadUnits: number | undefined;
    }
  | Failed;

/** Reads items by their keys and compares them with what the rows would write. */
export type TokenReader = {
  readonly maxBatchTokens: number;
  encoder(columns: readonly Column[]): TokenEncoder;
  /** Estimated read units of one item. */
  readUnitsOf(token: Token): number;
  /** As in a repository: what could make an attempt wait, to be acquired before the permits. */
  lease?(): Lease | Promise<Lease | Failed>;
  /** Makes one attempt for tokens with distinct keys. Rejects only for a bug. */
  read(tokens: readonly Token[], lease?: Lease): Promise<ReadResult>;
  /** Tries to read expired credentials again; true if another attempt is worthwhile. */
  renewCredentials?(): Promise<boolean>;
  close(): Promise<void>;
};

/** How the item in the table compares to a row of the source. */
export type Comparison =
  /** Also of a token that deletes and whose key is not in the table. */
  | { readonly kind: 'equal' }
  | { readonly kind: 'missing' }
  /** The table has an item with the key of a token that deletes. */
  | { readonly kind: 'undeleted' }
  /** `attributes`: those that differ, that the table lacks, or that only the table has. */
  | { readonly kind: 'different'; readonly attributes: readonly AttributeDifference[] };

/** The values are present only if they may be shown; undefined if there is none. */
export type AttributeDifference = { readonly name: string; readonly inRow?: string; readonly inTable?: string };
