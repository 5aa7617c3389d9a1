import { Row, type Slab } from '../domain/row.ts';
import { ownText, type Token } from '../domain/token.ts';
import type { TokenEncoder } from '../ports/token-repository.ts';

/**
 * The place of one row in flight: the row and its token. Once that row is done the next one is put there. The key becomes
 * text only when it is asked for.
 */
export class RowSlot implements Token {
  row: Row;
  payload: unknown;
  slab: Slab | undefined;
  bodyBytes = 0;
  writeUnits = 0;
  deletes = false;
  indexUnits: readonly number[] | undefined;
  keyHash: number | undefined;
  #key: string | undefined;
  #keyStart = 0;
  #keyEnd = 0;

  constructor(row = new Row()) {
    this.row = row;
  }

  get key(): string {
    if (this.#key === undefined) {
      const { buffer, byteOffset } = this.row.bytes;
      this.#key = Buffer.from(buffer, byteOffset + this.#keyStart, this.#keyEnd - this.#keyStart).toString('latin1');
    }
    return this.#key;
  }

  set key(text: string) {
    this.#key = text;
    this.keyHash = undefined;
  }

  /** The key stands in the row as it is, in ASCII, between these bytes. */
  setKeyAt(start: number, end: number, hash: number): void {
    this.#key = undefined;
    this.#keyStart = start;
    this.#keyEnd = end;
    this.keyHash = hash;
  }

  /** What the row becomes, in the form of its encoder. */
  take(row: Row, payload: unknown, encoder: TokenEncoder): void {
    this.row = row;
    this.payload = payload;
    this.slab = encoder.slab?.(payload);
    this.bodyBytes = encoder.bodyBytes(payload);
  }

  /** Lets go of the row's bytes. */
  drop(): void {
    this.row.drop();
    this.payload = undefined;
    this.slab = undefined;
    this.#key = undefined;
  }

  /** Lets go of everything but the key. */
  keepKey(): void {
    const key = ownText(this.key);
    this.drop();
    this.#key = key;
  }

  /** Copies what it shares with others, so that it can be held for long. `payload` is a copy of its payload. */
  detach(payload: unknown, slab: Slab | undefined): void {
    this.row.detach();
    if (this.#key !== undefined) this.#key = ownText(this.#key);
    this.payload = payload;
    this.slab = slab;
  }
}
