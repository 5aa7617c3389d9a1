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
  readonly readFrom?: (byteOffset: number) => AsyncIterable<Uint8Array>;
  /** Stored bytes read so far, for progress. */
  storedBytesRead(): number;
};

/** A source file as it was opened, with what the manifest keeps of it to know it again. */
export type OpenedFile = SourceFile & {
  /** An absolute path or a URL; undefined for standard input and pipes. */
  readonly path: string | undefined;
  readonly mtimeMs: number | undefined;
  /** Of an object of S3. Files with the same one hold the same bytes; empty where it does not stand for every byte. */
  readonly etag?: string;
  readonly versionId?: string | undefined;
  /** Throws ImportError `source-changed` if the file has changed since the import began. */
  checkUnchanged(): Promise<void>;
};

/** The files in the order given. */
export type Source = { readonly files: readonly SourceFile[] };
