import { isEscaped, lineFeed } from '../mysql/mysql-bytes.ts';

type QuoteFlags = { readonly escape?: string | undefined; readonly quote?: string | undefined };

/**
 * The first byte behind the first row of a file whose way of writing is still to be found out, or -1 where it goes on:
 * behind its first line feed, but for one that MySQL has escaped.
 */
export function endOfFirstRow(bytes: Buffer, flags: QuoteFlags): number {
  const { escape: escapedBy = '\\', quote = '"' } = flags;
  // A quote that is doubled inside quotes escapes no line end.
  const escapeByte = escapedBy === '' || escapedBy === quote ? -1 : escapedBy.charCodeAt(0);
  let feed = bytes.indexOf(lineFeed);
  while (feed !== -1 && isEscaped(bytes, 0, feed, escapeByte)) feed = bytes.indexOf(lineFeed, feed + 1);
  return feed === -1 ? -1 : feed + 1;
}
