import { hashOfText } from '../domain/key.ts';

const leastSlots = 1024;

/**
 * A set of keys that come and go by the million: slots in open addressing, found by the hash of a key, at most half full.
 * A `Set` links each table that it outgrows to the next, and hashes each text again: worth 0.3 CPU s per million rows
 * (`npm run bench -- --only memory`).
 */
export class KeySet {
  #hashes = new Int32Array(leastSlots);
  /** Undefined where the slot is free. */
  #keys: (string | undefined)[] = new Array<undefined>(leastSlots).fill(undefined);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** False where the key is in the set already. `hash`: that of `hashOfText`, where it is at hand. */
  add(key: string, hash = hashOfText(key)): boolean {
    const slot = this.#find(key, hash);
    if (this.#keys[slot] !== undefined) return false;
    this.#put(slot, key, hash);
    this.#size++;
    if (this.#size * 2 > this.#keys.length) this.#grow();
    return true;
  }

  delete(key: string, hash = hashOfText(key)): void {
    let free = this.#find(key, hash);
    if (this.#keys[free] === undefined) return;
    this.#size--;
    const mask = this.#keys.length - 1;
    // Keys that would no longer be found behind the free slot move up into it.
    for (let slot = (free + 1) & mask; this.#keys[slot] !== undefined; slot = (slot + 1) & mask) {
      const isBehind = ((slot - this.#hashes[slot]!) & mask) >= ((slot - free) & mask);
      if (!isBehind) continue;
      this.#put(free, this.#keys[slot]!, this.#hashes[slot]!);
      free = slot;
    }
    this.#keys[free] = undefined;
  }

  /** The slot of the key, or the free one where it would be. */
  #find(key: string, hash: number): number {
    const keys = this.#keys;
    const mask = keys.length - 1;
    let slot = hash & mask;
    while (keys[slot] !== undefined && !(this.#hashes[slot] === hash && keys[slot] === key)) slot = (slot + 1) & mask;
    return slot;
  }

  #put(slot: number, key: string, hash: number): void {
    this.#keys[slot] = key;
    this.#hashes[slot] = hash;
  }

  #grow(): void {
    const [keys, hashes] = [this.#keys, this.#hashes];
    this.#keys = new Array<undefined>(2 * keys.length).fill(undefined);
    this.#hashes = new Int32Array(2 * keys.length);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if (key !== undefined) this.#put(this.#find(key, hashes[i]!), key, hashes[i]!);
    }
  }
}
