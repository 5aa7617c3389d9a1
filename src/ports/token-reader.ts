import type { Column } from '../domain/column.ts';
import type { Token } from '../domain/token.ts';
import type { Failed } from '../domain/write-result.ts';
import type { Lease, TokenEncoder } from './token-repository.ts';

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
  | { readonly kind: 'equal' }
  | { readonly kind: 'missing' }
  /** `attributes`: those that differ, that the table lacks, or that only the table has. */
  | { readonly kind: 'different'; readonly attributes: readonly AttributeDifference[] };

/** The values are present only if they may be shown; undefined if there is none. */
export type AttributeDifference = { readonly name: string; readonly inRow?: string; readonly inTable?: string };
