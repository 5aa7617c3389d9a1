import type { DeleteWhere } from '../../domain/column.ts';
import { usageError } from '../../domain/import-error.ts';
import { parseTableArn } from '../../domain/table.ts';
import type { IfExists } from '../../domain/write-result.ts';
import { type Syntax, unexpected } from '../option.ts';

/** Any text, also empty. */
export const anyText: Syntax<string> = { placeholder: '<text>', parse: (text) => text, format: (text) => text };

/** Text that is neither empty nor the next flag, as where the argument was forgotten. */
export function text(placeholder: string): Syntax<string> {
  return {
    placeholder,
    parse(value, flag) {
      if (value === '') throw unexpected(flag, 'some text', value);
      if (!/^--[a-z]/.test(value)) return value;
      throw unexpected(
        flag,
        'some text',
        value,
        `Pass a value after ${flag}; write ./${value} for a file of that name.`,
      );
    },
    format: (value) => value,
  };
}

/** One of a few words. */
export function choice<Word extends string>(placeholder: string, ...words: readonly Word[]): Syntax<Word> {
  return {
    placeholder,
    words,
    parse(value, flag) {
      const word = words.find((candidate) => candidate === value);
      if (word !== undefined) return word;
      throw unexpected(flag, `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`, value);
    },
    format: (word) => word,
  };
}

export const accountId: Syntax<string> = {
  placeholder: '<id>',
  parse(value, flag) {
    if (/^\d{12}$/.test(value)) return value;
    const digits = value.replace(/[- ]/g, '');
    const hint = /^\d{12}$/.test(digits) ? `Did you mean ${flag} ${digits}?` : undefined;
    throw unexpected(flag, 'an AWS account of 12 digits', value, hint);
  },
  format: (value) => value,
};

/** The name of a table, or its ARN. */
export const tableName: Syntax<string> = {
  placeholder: '<name>',
  parse(value, flag) {
    if (/^[A-Za-z0-9_.-]{3,255}$/.test(value) || parseTableArn(value) !== undefined) return value;
    const ofTable = /^arn:[^/]*\/[^/]*/.exec(value)?.[0];
    const isPart = ofTable !== undefined && ofTable !== value && parseTableArn(ofTable) !== undefined;
    const expected = 'the name of a table (3 to 255 letters, digits, _ . -) or its ARN';
    throw unexpected(flag, expected, value, isPart ? `Did you mean ${flag} ${ofTable}?` : undefined);
  },
  format: (value) => value,
};

/** The address of an endpoint. */
export const url: Syntax<string> = {
  placeholder: '<url>',
  parse(value, flag) {
    if (/^https?:\/\/./.test(value) && URL.canParse(value)) return value;
    throw unexpected(flag, 'an address that begins with http:// or https://', value);
  },
  format: (value) => value,
};

/** UTC, a name such as Europe/Berlin, or an offset such as +02:00. */
export const timeZone: Syntax<string> = {
  placeholder: '<zone>',
  parse(value, flag) {
    if (/^[+-]\d\d:\d\d$/.test(value)) return value;
    try {
      return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone && value;
    } catch {
      throw unexpected(flag, 'a time zone such as UTC, Europe/Berlin or +02:00', value);
    }
  },
  format: (value) => value,
};

/** `replace`, `keep` or `newer:COLUMN`. */
export const ifExists: Syntax<IfExists> = {
  placeholder: '<how>',
  words: ['replace', 'keep', 'newer:'],
  parse(value, flag) {
    if (value === 'replace' || value === 'keep') return { kind: value };
    const column = /^newer:(.+)$/.exec(value)?.[1];
    if (column === undefined) throw unexpected(flag, 'replace, keep or newer:COLUMN', value);
    return { kind: 'newer', column };
  },
  format: (value) => (value.kind === 'newer' ? `newer:${value.column}` : value.kind),
};

/** `COL=VALUE`, `COL!=VALUE`, `COL is null` or `COL is not null`; blanks around both parts are ignored. One only. */
export const deleteWhere: Syntax<DeleteWhere> = {
  placeholder: '<condition>',
  parse(condition, flag, previous) {
    if (previous !== undefined) {
      throw usageError(`${flag} is given twice, but takes one condition`, `Leave out one ${flag}.`);
    }
    const expected = "COL=VALUE, COL!=VALUE, 'COL is null' or 'COL is not null'";
    const [, named, not] = /^\s*(.*\S)\s+is\s+(not\s+)?null\s*$/i.exec(condition) ?? [];
    if (named !== undefined) return { column: named, test: not === undefined ? 'null' : 'not-null', value: '' };
    const [, column, sign, value = ''] = /^\s*([^=]*[^=!\s])\s*(!?=)(?!=)\s*(.*?)\s*$/s.exec(condition) ?? [];
    if (column === undefined) throw unexpected(flag, expected, condition);
    if (/^null$/i.test(value)) {
      const meant = `${column} is ${sign === '=' ? '' : 'not '}null`;
      throw unexpected(flag, expected, condition, `Did you mean ${flag} '${meant}'?`);
    }
    return { column, test: sign === '=' ? 'equals' : 'differs', value };
  },
  format({ column, test, value }) {
    const tests = { equals: `=${value}`, differs: `!=${value}`, null: ' is null', 'not-null': ' is not null' };
    return column + tests[test];
  },
};

/** Characters that are hard to type in a shell. */
const named: ReadonlyMap<string, string> = new Map([
  ['\\t', '\t'],
  ['tab', '\t'],
  ['\\\\', '\\'],
  ['\\0', '\0'],
]);

/** One ASCII character other than a line break; `\t` or `tab` is a tab. */
export const character: Syntax<string> = {
  placeholder: '<char>',
  parse(value, flag) {
    const meant = named.get(value) ?? value;
    if (/^[\x00-\x7f]$/.test(meant) && meant !== '\n' && meant !== '\r') return meant;
    throw unexpected(flag, 'one ASCII character (\\t for a tab)', value);
  },
  format: (value) => [...named].find(([, meant]) => meant === value)?.[0] ?? value,
};

/** As a character; `none` or empty text means none, and becomes empty text. */
export const characterOrNone: Syntax<string> = {
  placeholder: '<char>',
  parse: (value, flag) => (value === '' || value === 'none' ? '' : character.parse(value, flag)),
  format: (value) => (value === '' ? 'none' : character.format(value)),
};

/** As mysqldump reads a terminator or a quote: characters, the escapes of a SQL string, or `0x` and hexadecimal bytes. */
export function separator(placeholder: '<text>' | '<char>'): Syntax<string> {
  return {
    placeholder,
    parse(value, flag) {
      const meant = /^0x(?:[0-9a-f]{2})+$/i.test(value)
        ? Buffer.from(value.slice(2), 'hex').toString('latin1')
        : value.replaceAll(/\\(.)/gs, (_, letter: string) => sqlEscapes.get(letter) ?? letter);
      if (/^[\x00-\x7f]*$/.test(meant)) return meant;
      throw unexpected(flag, 'ASCII characters, such as , or \\t or 0x09', value);
    },
    format(value) {
      const isHexadecimal = /^0x/i.test(value) || /[\x00-\x1f\x7f]/.test(value.replaceAll(/[\t\n\r]/g, ''));
      if (isHexadecimal) return `0x${Buffer.from(value, 'latin1').toString('hex')}`;
      return value.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
    },
  };
}

const sqlEscapes: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['b', '\b'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['Z', '\x1a'],
]);
