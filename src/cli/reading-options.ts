import { constant, flag, type OptionGroup } from './option-row.ts';
import { parseCharacter, parseCharacterOrNone } from './parse-character.ts';
import { parseMoreNames, parseNames, parseRenames, parseTypes } from './parse-list.ts';
import { parseSize } from './parse-size.ts';
import { parseAnyText, parseChoice, parseText, parseTimeZone } from './parse-text.ts';

/** How the bytes of the source become fields. */
export const readingOptions: OptionGroup = {
  heading: 'Reading:',
  options: [
    flag(
      'format',
      '--format <name>',
      'csv, mysql (mysqldump --tab, mysql --batch) or auto',
      parseChoice('csv', 'mysql', 'auto'),
    ),
    flag('delimiter', '--delimiter <char>', 'between fields; \\t is a tab', parseCharacter),
    flag('quote', '--quote <char>', 'around fields; none where there is none', parseCharacterOrNone),
    flag('escape', '--escape <char>', 'before a quote within quotes; none where there is none', parseCharacterOrNone),
    flag('null', '--null <text>', 'an unquoted field of this text is NULL', parseAnyText),
    constant('header', '--header', 'the first row of each file names the columns', true),
    constant('header', '--no-header', 'the first row is a row like any other', false),
    flag(
      'columns',
      '--columns <a,b,...>',
      'names of the columns, where no header row names them; with --header they replace its names',
      parseNames,
    ),
    flag(
      'maxRowBytes',
      '--max-row-bytes <size>',
      'a longer row is an unterminated quote',
      parseSize(1024, 256 * 1024 ** 2),
    ),
  ],
};

/** What the fields become in an item. */
export const mappingOptions: OptionGroup = {
  heading: 'Mapping:',
  options: [
    flag(
      'types',
      '--types <col=type,...>',
      'S, N, B, BOOL, JSON, EPOCH (date-time to seconds), HEX or BASE64 (text to B); else S, and key columns as the table says',
      parseTypes,
    ),
    flag(
      'schema',
      '--schema <file.sql>',
      'CREATE TABLE of the dump: names, types, primary key; else the .sql beside a .txt',
      parseText,
    ),
    flag('rename', '--rename <col=attr,...>', 'attribute names that differ from the columns', parseRenames),
    flag('omit', '--omit <col,...>', 'columns to leave out', parseMoreNames),
    flag('timeZone', '--time-zone <zone>', 'of date-times without one', parseTimeZone),
    flag(
      'zeroDates',
      '--zero-dates <how>',
      '0000-00-00 in an EPOCH column: null or reject; as text it stays as it is',
      parseChoice('null', 'reject'),
    ),
    flag('empty', '--empty <how>', 'empty text: keep or omit; NULL is always left out', parseChoice('keep', 'omit')),
  ],
};
