import { characterSet } from './characters/character-sets.ts';
import type { TableColumn } from './definition/table-definition.ts';
import type { MysqlSettings } from './mysql.ts';

/** What is wrong with a field that `hiddenSeparators` matches. */
export const hiddenPredicate =
  'has a multi-byte character set, and a byte of one of its characters may be taken for a separator or an escape';

/**
 * Matches text in which a byte that looks like a separator may be the second one of a character, so that the fields
 * after it cannot be told. Undefined for columns whose character set has no such characters.
 */
export function hiddenSeparators(settings: MysqlSettings, { characterSet: name }: TableColumn): RegExp | undefined {
  const { batch, converted, fieldTerminator, lineTerminator, enclosure } = settings;
  if (batch || converted || name === undefined || characterSet(name)?.kind !== 'multi-byte') return undefined;
  const special = [fieldTerminator[0]!, lineTerminator[0]!, enclosure ?? '', settings.escape];
  // No second byte is lower. In ucs2 and its kin any byte may be half a character, which no row shows.
  const bytes = special.filter((byte) => byte >= '0').map((byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
  return new RegExp(`[\\x80-\\xff][${bytes.join('')}]`);
}
