import { hash } from 'node:crypto';

/** Items that are remembered for certain; up to twice as many are. */
export const rememberedRows = 1_000_000;

/**
 * Remembers what the latest rows of the source would write, 8 bytes each, so that an item in the table can be told to
 * come from one of them. Two generations of slots take turns, so that memory stays the same for any source.
 */
export class RememberedItems {
  readonly #capacity: number;
  #current: Slots;
  #previous: Slots | undefined;

  constructor(capacity: number = rememberedRows) {
    this.#capacity = capacity;
    this.#current = new Slots(capacity);
  }

  /** `canonical`: see `canonicalItem`. */
  add(canonical: string): void {
    if (this.#current.count >= this.#capacity) {
      const next = this.#previous ?? new Slots(this.#capacity);
      next.clear();
      this.#previous = this.#current;
      this.#current = next;
    }
    this.#current.add(fingerprint(canonical));
  }

  has(canonical: string): boolean {
    const print = fingerprint(canonical);
    return this.#current.has(print) || (this.#previous?.has(print) ?? false);
  }
}

/** A set of numbers by open addressing, at most half full; 0 marks a free slot. */
class Slots {
  readonly #prints: BigUint64Array;
  readonly #mask: number;
  count = 0;

  constructor(capacity: number) {
    const slots = 2 ** Math.ceil(Math.log2(capacity * 2));
    this.#prints = new BigUint64Array(slots);
    this.#mask = slots - 1;
  }

  add(print: bigint): void {
    const slot = this.#find(print);
    if (this.#prints[slot] === print) return;
    this.#prints[slot] = print;
    this.count++;
  }

  has(print: bigint): boolean {
    return this.#prints[this.#find(print)] === print;
  }

  clear(): void {
    this.#prints.fill(0n);
    this.count = 0;
  }

  #find(print: bigint): number {
    let slot = Number(print & 0x7fffffffn) & this.#mask;
    while (this.#prints[slot] !== 0n && this.#prints[slot] !== print) slot = (slot + 1) & this.#mask;
    return slot;
  }
}

function fingerprint(canonical: string): bigint {
  const print = hash('sha256', canonical, 'buffer').readBigUInt64LE(0);
  return print === 0n ? 1n : print;
}
