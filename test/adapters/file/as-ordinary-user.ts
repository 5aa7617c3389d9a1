const nobody = 65534;

/** Runs an action as a user whom permissions hold back, which they don't root. */
export async function asOrdinaryUser<T>(action: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return await action();
  process.setegid!(nobody);
  process.seteuid!(nobody);
  try {
    return await action();
  } finally {
    process.seteuid!(0);
    process.setegid!(0);
  }
}
