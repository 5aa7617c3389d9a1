/** Figures of an import under way, since its process began it. */
export type ImportFigures = {
  /** Since the start of the import, over resumes. */
  readonly rowsRead: number;
  /** Of those, rows whose fate is known. */
  readonly rowsDone: number;
  /** Behind the last row that was taken; undefined before the first. */
  readonly place?: SourcePlace | undefined;
  /** Batches out now. */
  readonly inFlight: number;
  /** Permits granted, and those a second that are granted now; undefined: no limit. */
  readonly permits: number;
  readonly ratePerSecond: number | undefined;
  /** Above which that does not rise, whatever the table takes; absent where it is the same all the time. */
  readonly limitPerSecond?: number | undefined;
  readonly waits: RunWaits;
};

/** A place in the source, in decompressed bytes of one file. */
export type SourcePlace = { readonly fileIndex: number; readonly byteOffset: number };

/** Bytes of the source as they are stored (compressed where it is compressed), taken in so far and in all. */
export type StoredBytes = {
  readonly storedBytesRead: number;
  /** Undefined where a source has no size, as standard input. */
  readonly storedBytesTotal: number | undefined;
};

/** How long a run stood in each of these ways; they overlap. */
export type RunWaits = {
  /** At least one batch waited for permits. */
  readonly limiterMs: number;
  /** Every slot was taken. */
  readonly slotsMs: number;
  /** The next rows were waited for. */
  readonly sourceMs: number;
  /** No further row might be read before one that was read earlier is done. */
  readonly aheadMs: number;
};

/** Before an import has begun. */
export const noFigures: ImportFigures = {
  ...{ rowsRead: 0, rowsDone: 0, inFlight: 0, permits: 0, ratePerSecond: undefined },
  waits: { limiterMs: 0, slotsMs: 0, sourceMs: 0, aheadMs: 0 },
};
