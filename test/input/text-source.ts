import type { Source } from '../../src/ports/source.ts';

/** Files in memory, given in chunks of so many bytes. */
export function textSource(texts: readonly string[], chunkBytes: number): Source {
  const files = texts.map((text, i) => {
    const bytes = Buffer.from(text);
    return {
      name: `file-${i}.csv`,
      storedBytes: bytes.length,
      async *read() {
        for (let from = 0; from < bytes.length; from += chunkBytes) {
          yield new Uint8Array(bytes.subarray(from, from + chunkBytes));
        }
      },
      storedBytesRead: () => bytes.length,
    };
  });
  return { files };
}
