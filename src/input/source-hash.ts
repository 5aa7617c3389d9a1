import { createHash, type Hash } from 'node:crypto';
import type { HashedStretch, Mark, SourceHash } from '../domain/checkpoint.ts';
import { ImportError } from '../domain/import-error.ts';

/** Bytes of chunks that are kept, so that the hash is known at each of them; otherwise only where a chunk begins. */
const maxKeptBytes = 1024 * 1024;
/** Bytes of a source that may change below the mark which are kept before reading has to wait. */
const maxExactBytes = 64 * 1024 * 1024;
/** A hash context takes 600 bytes outside the heap, and `plan` never asks for a hash. */
const maxChunks = 1024;

/** One chunk or several joined ones that are not below the mark, with the hash of everything before them. */
type ChunkAhead = {
  readonly fileIndex: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly before: Hash;
  readonly bytes: Uint8Array | undefined;
};

/**
 * SHA-256 of the decompressed bytes, over the files in order, which is known at the mark of every checkpoint although
 * reading is ahead of it. A resume passes the hash that it expects.
 */
export class RunningHash {
  /** The end of the bytes that need not be read. */
  readonly #known: HashedStretch | undefined;
  /** Stretches before the one that is hashed now. */
  readonly #before: readonly HashedStretch[];
  /** Stretches that are still to be verified, in order. */
  readonly #expected: HashedStretch[];
  #hash = createHash('sha256');
  #ahead: ChunkAhead[] = [];
  #keptBytes = 0;
  #joinAt = maxChunks;
  /** Every chunk is kept, so that the hash is known at the mark itself. */
  #isExact = false;
  #onRoom: (() => void) | undefined;
  /** Adjacent chunks are joined up to this length, so that all are about as long. */
  #grainBytes = 0;

  /** `isKnown`: the source is known to be unchanged, so that bytes below `expected` need not be read. */
  constructor(expected?: SourceHash, isKnown = false) {
    const { before = [], ...last } = expected ?? {};
    const stretches = expected === undefined ? [] : [...before, last as HashedStretch];
    this.#known = isKnown ? stretches.at(-1) : undefined;
    this.#before = isKnown ? stretches : before;
    this.#expected = isKnown ? [] : stretches;
  }

