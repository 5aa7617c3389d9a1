import { choosable, option, reading } from './option.ts';
import { columnTypes, moreNames, names, noPairs, renames } from './syntax/lists.ts';
import { size } from './syntax/numbers.ts';
import { anyText, character, characterOrNone, choice, separator, text, timeZone } from './syntax/texts.ts';

/** How the bytes of the source become fields. The options of MySQL text have the names that mysqldump has for them. */
export const readingOptions = {
  format: option('--format', choice('<name>', 'csv', 'mysql', 'mysql-batch', 'sql'), {
    shownDefault: 'from the other options, the schema and the file name',
    help: 'format of the source: csv, mysql (mysqldump --tab), mysql-batch (mysql --batch) or sql (INSERT statements)',
    commands: reading,
    scope: 'items',
    brief: 'csv, mysql, mysql-batch or sql (default: detected)',
  }),
  delimiter: option('--delimiter', character, {
    shownDefault: ',',
    help: 'CSV: character between fields; \\t is a tab',
    commands: reading,
    scope: 'items',
  }),
  /** '' is none, here and below. */
  quote: option('--quote', characterOrNone, {
    shownDefault: '"',
    help: 'CSV: quote character; none disables quoting',
    commands: reading,
    scope: 'items',
  }),
  escape: option('--escape', characterOrNone, {
    shownDefault: 'the quote character',
    help: 'CSV: character that escapes a quote inside quotes',
    commands: reading,
    scope: 'items',
  }),
  fieldsTerminatedBy: option('--fields-terminated-by', separator('<text>'), {
    shownDefault: '\\t',
    help: 'MySQL text: as in mysqldump',
    commands: reading,
    scope: 'items',
  }),
  fieldsEnclosedBy: option('--fields-enclosed-by', separator('<char>'), {
    help: 'MySQL text: as in mysqldump',
    commands: reading,
    scope: 'items',
  }),
  fieldsOptionallyEnclosedBy: option('--fields-optionally-enclosed-by', separator('<char>'), {
    help: 'MySQL text: as in mysqldump',
    commands: reading,
    scope: 'items',
  }),
  fieldsEscapedBy: option('--fields-escaped-by', separator('<char>'), {
    shownDefault: '\\\\',
    help: 'MySQL text: as in mysqldump',
    commands: reading,
    scope: 'items',
  }),
  linesTerminatedBy: option('--lines-terminated-by', separator('<text>'), {
    shownDefault: '\\n',
    help: 'MySQL text: as in mysqldump',
    commands: reading,
    scope: 'items',
  }),
  linesStartingBy: option('--lines-starting-by', separator('<text>'), {
    help: 'MySQL text: as in SELECT ... INTO OUTFILE',
    commands: reading,
    scope: 'items',
  }),
  defaultCharacterSet: option('--default-character-set', text('<name>'), {
    shownDefault: 'from the schema',
    help: 'MySQL text: character set that the dump was converted to; binary means not converted',
    commands: reading,
    scope: 'items',
  }),
  /** `table` or `database.table`. */
  sourceTable: option('--source-table', text('<[db.]table>'), {
    help: 'SQL dump: table to import, if the dump holds several',
    commands: reading,
    scope: 'items',
  }),
  allowIncomplete: choosable('--allow-incomplete', {
    help: 'SQL dump: accept a dump without the line at its end that says it is complete',
    commands: reading,
    scope: 'run',
  }),
  null: option('--null', anyText, {
    shownDefault: 'by format',
    help: 'treat this unquoted text as NULL',
    commands: reading,
    scope: 'items',
    also: [{ flags: '--no-null', value: false, help: 'treat the word NULL as text' }],
  }),
  header: choosable('--header', {
    help: 'the first row of each file names the columns',
    commands: reading,
    scope: 'items',
    also: [{ flags: '--no-header', value: false, help: 'the first row of each file is data' }],
  }),
  columns: option('--columns', names, {
    help: 'names of the columns, in order; a first row that equals them is taken as the header',
    commands: reading,
    scope: 'items',
  }),
  maxRowBytes: option('--max-row-bytes', size(1024, 256 * 1024 ** 2), {
    default: 4 * 1024 ** 2,
    help: 'maximum size of a row; a longer one is taken for an unterminated quote',
    commands: reading,
    scope: 'run',
  }),
};

/** What the fields become in an item. */
export const mappingOptions = {
  types: option('--types', columnTypes, {
    default: noPairs,
    shownDefault: 'from the schema, else S; key columns as in the table',
    help: 'types of columns: S, N, B, BOOL, JSON, EPOCH (date-time to seconds), HEX or BASE64 (text to B)',
    commands: reading,
    scope: 'items',
    brief: 'such as user_id=N,expires_at=EPOCH',
  }),
  schema: option('--schema', text('<file.sql>'), {
    shownDefault: 'the .sql next to a .txt',
    help: 'CREATE TABLE of the dump: column names, types and primary key',
    commands: reading,
    scope: 'items',
  }),
  rename: option('--rename', renames, {
    default: noPairs,
    help: 'attribute names that differ from the column names',
    commands: reading,
    scope: 'items',
  }),
  omit: option('--omit', moreNames, {
    default: [],
    help: 'columns to leave out',
    commands: reading,
    scope: 'items',
  }),
  timeZone: option('--time-zone', timeZone, {
    default: 'UTC',
    help: 'time zone of date-times that have none',
    commands: reading,
    scope: 'items',
  }),
  zeroDates: option('--zero-dates', choice('<how>', 'null', 'reject'), {
    default: 'reject',
    help: '0000-00-00 in an EPOCH column: null leaves the attribute out, reject rejects the row',
    commands: reading,
    scope: 'items',
  }),
  empty: option('--empty', choice('<how>', 'keep', 'omit'), {
    default: 'keep',
    help: 'attributes with empty text: keep or omit; NULL is always omitted',
    commands: reading,
    scope: 'items',
  }),
};
