/** `1,234,567`: for people, not for JSON, file names, or commands. */
export function formatCount(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A rate per second: `1,234`, or `0.13` where it is below 1, as the part of a shard may be. */
export function formatRate(perSecond: number): string {
  return perSecond > 0 && perSecond < 1 ? String(Number(perSecond.toPrecision(2))) : formatCount(perSecond);
}

/** `1 column`, `2 columns` */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Indented JSON for files and standard output, with a line break at the end. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** The text quoted as one word of a shell command. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A command that writes a source to a pipe; undefined for a file, which commands read by its path. */
export function pipeFrom(sourceName: string): string | undefined {
  if (sourceName === 'standard input') return '…';
  return sourceName.startsWith('s3://') ? `aws s3 cp ${shellWord(sourceName)} -` : undefined;
}

/** `2026-01-31T02:00:00Z`, from milliseconds since 1970. */
export function utcText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Controls of the terminal, and characters that turn the direction of writing. */
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Text from outside (names of files and columns) made safe to show: a terminal obeys what it is shown. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
