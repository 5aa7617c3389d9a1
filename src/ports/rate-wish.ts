/** Where an operator may leave another rate for a run under way. */
export type RateWish = {
  /** What is written there, undefined where nothing is. Throws ImportError `run-dir` where it can't be read. */
  read(): Promise<string | undefined>;
};
