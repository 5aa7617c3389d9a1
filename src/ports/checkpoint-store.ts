import type { Progress } from '../domain/checkpoint.ts';

/** Where progress is kept, durable once `save` has resolved. */
export type CheckpointStore = {
  /** Throws ImportError `disk-full` or `run-dir`. */
  save(progress: Progress): Promise<void>;
};
