import { ImportError } from '../../domain/import-error.ts';
import type { MysqlSettings } from './mysql.ts';

const ascii = /^[\x01-\x7f]+$/;
const oneCharacter = /^[\x01-\x09\x0b\x0c\x0e-\x7f]$/;
/** Where MySQL is told to separate by these, numbers and its own escapes can't be told apart from separators. */
const partOfData = /^[A-Za-z0-9.+-]/;

/** Throws ImportError `usage` for separators that rows can't be told apart by. */
export function checkSeparators(settings: MysqlSettings): void {
  const { fieldTerminator, lineTerminator, lineStart, enclosure, escape: escapedBy } = settings;
  const terminators = { '--fields-terminated-by': fieldTerminator, '--lines-terminated-by': lineTerminator };
  for (const [flag, value] of Object.entries(terminators)) {
    if (!ascii.test(value) || partOfData.test(value))
      throw unusable(flag, 'one or more ASCII characters, not beginning with');
    for (const character of [escapedBy, enclosure]) {
      if (character !== undefined && character !== '' && value.includes(character)) throw clashing();
    }
  }
  const enclosureFlag = `--fields-${settings.optionallyEnclosed ? 'optionally-' : ''}enclosed-by`;
  for (const [flag, value] of Object.entries({ [enclosureFlag]: enclosure, '--fields-escaped-by': escapedBy })) {
    if (value === undefined || (oneCharacter.test(value) && !partOfData.test(value))) continue;
    throw unusable(flag, 'one ASCII character that is not');
  }
  if (lineStart !== '' && !ascii.test(lineStart)) {
    throw new ImportError('usage', '--lines-starting-by is not ASCII text', { hint: 'Pass ASCII characters.' });
  }
  if (enclosure === escapedBy) throw clashing();
  // Of two terminators that begin alike, one has to end otherwise before the other does.
  if (fieldTerminator.startsWith(lineTerminator) || lineTerminator.startsWith(fieldTerminator)) throw clashing();
}

function unusable(flag: string, expected: string): ImportError {
  return new ImportError('usage', `${flag} is a value that could also be part of the data`, {
    hint: `Pass ${expected} a letter, digit, dot, plus or minus, such as a tab, a comma, | or ^.`,
  });
}

function clashing(): ImportError {
  return new ImportError('usage', 'the field and line terminators, the enclosure and the escape must be different', {
    hint: "Dump the table with `mysqldump --tab=DIR db table`: a dump escaped by its own quote can't be decoded.",
  });
}
