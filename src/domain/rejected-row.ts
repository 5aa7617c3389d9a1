import type { Position } from './row.ts';

/** Why a row was given up. Listed in the README; a code, once released, keeps its meaning. */
export type RejectCode =
  | 'ragged-row'
  | 'misplaced-quote'
  | 'invalid-utf8'
  | 'undecodable'
  | 'bare-null'
  | 'not-as-declared'
  | 'header-row'
  | 'bare-backslash'
  | 'not-a-number'
  | 'number-too-precise'
  | 'number-out-of-range'
  | 'not-base64'
  | 'not-hex'
  | 'not-a-boolean'
  | 'not-json'
  | 'json-too-deep'
  | 'not-a-date'
  | 'zero-date'
  | 'key-missing'
  | 'key-empty'
  | 'key-too-long'
  | 'item-too-large'
  | 'refused-by-table';

/** What is wrong with a row. The message names the column and shows no value. */
export type RowFault = {
  readonly code: RejectCode;
  readonly column?: string;
  readonly message: string;
};

/** A row given up, with its original bytes (terminator included) for the reject file. */
export type RejectedRow = RowFault & {
  readonly position: Position;
  readonly bytes: Uint8Array;
};

/** A row in a file of its own, with the reason: rejected, or found to be missing from the table or different there. */
export type ListedRow = Omit<RejectedRow, 'code'> & { readonly code: string };
