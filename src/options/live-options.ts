import { option, reading } from './option.ts';
import { choice, text } from './syntax/texts.ts';

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
