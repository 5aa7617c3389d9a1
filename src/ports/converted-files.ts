/** The name of what tells which run a place belongs to; it holds the id of the run. */
export const ownerName = '.import-tokens-run';

/** Where the files of items are below a place. */
export const dataPrefix = 'data/';

/** Where the finished files of a conversion go: a folder, or a prefix in a bucket. */
export type ConvertedFiles = {
  /** For the operator: a path or a URL. */
  readonly place: string;
  /** Local folder in which files are written before they are put. */
  readonly stagingFolder: string;
  /** Claims an empty place for the run, or confirms that it belongs to the run. Throws ImportError `usage`, `run-dir`. */
  claim(runId: string): Promise<void>;
  /**
   * Takes a finished file from `path` and makes it visible under its name, whole and durable. A file that has this name is
   * replaced: it was put by the same run. Throws ImportError `disk-full`, `run-dir`, and for a bucket those of an upload.
   */
  put(path: string, file: FinishedFile): Promise<void>;
  /** SHA-256 in hex of the file with this name, read back; undefined if there is none. */
  sha256(name: string): Promise<string | undefined>;
};

/** `name`: relative, with slashes: `data/part-00001.json.gz`. `sha256`: in hex. */
export type FinishedFile = { readonly name: string; readonly bytes: number; readonly sha256: string };

/** Called with each row: its key hash, and where in `bytes` its key and its line are; valid only during the call. */
export type TakeSpooledRow = (bytes: Buffer, hash: number, keyStart: number, lineStart: number, end: number) => void;

/** Rows of the source as lines of DYNAMODB_JSON, spooled to disk by the hash of their keys. */
export type SpooledRows = {
  /** Bytes of the lines in each partition. */
  readonly lineBytes: readonly number[];
  /** Reads a partition in the order of the source. Throws ImportError `run-dir`. */
  read(partition: number, take: TakeSpooledRow): Promise<void>;
  remove(partition: number): Promise<void>;
};

/** Packs chunks of lines into a file, forced to the disk. Throws ImportError `disk-full`, `run-dir`, and leaves no file then. */
export type PackFile = (
  path: string,
  chunks: Iterable<Buffer>,
) => Promise<{ readonly bytes: number; readonly sha256: string }>;

/** One file of a conversion, as its manifest names it. */
export type ConvertedFile = FinishedFile & {
  readonly items: number;
  /** Rows with the key of a later row. */
  readonly superseded: number;
  /** Of the unpacked lines. */
  readonly lineBytes: number;
};
