import { createHash } from 'node:crypto';
import type { Mark, SourceHash } from '../domain/checkpoint.ts';
import { ImportError } from '../domain/import-error.ts';

/**
 * SHA-256 over all decompressed bytes, over the files in order. It keeps the hash at each border between chunks until
 * the mark has passed it, so that one is at hand for every checkpoint; a resume gives the one it expects.
 */
export class RunningHash {
  readonly #hash = createHash('sha256');
  readonly #expected: SourceHash | undefined;
  #latest: SourceHash;
  #ahead: SourceHash[] = [];
  #verified: boolean;

  constructor(expected?: SourceHash) {
    this.#expected = expected;
    this.#verified = expected === undefined;
    this.#latest = expected ?? { fileIndex: 0, byteOffset: 0, sha256: this.#hash.copy().digest('hex') };
  }

  /** Takes in the bytes of a file that begin at `byteOffset`. Throws `resume-mismatch` where they are not those of before. */
  update(fileIndex: number, byteOffset: number, chunk: Uint8Array): void {
    const end = byteOffset + chunk.length;
    const expected = this.#expected;
    if (this.#verified || expected === undefined || fileIndex !== expected.fileIndex || end < expected.byteOffset) {
      this.#hash.update(chunk);
    } else {
      const border = expected.byteOffset - byteOffset;
      this.#hash.update(chunk.subarray(0, border));
      this.#verify(expected);
      this.#hash.update(chunk.subarray(border));
    }
    if (this.#verified) this.#ahead.push({ fileIndex, byteOffset: end, sha256: this.#hash.copy().digest('hex') });
  }

  /** To be called at the end of each file: a file shorter than it was is another source. */
  endFile(fileIndex: number): void {
    if (this.#verified || fileIndex !== this.#expected?.fileIndex) return;
    if (this.#expected.byteOffset === 0) this.#verify(this.#expected);
    else throw changedSource(`it ends before byte ${this.#expected.byteOffset}, up to which it was imported`);
  }

  /** The hash at the last border that is not beyond the mark; those before it are forgotten. */
  below(mark: Mark): SourceHash {
    let passed = 0;
    for (const border of this.#ahead) {
      const isBelow =
        border.fileIndex < mark.fileIndex ||
        (border.fileIndex === mark.fileIndex && border.byteOffset <= mark.byteOffset);
      if (!isBelow) break;
      this.#latest = border;
      passed++;
    }
    if (passed > 0) this.#ahead = this.#ahead.slice(passed);
    return this.#latest;
  }

  #verify(expected: SourceHash): void {
    if (this.#hash.copy().digest('hex') !== expected.sha256) {
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
