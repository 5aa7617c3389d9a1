import type { Readable } from 'node:stream';
import type { Clock } from '../../ports/clock.ts';

/** The chunks of a body. Rejects if the next one takes longer than `stallMs`; the time of the reader does not count. */
export async function* arriving(body: Readable, clock: Clock, stallMs: number): AsyncGenerator<Uint8Array> {
  // Without a listener, an error after the last read would end the process.
  body.on('error', () => {});
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  try {
    for (;;) {
      const next = await inTime(chunks.next(), clock, stallMs);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    body.destroy();
  }
}

async function inTime<T>(coming: Promise<T>, clock: Clock, stallMs: number): Promise<T> {
  let cancel: () => void = () => {};
  const late = new Promise<never>((_resolve, reject) => {
    cancel = clock.setTimer(stallMs, () => reject(bodyFault(`no byte within ${stallMs / 1000} s`)));
  });
  try {
    return await Promise.race([coming, late]);
  } finally {
    cancel();
  }
}

/** An error with a code that messages show. */
export function bodyFault(code: string): Error {
  return Object.assign(new Error(code), { code });
}
