import { characterSet } from './character-sets.ts';
import type { MysqlSettings } from './mysql.ts';

export const hiddenMessage =
  'an omitted column has a multi-byte character set, and a byte of a character may be taken for a separator or an escape';

/**
 * Matches rows in which a byte that looks like a separator may be the second one of a character. Only columns of
 * multi-byte sets hold such characters, and they are read around only if they are omitted. `omitted` is by field.
 */
export function hiddenSeparators(settings: MysqlSettings, omitted: readonly boolean[]): RegExp | undefined {
  const { batch, converted, columns = [], fieldTerminator, lineTerminator, enclosure } = settings;
  const isHidden = columns.some(
    (column, field) => omitted[field] && characterSet(column.characterSet ?? 'utf8')?.kind === 'multi-byte',
  );
  if (batch || converted || !isHidden) return undefined;
  const bytes = [fieldTerminator[0]!, lineTerminator[0]!, enclosure ?? '', settings.escape].filter(
    (byte) => byte >= '0',
  );
  return new RegExp(`[\\x80-\\xff][${bytes.map((byte) => `\\x${byte.charCodeAt(0).toString(16)}`).join('')}]`);
}
