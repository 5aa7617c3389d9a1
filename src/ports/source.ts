/** One input of the import: a file, or standard input. */
export type SourceFile = {
  /** For messages: the path as given, or `standard input`. */
  readonly name: string;
  /** Bytes as stored (before decompression); undefined if they are not known. */
  readonly storedBytes: number | undefined;
  /**
   * The decompressed bytes from the beginning, in fresh buffers that the reader may keep. Throws ImportError
   * `source-changed`, `source-truncated`, `source-unreadable`.
   */
  read(): AsyncIterable<Uint8Array>;
  /**
   * The decompressed bytes from one on, none from infinity on; counts those before as read. Given where the source tells
   * by itself whether it is still the same, so that a resume need not read what it has done.
   */
  readonly readFrom?: ((byteOffset: number) => AsyncIterable<Uint8Array>) | undefined;
  /** Stored bytes read so far, for progress. */
  storedBytesRead(): number;
};

/** The files in the order given. */
export type Source = { readonly files: readonly SourceFile[] };
