/** The chunks of a file; `begin` is 3 for a first one that has a UTF-8 byte order mark to skip, else 0. */
export async function* withMarkFound(
  chunks: AsyncIterable<Uint8Array>,
  skipsMark: boolean,
): AsyncGenerator<{ bytes: Uint8Array; begin: number }> {
  let first: Uint8Array | undefined = new Uint8Array(0);
  for await (const chunk of chunks) {
    if (first === undefined) {
      yield { bytes: chunk, begin: 0 };
      continue;
    }
    // A pipe may give its first bytes one by one.
    first = first.length === 0 ? chunk : Buffer.concat([first, chunk]);
    if (first.length < 3) continue;
    yield { bytes: first, begin: skipsMark && startsWithByteOrderMark(first) ? 3 : 0 };
    first = undefined;
  }
  if (first !== undefined && first.length > 0) yield { bytes: first, begin: 0 };
}

function startsWithByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
