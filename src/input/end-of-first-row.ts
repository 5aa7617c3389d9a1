import { isEscaped } from './mysql/mysql-bytes.ts';

type EscapeFlags = {
  readonly escape?: string | undefined;
  readonly quote?: string | undefined;
  readonly fieldsEscapedBy?: string | undefined;
  readonly linesTerminatedBy?: string | undefined;
};

/**
 * Index after the first row of a file whose format is not yet known, or -1 if the row goes on: after the first line
 * terminator that MySQL has not escaped.
 */
export function endOfFirstRow(bytes: Buffer, flags: EscapeFlags): number {
  const { fieldsEscapedBy, quote = '"', linesTerminatedBy = '' } = flags;
  const escapedBy = fieldsEscapedBy ?? flags.escape ?? '\\';
  const lineEnd = Buffer.from(linesTerminatedBy || '\n', 'latin1');
  // A quote that is doubled inside quotes escapes no line end.
  const escapeByte = escapedBy === '' || escapedBy === quote ? -1 : escapedBy.charCodeAt(0);
  let end = bytes.indexOf(lineEnd);
  while (end !== -1 && isEscaped(bytes, 0, end, escapeByte)) end = bytes.indexOf(lineEnd, end + 1);
  return end === -1 ? -1 : end + lineEnd.length;
}
