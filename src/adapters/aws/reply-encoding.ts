import type { Failed } from '../../domain/write-result.ts';

/** What every request says: a reply is read as it is. */
export const acceptedEncoding = 'identity';

/** In words, where a reply comes compressed all the same, as of something between here and the endpoint. */
export function compressionOf(contentEncoding: string | undefined): string | undefined {
  const coding = contentEncoding?.trim().toLowerCase() ?? '';
  if (coding === '' || coding === acceptedEncoding) return undefined;
  const named = /^[\w-]{1,20}$/.test(coding) ? coding : 'an unknown coding';
  return `replies come compressed (${named}), though that was not asked for`;
}

export function compressedReply(reason: string): Failed {
  return { kind: 'transient', reason, fateUnknown: true };
}
