import { parseTableArn } from '../../domain/table.ts';
import type { Parser } from './parser.ts';
import { unexpected } from './usage-error.ts';

/** The name of a table, or its ARN. */
export const parseTable: Parser<string> = (text, flag) => {
  if (/^[A-Za-z0-9_.-]{3,255}$/.test(text) || parseTableArn(text) !== undefined) return text;
  const ofTable = /^arn:[^/]*\/[^/]*/.exec(text)?.[0];
  const isPart = ofTable !== undefined && ofTable !== text && parseTableArn(ofTable) !== undefined;
  const expected = 'the name of a table (3 to 255 letters, digits, _ . -) or its ARN';
  throw unexpected(flag, expected, text, isPart ? `did you mean ${flag} ${ofTable}?` : undefined);
};
