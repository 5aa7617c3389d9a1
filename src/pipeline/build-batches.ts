import { addIndexUnits, type Batch, type Token } from '../domain/token.ts';

/** What closes a batch: the first of these that the next token would pass. */
export type BatchLimits = {
  readonly maxTokens: number;
  readonly maxBodyBytes: number;
  /** At low rates a batch is kept small, so that a request does not take permits of many seconds at once. */
  readonly maxWriteUnits: number;
  /** The same for each global index of the table. */
  readonly maxIndexUnits?: readonly number[];
};

/** Tokens ready to be sent, those that came back before those from the source, and the batches made of them. */
export class ReadyTokens {
  readonly #limits: BatchLimits;
  readonly #returned = new TokenQueue();
  readonly #fresh = new TokenQueue();

  constructor(limits: BatchLimits) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#returned.length + this.#fresh.length;
  }

  add(token: Token): void {
    this.#fresh.push(token);
  }

  /** A token that was handed back, or waited for an earlier row with its key. */
  giveBack(token: Token): void {
    this.#returned.push(token);
  }

  /** The next batch; a short one only where `evenIfShort`. */
  takeBatch(evenIfShort: boolean): Batch | undefined {
    if (this.length === 0 || (!evenIfShort && !this.#reachesLimit())) return undefined;
    const { maxTokens, maxBodyBytes, maxWriteUnits, maxIndexUnits } = this.#limits;
    const tokens: Token[] = [];
    const indexUnits = maxIndexUnits?.map(() => 0);
    let writeUnits = 0;
    let bodyBytes = 0;
    for (;;) {
      const queue = this.#returned.length > 0 ? this.#returned : this.#fresh;
      const token = queue.first;
      if (token === undefined || tokens.length === maxTokens) break;
      const fits = bodyBytes + token.bodyBytes <= maxBodyBytes && writeUnits + token.writeUnits <= maxWriteUnits;
      if (tokens.length > 0 && !(fits && (indexUnits === undefined || this.#fitsIndexes(indexUnits, token)))) break;
      queue.shift();
      tokens.push(token);
      writeUnits += token.writeUnits;
      bodyBytes += token.bodyBytes;
      if (indexUnits !== undefined) addIndexUnits(indexUnits, token.indexUnits!);
    }
    return indexUnits === undefined ? { tokens, writeUnits } : { tokens, writeUnits, indexUnits };
  }

  #fitsIndexes(taken: readonly number[], token: Token): boolean {
    return this.#limits.maxIndexUnits!.every((most, i) => taken[i]! + token.indexUnits![i]! <= most);
  }

  #reachesLimit(): boolean {
    const { maxTokens, maxBodyBytes, maxWriteUnits } = this.#limits;
    if (this.length >= maxTokens) return true;
    const writeUnits = this.#returned.writeUnits + this.#fresh.writeUnits;
    return writeUnits >= maxWriteUnits || this.#returned.bodyBytes + this.#fresh.bodyBytes >= maxBodyBytes;
  }
}

/** First in, first out; shifting an array of thousands would copy it. */
class TokenQueue {
  #tokens: (Token | undefined)[] = [];
  #head = 0;
  writeUnits = 0;
  bodyBytes = 0;

  get length(): number {
    return this.#tokens.length - this.#head;
  }

  get first(): Token | undefined {
    return this.#tokens[this.#head];
  }

  push(token: Token): void {
    this.#tokens.push(token);
    this.writeUnits += token.writeUnits;
    this.bodyBytes += token.bodyBytes;
  }

  shift(): void {
    const token = this.#tokens[this.#head]!;
    this.#tokens[this.#head++] = undefined;
    this.writeUnits -= token.writeUnits;
    this.bodyBytes -= token.bodyBytes;
    if (this.#head < 1024 && this.#head < this.#tokens.length) return;
    this.#tokens = this.#tokens.slice(this.#head);
    this.#head = 0;
  }
}
