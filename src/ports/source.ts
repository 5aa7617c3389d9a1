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
   * The decompressed bytes from `byteOffset` on, none if it is infinite; those before count as read. Present if the source
   * can tell that it is unchanged, so that a resume need not read finished rows again.
   */
  readonly readFrom?: (byteOffset: number) => AsyncIterable<Uint8Array>;
  /** Stored bytes read so far, for progress. */
  storedBytesRead(): number;
};

/** A source file, with what the manifest keeps of it to recognize it. */
export type OpenedFile = SourceFile & {
  /** An absolute path or a URL; undefined for standard input and pipes. */
  readonly path: string | undefined;
  readonly mtimeMs: number | undefined;
  /** Of an object of S3: files with the same one hold the same bytes. Empty if the store has none. */
  readonly etag?: string;
  readonly versionId?: string | undefined;
  /** Throws ImportError `source-changed` if the file has changed since the import began. */
  checkUnchanged(): Promise<void>;
};

/** The files in the order given. */
export type Source = { readonly files: readonly SourceFile[] };
