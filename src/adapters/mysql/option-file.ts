import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ImportError } from '../../domain/import-error.ts';

/** Values of an option file by their names, which have dashes: `ssl-ca`. */
export type FileOptions = ReadonlyMap<string, string>;

/** Groups that every client reads, the second and third those of MariaDB. */
const clientGroups = new Set(['client', 'client-server', 'client-mariadb']);

/**
 * The client's options in `path`, else in `~/.my.cnf` if it is there. Throws ImportError `usage` for a file that was named
 * and cannot be read.
 */
export async function readOptionFile(
  path: string | undefined,
  home: string | undefined,
  warn: (message: string) => void,
): Promise<FileOptions> {
  if (path === undefined && home === undefined) return new Map();
  const file = path ?? join(home!, '.my.cnf');
  try {
    const { mode } = await stat(file);
    if (path === undefined && (mode & 0o002) !== 0) {
      warn(`${file} is ignored because every user may write to it`);
      return new Map();
    }
    const { options, includes } = parseOptionFile(await readFile(file, 'utf8'));
    if (includes) warn(`${file}: !include and !includedir are not followed`);
    return options;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (path === undefined && code === 'ENOENT') return new Map();
    throw new ImportError('usage', `the option file ${file} cannot be read (${code})`, {
      hint: 'Name a file that you may read with --defaults-file.',
      cause,
    });
  }
}

/** The options of the client's groups; of several that have one name the last holds. */
export function parseOptionFile(text: string): { readonly options: FileOptions; readonly includes: boolean } {
  const options = new Map<string, string>();
  let includes = false;
  let isClients = false;
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trim();
    const group = /^\[(.*)\]/.exec(trimmed)?.[1];
    if (trimmed.startsWith('!')) includes = true;
    else if (group !== undefined) isClients = clientGroups.has(group.trim());
    else if (isClients && trimmed !== '' && !/^[#;]/.test(trimmed)) {
      const [, name = '', value = ''] = /^([^=\s]+)\s*=?\s*(.*)$/.exec(trimmed) ?? [];
      options.set(name.replace(/^loose[-_]/, '').replaceAll('_', '-'), optionValue(value));
    }
  }
  return { options, includes };
}

/** As the client reads it: a `#` outside quotes begins a comment, quotes around the whole are dropped, escapes resolved. */
function optionValue(text: string): string {
  const value = withoutComment(text).trimEnd();
  const isQuoted = value.length > 1 && /^["']/.test(value) && value.endsWith(value[0]!);
  const inside = isQuoted ? value.slice(1, -1) : value;
  return inside.replace(/\\([btnrs\\"'])/g, (_, letter: string) => escapes[letter] ?? letter);
}

function withoutComment(text: string): string {
  const before = /^(?:[^"'#]|"(?:[^"\\]|\\.)*("|$)|'(?:[^'\\]|\\.)*('|$))*/.exec(text);
  return before?.[0] ?? '';
}

const escapes: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', r: '\r', s: ' ' };
