import type { ImportError } from '../../../src/domain/import-error.ts';

/** All bytes of an input. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

/** What an action failed with; fails itself where the action did not. */
export async function faultOf(action: () => Promise<unknown>): Promise<ImportError> {
  try {
    await action();
  } catch (error) {
    return error as ImportError;
  }
  throw new Error('Expected a fault, got none');
}
