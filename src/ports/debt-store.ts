import type { CapacityDebt } from '../domain/write-capacity.ts';

/** Where it is kept that capacity has to be put back, whatever becomes of this process. */
export type DebtStore = {
  /** Durable once it has resolved. Throws ImportError `disk-full` or `run-dir`. */
  save(debt: CapacityDebt): Promise<void>;
  /** Nothing is owed any longer. */
  clear(): Promise<void>;
};
