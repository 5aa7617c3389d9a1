import type { MysqlSettings } from './mysql.ts';

/** Why the fields of a row can't be told apart. `row`: its bytes, each as a character. */
export function whyBroken(settings: MysqlSettings, row: string): string {
  const { batch, lineStart, columns = [], enclosure, fieldTerminator, lineTerminator } = settings;
  if (batch) return 'the line ends with LF, unlike the first, which ends with CR LF';
  if (!row.startsWith(lineStart)) {
    return 'the line does not begin with --lines-starting-by; LOAD DATA would skip it';
  }
  const bits = columns.filter((column) => column.bits !== undefined);
  if (bits.length > 0 && settings.bits !== 'escaped') return bitMessage(bits.map(({ name }) => name));
  const causes = enclosure === undefined ? [] : ['text stands after a closing quote'];
  if (fieldTerminator.length + lineTerminator.length > 2) {
    causes.push('the first character of a terminator stands without the others and without an escape');
  }
  return causes.join(', or ');
}

function bitMessage(names: readonly string[]): string {
  const select = names.map((name) => `\`${name}\`+0`).join(', ');
  const types = names.map((name) => `${name}=N`).join(',');
  return `BIT columns (${names.map((name) => `"${name}"`).join(', ')}) may be written without escapes, and the bytes of this row can be read in more than one way; select them as numbers (SELECT ..., ${select}, ...) and pass --types ${types}`;
}
