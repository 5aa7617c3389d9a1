import { formatCount } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import { Attempts } from './attempts.ts';
import type { S3Connection } from './s3-connection.ts';
import { failureOf } from './s3-failure.ts';
import { arriving, bodyFault, getObject, type S3Object } from './s3-object.ts';

/** Longest wait for the next bytes of a body. */
const stallMs = 20_000;

/**
 * The stored bytes of an object from `from` on, in fresh buffers, at most 256 KiB ahead of the reader. If a body breaks off
 * or stalls, the rest is requested again. Throws ImportError `source-changed`, or another one if five repetitions in a row
 * bring nothing.
 */
export async function* readObject(
  connection: S3Connection,
  object: S3Object,
  from = 0,
): AsyncGenerator<Uint8Array, void, undefined> {
  const attempts = new Attempts(connection, object);
  for (let at = from; at < object.storedBytes; ) {
    try {
      const body = await getObject(connection, object, at);
      for await (const chunk of arriving(body, connection.clock, stallMs)) {
        at += chunk.length;
        attempts.progressed();
        yield chunk;
      }
      if (at < object.storedBytes) throw bodyFault('body cut short');
    } catch (error) {
      await attempts.pauseAfter(error).catch((fault: unknown) => {
        throw brokenOff(fault, object, at);
      });
    }
  }
}

function brokenOff(fault: unknown, { url, storedBytes }: S3Object, at: number): unknown {
  if (!(fault instanceof ImportError) || fault.code !== 'endpoint-unreachable') return fault;
  const where = `${url} broke off after ${formatCount(at)} of ${formatCount(storedBytes)} bytes`;
  const { code, status } = failureOf(fault.cause);
  const last = status === 0 ? code : `HTTP ${status}`;
  return new ImportError(
    'source-unreadable',
    `${where}, and repeated requests for the rest brought nothing (${last})`,
    {
      hint: 'Check the network, then resume.',
      cause: fault,
    },
  );
}
