import type { IfExists } from '../../domain/write-result.ts';
import type { Parser } from './parser.ts';
import { unexpected } from './usage-error.ts';

/** `replace`, `keep` or `newer:COLUMN`. */
export const parseIfExists: Parser<IfExists> = (text, flag) => {
  if (text === 'replace' || text === 'keep') return { kind: text };
  const column = /^newer:(.+)$/.exec(text)?.[1];
  if (column === undefined) throw unexpected(flag, 'replace, keep or newer:COLUMN', text);
  return { kind: 'newer', column };
};

/** Text that reads back as the same. */
export function ifExistsText(ifExists: IfExists): string {
  return ifExists.kind === 'newer' ? `newer:${ifExists.column}` : ifExists.kind;
}
