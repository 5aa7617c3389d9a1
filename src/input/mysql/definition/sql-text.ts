import { isAscii, isUtf8 } from 'node:buffer';
import { ImportError } from '../../../domain/import-error.ts';
import { characterSet, keepsAscii } from '../characters/character-sets.ts';

const setNames = /^\s*(?:\/\*M?!\d*\s*)?set\s+names\s*=?\s*['"]?(\w+)/im;
/** Before a CREATE TABLE, which mysqldump writes in this set whatever it writes rows in. */
const setClient = /^\s*(?:\/\*M?!\d*\s*)?set\s+character_set_client\s*=\s*['"]?(\w+)(?=[^;]*;\s*create\s)/im;

/**
 * The text of a `.sql` file, in the character set that it names before its CREATE TABLE, else in its first SET NAMES;
 * without one, or with `binary`, in UTF-8. Throws ImportError `schema-invalid` if the bytes are not text of that set, or
 * the set is a multi-byte one.
 */
export function sqlText(bytes: Buffer, fileName: string): string {
  const statements = bytes.toString('latin1');
  const [, told = 'utf8mb4'] = setClient.exec(statements) ?? setNames.exec(statements) ?? [];
  const name = told.toLowerCase();
  if (isAscii(bytes) && keepsAscii(name)) return bytes.toString('latin1');
  const set = characterSet(name);
  const isInUtf8 = set?.kind === 'utf8' || set?.kind === 'binary';
  if (isInUtf8 && isUtf8(bytes)) return bytes.toString('utf8');
  const text = set !== undefined && 'decode' in set ? set.decode(bytes) : undefined;
  if (text !== undefined) return text;
  throw new ImportError('schema-invalid', `${fileName} cannot be read as ${isInUtf8 ? 'UTF-8' : name}`, {
    hint: 'Write it again with `mysqldump --no-data --default-character-set=utf8mb4 db table`.',
  });
}