  /** The first byte of a file that has to be read; infinite if none has. */
  mustReadFrom(fileIndex: number): number {
    if (this.#known === undefined || fileIndex > this.#known.fileIndex) return 0;
    return fileIndex < this.#known.fileIndex ? Number.POSITIVE_INFINITY : this.#known.byteOffset;
  }

  /**
   * From now on tells the hash at the mark itself, not shortly before it: for a source that may change below the mark.
   * Call `below` again and again, and wait for `room` before reading on.
   */
  tellExactly(): void {
    this.#isExact = true;
  }

  /** Resolves once more bytes may be read, which is when the mark has passed some of those that are kept. */
  async room(): Promise<void> {
    while (this.#isExact && this.#keptBytes >= maxExactBytes) {
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve;
      });
    }
  }

  /** Adds the bytes of a file from `byteOffset` on. Throws ImportError `resume-mismatch` if they have changed. */
  update(fileIndex: number, byteOffset: number, chunk: Uint8Array): void {
    const [expected] = this.#expected;
    if (expected === undefined) {
      const known = Math.max(0, this.mustReadFrom(fileIndex) - byteOffset);
      if (known < chunk.length) this.#append(fileIndex, byteOffset + known, chunk.subarray(known));
    } else if (fileIndex !== expected.fileIndex || byteOffset + chunk.length < expected.byteOffset) {
      this.#hash.update(chunk);
    } else {
      const border = expected.byteOffset - byteOffset;
      this.#hash.update(chunk.subarray(0, border));
      this.#verify(expected);
      this.update(fileIndex, expected.byteOffset, chunk.subarray(border));
    }
  }

  /** Must be called at the end of each file. Throws ImportError `resume-mismatch` if it is shorter than before. */
  endFile(fileIndex: number): void {
    for (const expected of [...this.#expected]) {
      if (fileIndex !== expected.fileIndex) return;
      if (expected.byteOffset !== 0) {
        throw changedSource(`it ends before byte ${expected.byteOffset}, up to which it was imported`);
      }
      this.#verify(expected);
    }
  }

  /** The hash at the mark, or shortly before it. Forgets the chunks below. */
  below(mark: Mark): SourceHash {
    const stretch = this.#stretchBelow(mark);
    const last = this.#before.at(-1);
    if (last === undefined) return stretch;
    const isEmpty = last.fileIndex === stretch.fileIndex && last.byteOffset === stretch.byteOffset;
    return isEmpty ? hashOf(this.#before) : hashOf([...this.#before, stretch]);
  }

  #stretchBelow(mark: Mark): HashedStretch {
    let passed = 0;
    for (const chunk of this.#ahead) {
      const end = chunk.byteOffset + chunk.byteLength;
      if (chunk.fileIndex > mark.fileIndex || (chunk.fileIndex === mark.fileIndex && end > mark.byteOffset)) break;
      this.#keptBytes -= chunk.bytes?.length ?? 0;
      passed++;
    }
    if (passed > 0) this.#ahead = this.#ahead.slice(passed);
    this.#onRoom?.();
    const { fileIndex, byteOffset } = mark;
    const [first] = this.#ahead;
    if (first === undefined || first.fileIndex > fileIndex) {
      return { fileIndex, byteOffset, sha256: digest(first?.before ?? this.#hash) };
    }
    if (first.bytes === undefined || first.byteOffset > byteOffset) {
      return { fileIndex, byteOffset: first.byteOffset, sha256: digest(first.before) };
    }
    const part = first.bytes.subarray(0, byteOffset - first.byteOffset);
    return { fileIndex, byteOffset, sha256: digest(first.before.copy().update(part)) };
  }

  #append(fileIndex: number, byteOffset: number, chunk: Uint8Array): void {
    const last = this.#ahead.at(-1);
    if (last?.fileIndex === fileIndex && last.byteLength + chunk.length <= this.#grainBytes) {
      this.#ahead[this.#ahead.length - 1] = this.#joined(last, { byteOffset, byteLength: chunk.length });
      this.#hash.update(chunk);
      return;
    }
    if (this.#ahead.length >= this.#joinAt && !this.#isExact) this.#joinPairs();
    const isKept = this.#isExact || this.#keptBytes + chunk.length <= maxKeptBytes;
    if (isKept) this.#keptBytes += chunk.length;
    const bytes = isKept ? chunk : undefined;
    this.#ahead.push({ fileIndex, byteOffset, byteLength: chunk.length, before: this.#hash.copy(), bytes });
    this.#hash.update(chunk);
  }

  /** Halves the number of chunks, so that the hash is known at fewer positions. */
  #joinPairs(): void {
    const joined: ChunkAhead[] = [];
    for (let i = 0; i < this.#ahead.length; i++) {
      const [chunk, next] = [this.#ahead[i]!, this.#ahead[i + 1]];
      if (next?.fileIndex !== chunk.fileIndex) {
        joined.push(chunk);
        continue;
      }
      joined.push(this.#joined(chunk, next));
      this.#grainBytes = Math.max(this.#grainBytes, joined.at(-1)!.byteLength);
      i++;
    }
    this.#ahead = joined;
    // Chunks of different files are never joined, and there may be as many files.
    this.#joinAt = Math.max(maxChunks, 2 * joined.length);
  }

  #joined(chunk: ChunkAhead, next: Pick<ChunkAhead, 'byteOffset' | 'byteLength'> & Partial<ChunkAhead>): ChunkAhead {
    this.#keptBytes -= (chunk.bytes?.length ?? 0) + (next.bytes?.length ?? 0);
    return { ...chunk, byteLength: next.byteOffset + next.byteLength - chunk.byteOffset, bytes: undefined };
  }

  /** Starts the next stretch; the last one continues. */
  #verify(expected: HashedStretch): void {
    if (digest(this.#hash) !== expected.sha256) {
      throw changedSource(`its bytes up to byte ${expected.byteOffset} of file ${expected.fileIndex + 1} differ`);
    }
    this.#expected.shift();
    if (this.#expected.length > 0) this.#hash = createHash('sha256');
  }
}

function hashOf(stretches: readonly HashedStretch[]): SourceHash {
  const before = stretches.slice(0, -1);
  return { ...stretches.at(-1)!, ...(before.length > 0 && { before }) };
}

/** The fault of a resume whose source has changed. */
export function changedSource(what: string): ImportError {
  return new ImportError('resume-mismatch', `the source is not the one this run began with: ${what}`, {
    hint: 'Pass the same source with --resume, or start a new run without --resume.',
  });
}

function digest(hash: Hash): string {
  return hash.copy().digest('hex');
}
