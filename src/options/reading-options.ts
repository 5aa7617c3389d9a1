import { constant, flag, type OptionGroup } from './option-row.ts';
import { parseCharacter, parseCharacterOrNone, parseSeparator } from './parse/parse-character.ts';
import { parseMoreNames, parseNames, parseRenames, parseTypes } from './parse/parse-list.ts';
import { parseSize } from './parse/parse-size.ts';
import { parseChoice, parseText, parseTimeZone } from './parse/parse-text.ts';

/** How the bytes of the source become fields. */
export const readingOptions: OptionGroup = {
  heading: 'Reading:',
  options: [
    flag(
      'format',
      '--format <name>',
      'csv, mysql (mysqldump --tab), mysql-batch (mysql --batch) or sql (INSERT statements); see Formats',
      parseChoice('csv', 'mysql', 'mysql-batch', 'sql'),
    ),
    flag('delimiter', '--delimiter <char>', 'CSV: character between fields; \\t is a tab', parseCharacter),
    flag('quote', '--quote <char>', 'CSV: quote character; none disables quoting', parseCharacterOrNone),
    flag('escape', '--escape <char>', 'CSV: character before a quote inside quotes', parseCharacterOrNone),
    flag('fieldsTerminatedBy', '--fields-terminated-by <text>', "MySQL text: as mysqldump's option", parseSeparator),
    flag('fieldsEnclosedBy', '--fields-enclosed-by <char>', "MySQL text: as mysqldump's option", parseSeparator),
    flag(
      'fieldsOptionallyEnclosedBy',
      '--fields-optionally-enclosed-by <char>',
      "MySQL text: as mysqldump's option",
      parseSeparator,
    ),
    flag('fieldsEscapedBy', '--fields-escaped-by <char>', "MySQL text: as mysqldump's option", parseSeparator),
    flag('linesTerminatedBy', '--lines-terminated-by <text>', "MySQL text: as mysqldump's option", parseSeparator),
    flag('linesStartingBy', '--lines-starting-by <text>', 'MySQL text: as the option of INTO OUTFILE', parseSeparator),
    flag(
      'defaultCharacterSet',
      '--default-character-set <name>',
      'MySQL text: the set that the dump was converted to; binary: none',
      parseText,
    ),
    flag('sourceTable', '--source-table <[db.]table>', 'SQL dump: the table to import, if it holds several', parseText),
    constant(
      'allowIncomplete',
      '--allow-incomplete',
      'SQL dump: accept one that does not say at its end that it is whole',
      true,
    ),
    flag('null', '--null <text>', 'treat this unquoted text as NULL', (text) => text),
    constant('null', '--no-null', 'the word NULL is text', false),
    constant('header', '--header', 'the first row of each file names the columns', true),
    constant('header', '--no-header', 'the first row is a row like any other', false),
    flag(
      'columns',
      '--columns <a,b,...>',
      'names of the columns, in order; a first row that equals them is the header',
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
