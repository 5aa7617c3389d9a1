import type { Source, SourceFile } from '../../src/ports/source.ts';

/** Files in memory, given in chunks of so many bytes. */
export function textSource(texts: readonly string[], chunkBytes: number): Source {
  return { files: texts.map((text, i) => textFile(text, i, chunkBytes)) };
}

/** The same files, read from any byte on; `given` collects the chunks of each. */
export function seekableSource(texts: readonly string[], chunkBytes: number, given: string[] = []): Source {
  const files = texts.map((text, i) => {
    const file = textFile(text, i, chunkBytes);
    given[i] = '';
    const seen = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        given[i] += Buffer.from(chunk).toString();
        yield chunk;
      }
    };
    const tail = (byteOffset: number) => Buffer.from(text).subarray(byteOffset).toString();
    return {
      ...file,
      read: () => seen(file.read()),
      readFrom: (byteOffset: number) => seen(textFile(tail(byteOffset), i, chunkBytes).read()),
    };
  });
  return { files };
}

function textFile(text: string, i: number, chunkBytes: number): SourceFile {
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
}
