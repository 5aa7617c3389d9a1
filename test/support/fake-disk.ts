import { type Random, randomBelow } from './seeded-random.ts';

/** What a name leads to: bytes as the process sees them, and as they were when they were last forced to the disk. */
type Inode = { bytes: Buffer; durable: Buffer };

const nothing = Buffer.alloc(0);

/**
 * A disk with one folder that keeps for certain only what was fsynced: a sync of the file keeps its bytes, a sync of the
 * folder keeps its name. It replaces `node:fs/promises`.
 */
export class FakeDisk {
  readonly folder: string;
  /** Operations so far. */
  operations = 0;
  /** The power is cut before this operation; it and all later ones never end. */
  cutAt = Number.POSITIVE_INFINITY;
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();

  constructor(folder: string) {
    this.folder = folder;
  }

  get isOff(): boolean {
    return this.operations >= this.cutAt;
  }

  /** The power comes back. Of what was not synced any part may be there: each name, and any number of the new bytes. */
  restart(random: Random): void {
    const names = new Map<string, Inode>();
    for (const name of new Set([...this.#names.keys(), ...this.#durableNames.keys()])) {
      const inode = (random() < 0.5 ? this.#names : this.#durableNames).get(name);
      if (inode !== undefined) names.set(name, inode);
    }
    for (const inode of new Set(names.values())) {
      const isWhole = inode.bytes.equals(inode.durable);
      if (!isWhole) inode.bytes = torn(inode, random);
      inode.durable = inode.bytes;
    }
    this.#names = names;
    this.#durableNames = new Map(names);
    this.operations = 0;
    this.cutAt = Number.POSITIVE_INFINITY;
  }

  text(name: string): string {
    return (this.#names.get(`${this.folder}/${name}`)?.bytes ?? nothing).toString();
  }

  async open(path: string, flags = 'r') {
    await this.#operation();
    if (path === this.folder) return this.#folderHandle();
    if (flags === 'wx' && this.#names.has(path)) throw fault('EEXIST');
    if (flags === 'w' || flags === 'wx') {
      const inode = this.#names.get(path) ?? { bytes: nothing, durable: nothing };
      inode.bytes = nothing;
      this.#names.set(path, inode);
      return this.#handle(inode);
    }
    return this.#handle(this.#find(path));
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#operation();
    this.#names.set(to, this.#find(from));
    this.#names.delete(from);
  }

  async rm(path: string): Promise<void> {
    await this.#operation();
    this.#names.delete(path);
  }

  async readFile(path: string): Promise<string> {
    await this.#operation();
    return this.#find(path).bytes.toString();
  }

  #find(path: string): Inode {
    const inode = this.#names.get(path);
    if (inode === undefined) throw fault('ENOENT');
    return inode;
  }

  #folderHandle() {
    const sync = async () => {
      await this.#operation();
      this.#durableNames = new Map(this.#names);
    };
    return { sync, close: async () => {} };
  }

  #handle(inode: Inode) {
    const write = async (bytes: Uint8Array, from: number, length: number, position: number) => {
      await this.#operation();
      const before = Buffer.alloc(Math.max(inode.bytes.length, position + length));
      inode.bytes.copy(before);
      before.set(bytes.subarray(from, from + length), position);
      inode.bytes = before;
      return { bytesWritten: length };
    };
    return {
      write,
      writeFile: (text: string) => write(Buffer.from(text), 0, Buffer.byteLength(text), 0),
      sync: async () => {
        await this.#operation();
        inode.durable = inode.bytes;
      },
      truncate: async (length: number) => {
        await this.#operation();
        inode.bytes = inode.bytes.subarray(0, length);
      },
      stat: async () => ({ size: inode.bytes.length }),
      read: async (buffer: Buffer, _offset: number, length: number, position: number) => {
        inode.bytes.copy(buffer, 0, position, position + length);
        return { bytesRead: length, buffer };
      },
      close: async () => {},
    };
  }

  async #operation(): Promise<void> {
    if (!this.isOff) this.operations++;
    if (this.isOff) await new Promise(() => {});
  }
}

/** The synced bytes, as far as later writes kept them, and some of the later bytes. */
function torn({ bytes, durable }: Inode, random: Random): Buffer {
  const length =
    Math.min(durable.length, bytes.length) + randomBelow(random, Math.max(0, bytes.length - durable.length) + 1);
  if (random() < 0.3) return durable;
  const result = Buffer.from(bytes.subarray(0, length));
  // Blocks that never reached the disk hold zeros.
  if (length > durable.length && random() < 0.3) result.fill(0, durable.length);
  return result;
}

function fault(code: string): Error {
  return Object.assign(new Error(code), { code });
}
