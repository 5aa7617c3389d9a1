import { Row } from '../../src/domain/row.ts';
import { ownText, type Token } from '../../src/domain/token.ts';

/** The token of row `ordinal`, ten bytes a row. */
export function tokenOf(ordinal: number, key = `k${ordinal}`, writeUnits = 1): Token {
  return { key, writeUnits, bodyBytes: 10, row: rowOf(ordinal), payload: ordinal };
}

export function rowOf(ordinal: number): Row {
  return new Row(new Uint8Array(10), 0, 10, 0, ordinal, ordinal + 2, 1, ordinal * 10);
}

/** Lets the token be held for long. */
export function detachToken(token: Token): void {
  token.row.detach();
  Object.assign(token, { key: ownText(token.key) });
}
