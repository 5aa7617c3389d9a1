import { mostRowBytes } from '../domain/row.ts';
import { choosable, option, reading } from './option.ts';
import { columnTypes, moreNames, names, noPairs, renames, templates } from './syntax/lists.ts';
import { grace, size } from './syntax/numbers.ts';
import { anyText, character, characterOrNone, choice, separator, text, timeZone } from './syntax/texts.ts';

/** How the bytes of the source become fields. The options of MySQL text have the names that mysqldump has for them. */
export const readingOptions = {
  format: option('--format', choice('<name>', 'csv', 'mysql', 'mysql-batch', 'sql'), reading, 'items', {
    shownDefault: 'from the other options, the schema and the file name',
    help: 'format of the source: csv, mysql (mysqldump --tab), mysql-batch (mysql --batch) or sql (INSERT statements)',
    brief: 'csv, mysql, mysql-batch or sql (default: detected)',
  }),
  delimiter: option('--delimiter', character, reading, 'items', {
    shownDefault: ',',
    help: 'CSV: character between fields; \\t is a tab',
  }),
  /** '' is none, here and below. */
  quote: option('--quote', characterOrNone, reading, 'items', {
    shownDefault: '"',
    help: 'CSV: quote character; none disables quoting',
  }),
  escape: option('--escape', characterOrNone, reading, 'items', {
    shownDefault: 'the quote character',
    help: 'CSV: character that escapes a quote inside quotes',
  }),
  fieldsTerminatedBy: option('--fields-terminated-by', separator('<text>'), reading, 'items', {
    shownDefault: '\\t',
    help: 'MySQL text: as in mysqldump',
  }),
  fieldsEnclosedBy: option('--fields-enclosed-by', separator('<char>'), reading, 'items', {
    help: 'MySQL text: as in mysqldump',
  }),
  fieldsOptionallyEnclosedBy: option('--fields-optionally-enclosed-by', separator('<char>'), reading, 'items', {
    help: 'MySQL text: as in mysqldump',
  }),
  fieldsEscapedBy: option('--fields-escaped-by', separator('<char>'), reading, 'items', {
    shownDefault: '\\\\',
    help: 'MySQL text: as in mysqldump',
  }),
  linesTerminatedBy: option('--lines-terminated-by', separator('<text>'), reading, 'items', {
    shownDefault: '\\n',
    help: 'MySQL text: as in mysqldump',
  }),
  linesStartingBy: option('--lines-starting-by', separator('<text>'), reading, 'items', {
    help: 'MySQL text: as in SELECT ... INTO OUTFILE',
  }),
  defaultCharacterSet: option('--default-character-set', text('<name>'), reading, 'items', {
    shownDefault: 'from the schema',
    help: 'MySQL text: character set that the dump was converted to; binary means not converted',
  }),
  /** `table` or `database.table`. */
  sourceTable: option('--source-table', text('<[db.]table>'), reading, 'items', {
    help: 'SQL dump: table to import, if the dump holds several',
  }),
  allowIncomplete: choosable('--allow-incomplete', reading, 'run', {
    help: 'SQL dump: accept a dump without the line at its end that says it is complete',
  }),
  null: option('--null', anyText, reading, 'items', {
    shownDefault: 'by format',
    help: 'treat this unquoted text as NULL',
    also: [{ flags: '--no-null', value: false, help: 'treat the word NULL as text' }],
  }),
  header: choosable('--header', reading, 'items', {
    help: 'the first row of each file names the columns',
    also: [{ flags: '--no-header', value: false, help: 'the first row of each file is data' }],
  }),
  columns: option('--columns', names, reading, 'items', {
    help: 'names of the columns, in order; a first row that equals them is taken as the header',
  }),
  maxRowBytes: option('--max-row-bytes', size(1024, mostRowBytes), reading, 'run', {
    default: 4 * 1024 ** 2,
    help: 'maximum size of a row; a longer one is taken for an unterminated quote',
  }),
};

/** What the fields become in an item. */
export const mappingOptions = {
  types: option('--types', columnTypes, reading, 'items', {
    default: noPairs,
    shownDefault: 'from the schema, else S; key columns as in the table',
    help: 'types of columns: S, N, B, BOOL, JSON, EPOCH (date-time to seconds), HEX or BASE64 (text to B), and text to split: SS(|), NS(|), L(|)',
    brief: 'such as user_id=N,expires_at=EPOCH',
  }),
  schema: option('--schema', text('<file.sql>'), reading, 'items', {
    shownDefault: 'the .sql next to a .txt',
    help: 'CREATE TABLE of the dump, a path or an s3:// URL: column names, types and primary key',
  }),
  rename: option('--rename', renames, reading, 'items', {
    default: noPairs,
    help: 'attribute names that differ from the column names',
  }),
  omit: option('--omit', moreNames, reading, 'items', {
    default: [],
    help: 'columns to leave out',
  }),
  set: option('--set', templates, reading, 'items', {
    default: [],
    help: "attribute made of text and columns, such as 'pk=TOKEN#{token}' or 'n:N={a}'; can be repeated",
  }),
  timeZone: option('--time-zone', timeZone, reading, 'items', {
    default: 'UTC',
    help: 'time zone of date-times that have none',
  }),
  zeroDates: option('--zero-dates', choice('<how>', 'null', 'reject'), reading, 'items', {
    default: 'reject',
    help: '0000-00-00 in an EPOCH column: null leaves the attribute out, reject rejects the row',
  }),
  empty: option('--empty', choice('<how>', 'keep', 'omit', 'null'), reading, 'items', {
    default: 'keep',
    help: 'empty text: keep, omit, or null to write DynamoDB NULL, except in keys; NULL is always omitted',
  }),
  /** Seconds; undefined: no row is skipped. */
  skipExpiredGraceSeconds: option('--skip-expired', grace, reading, 'items', {
    help: 'skip rows whose TTL is past, or past by more than grace (30m, 12h, 7d), unless by more than five years',
  }),
  ttlColumn: option('--ttl-column', text('<col>'), reading, 'items', {
    shownDefault: 'the column of the TTL attribute of the table',
    help: 'column with the time of expiry for --skip-expired',
  }),
};

/** How a table of a live server is read. */
export const liveOptions = {
  /** SQL of the operator. */
  where: option('--where', text('<sql>'), reading, 'items', {
    help: 'rows to read, as a condition in SQL',
  }),
  defaultsFile: option('--defaults-file', text('<file>'), reading, 'run', {
    shownDefault: '~/.my.cnf',
    help: 'option file of the mysql client: user, password, socket and TLS in its [client] groups',
  }),
  sslMode: option(
    '--ssl-mode',
    choice('<mode>', 'DISABLED', 'PREFERRED', 'REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY'),
    reading,
    'run',
    {
      shownDefault: 'VERIFY_IDENTITY; PREFERRED on this machine',
      help: 'as in the mysql client: DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY',
    },
  ),
  sslCa: option('--ssl-ca', text('<file.pem>'), reading, 'run', {
    shownDefault: 'public authorities and those of Amazon RDS',
    help: 'certificates of the authorities to trust',
  }),
};

/** Whether a source is a table of a live server. */
export function isLiveSource(source: string): boolean {
  return /^mysql:\/\//i.test(source);
}
