import type { Column } from '../domain/column.ts';
import type { Token } from '../domain/token.ts';
import type { Failed } from '../domain/write-result.ts';
import type { Lease, TokenEncoder } from './token-repository.ts';

/** What became of one attempt to read. Tokens without a comparison are to be read again. */
export type ReadResult =
  | {
      readonly kind: 'read';
      readonly comparisons: ReadonlyMap<Token, Comparison>;
      /** Undefined where the table does not say. */
      readonly consumedReadUnits: number | undefined;
    }
  | Failed;

/** Reads items back by their keys and compares them with what the rows would write. */
export type TokenReader = {
  readonly maxBatchTokens: number;
  encoder(columns: readonly Column[]): TokenEncoder;
  /** Estimated read units of one item. */
  readUnitsOf(token: Token): number;
  /** As that of a repository: what could make an attempt wait, to be had before the permits. */
  lease?(): Lease | Promise<Lease | Failed>;
  /** One attempt; no key twice. Does not reject but for a bug. */
  read(tokens: readonly Token[], lease?: Lease): Promise<ReadResult>;
  /** Tries to read expired credentials anew; true where the next attempt is worth making. */
  renewCredentials?(): Promise<boolean>;
  close(): Promise<void>;
};

/** How the table's item stands to a row of the source. */
export type Comparison =
  | { readonly kind: 'equal' }
  | { readonly kind: 'missing' }
  /** `attributes` names those that differ, that the table lacks, or that it has besides. */
  | { readonly kind: 'different'; readonly attributes: readonly AttributeDifference[] };

/** The values are there only where they may be shown; undefined where there is none. */
export type AttributeDifference = { readonly name: string; readonly inRow?: string; readonly inTable?: string };
