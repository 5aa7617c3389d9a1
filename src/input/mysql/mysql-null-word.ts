import type { TableColumn } from './definition/table-definition.ts';
import { isBitValue } from './mysql-bytes.ts';

/** How the client writes NULL, and the server if it is told to escape nothing. */
export const nullWord = 'NULL';
export const nullWordBytes: Buffer = Buffer.from(nullWord);

/** Columns that can't hold four letters, or only the texts that their type lists. */
const neverTheWord =
  /^(date|time|datetime|timestamp|json|year|uuid|inet[46]|(var)?(char|binary)\([0-3]\)|binary(?!\(4\))|(enum|set)\((?!.*null))/i;

/** Whether the client's word is NULL in this column; `wherePossible`: also if the column can hold that text. */
export function isNullWord(column: TableColumn, wherePossible: boolean): boolean {
  return column.nullable && (wherePossible || !canHoldIt(column));
}

function canHoldIt({ type, sqlType, bits, digits }: TableColumn): boolean {
  if (bits !== undefined) return isBitValue(nullWordBytes, bits);
  return type !== 'N' && digits !== true && !neverTheWord.test(sqlType);
}
