import { createHash, type Hash } from 'node:crypto';
import type { Mark, SourceHash } from '../domain/checkpoint.ts';
import { ImportError } from '../domain/import-error.ts';

/** Chunks kept so that the hash can be told at any byte of them; beyond that it is told where a chunk begins. */
const maxKeptBytes = 1024 * 1024;
/** Chunks that are told apart; a hash context takes 600 bytes outside the heap, and `plan` asks for no hash at all. */
const mostChunks = 1024;

/** A chunk beyond the mark, or several in a row, with the hash of all that comes before it. */
type ChunkAhead = {
  readonly fileIndex: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly before: Hash;
  readonly bytes: Uint8Array | undefined;
};

/**
 * SHA-256 over all decompressed bytes, over the files in order, that can be told at the mark of every checkpoint though
 * reading is ahead of it. A resume gives the hash that it expects to come by.
 */
export class RunningHash {
  readonly #hash = createHash('sha256');
  readonly #expected: SourceHash | undefined;
  #ahead: ChunkAhead[] = [];
  #keptBytes = 0;
  #joinAt = mostChunks;
  /** Chunks that follow one another are joined up to this length, so that all of them are about as long. */
  #grainBytes = 0;
  #verified: boolean;

  constructor(expected?: SourceHash) {
    this.#expected = expected;
    this.#verified = expected === undefined;
  }

  /** Takes in the bytes of a file that begin at `byteOffset`. Throws `resume-mismatch` where they are not those of before. */
  update(fileIndex: number, byteOffset: number, chunk: Uint8Array): void {
    const expected = this.#expected;
    if (this.#verified || expected === undefined) {
      this.#append(fileIndex, byteOffset, chunk);
    } else if (fileIndex !== expected.fileIndex || byteOffset + chunk.length < expected.byteOffset) {
      this.#hash.update(chunk);
    } else {
      const border = expected.byteOffset - byteOffset;
      this.#hash.update(chunk.subarray(0, border));
      this.#verify(expected);
      this.#append(fileIndex, expected.byteOffset, chunk.subarray(border));
    }
  }

  /** To be called at the end of each file: a file shorter than it was is another source. */
  endFile(fileIndex: number): void {
    if (this.#verified || fileIndex !== this.#expected?.fileIndex) return;
    if (this.#expected.byteOffset === 0) this.#verify(this.#expected);
    else throw changedSource(`it ends before byte ${this.#expected.byteOffset}, up to which it was imported`);
  }

  /** The hash at the mark, or shortly before it. What lies below is forgotten. */
  below(mark: Mark): SourceHash {
    let passed = 0;
    for (const chunk of this.#ahead) {
      const end = chunk.byteOffset + chunk.byteLength;
      if (chunk.fileIndex > mark.fileIndex || (chunk.fileIndex === mark.fileIndex && end > mark.byteOffset)) break;
      this.#keptBytes -= chunk.bytes?.length ?? 0;
      passed++;
    }
    if (passed > 0) this.#ahead = this.#ahead.slice(passed);
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
    if (this.#ahead.length >= this.#joinAt) this.#joinPairs();
    const isKept = this.#keptBytes + chunk.length <= maxKeptBytes;
    if (isKept) this.#keptBytes += chunk.length;
    const bytes = isKept ? chunk : undefined;
    this.#ahead.push({ fileIndex, byteOffset, byteLength: chunk.length, before: this.#hash.copy(), bytes });
    this.#hash.update(chunk);
  }

  /** Halves the chunks, so that the hash is told at fewer places. */
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
    // Chunks of two files are never joined, and there may be as many files.
    this.#joinAt = Math.max(mostChunks, 2 * joined.length);
  }

  #joined(chunk: ChunkAhead, next: Pick<ChunkAhead, 'byteOffset' | 'byteLength'> & Partial<ChunkAhead>): ChunkAhead {
    this.#keptBytes -= (chunk.bytes?.length ?? 0) + (next.bytes?.length ?? 0);
    return { ...chunk, byteLength: next.byteOffset + next.byteLength - chunk.byteOffset, bytes: undefined };
  }

  #verify(expected: SourceHash): void {
    if (digest(this.#hash) !== expected.sha256) {
      throw changedSource(`its bytes up to byte ${expected.byteOffset} of file ${expected.fileIndex + 1} differ`);
    }
    this.#verified = true;
  }
}

/** The fault of a resume whose source is another one than before. */
export function changedSource(what: string): ImportError {
  return new ImportError('resume-mismatch', `the source is not the one this run began with: ${what}`, {
    hint: 'Give --resume the same source, or start anew without --resume.',
  });
}

function digest(hash: Hash): string {
  return hash.copy().digest('hex');
}
