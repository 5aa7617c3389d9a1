/** One input of the import: a file, or standard input. */
export type SourceFile = {
  /** For messages: the path as given, or `standard input`. */
  readonly name: string;
  /** Bytes as stored (compressed where it is compressed); undefined where they cannot be known. */
  readonly storedBytes: number | undefined;
  /**
   * The decompressed bytes from the beginning. Throws ImportError `source-changed`, `source-truncated`, `source-unreadable`.
   * Buffers are fresh: the reader may keep them.
   */
  read(): AsyncIterable<Uint8Array>;
  /** Stored bytes taken in so far, for progress. */
  storedBytesRead(): number;
};

/** The files in the order given. */
export type Source = { readonly files: readonly SourceFile[] };
