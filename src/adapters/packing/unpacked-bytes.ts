import { ImportError } from '../../domain/import-error.ts';
import { magicBytes, packingOf, refusePacking } from './packing.ts';
import { unpack } from './unpack.ts';

/**
 * The bytes of an input, unpacked where its first bytes say that it is packed.
 * Throws ImportError `source-empty`, `source-truncated`, `source-unsupported`.
 */
export async function* readUnpacked(name: string, stored: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    const head = await readUpTo(stored, magicBytes);
    const packing = packingOf(head);
    refusePacking(name, packing);
    const chunks = prepended(head, stored);
    let empty = true;
    for await (const chunk of packing === undefined ? chunks : unpack(name, chunks, packing)) {
      if (chunk.length === 0) continue;
      empty = false;
      yield chunk;
    }
    if (empty) {
      throw new ImportError('source-empty', `${name} is empty${packing ? ' once unpacked' : ''} (0 bytes)`, {
        hint: 'Check that the command that wrote it succeeded',
      });
    }
  } finally {
    await stored.return(undefined);
  }
}

/** The first chunks joined until they hold as many bytes; fewer where the input ends. */
async function readUpTo(chunks: AsyncGenerator<Uint8Array>, byteLength: number): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < byteLength) {
    const { done, value } = await chunks.next();
    if (done) break;
    head = head.length === 0 ? value : Buffer.concat([head, value]);
  }
  return head;
}

async function* prepended(head: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  yield* rest;
}
