import { formatCount, formatRate, printable } from '../domain/format.ts';

export { formatCount, formatRate, printable };

/** `850 ms`, `4.2 s`, `42 s`, `8 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${oneDecimal(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return pair(whole, 60, 'min', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return pair(minutes, 60, 'h', 'min');
  return pair(Math.round(minutes / 60), 24, 'd', 'h');
}

/** `0.8 ms`, `12 ms`, `1.2 s`. */
export function formatMs(ms: number): string {
  if (ms < 9.95) return `${oneDecimal(ms)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : formatDuration(ms / 1000);
}

/** `512 bytes`, `1.2 kB`, `64 MB`, in powers of 1,000 as networks count. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} bytes`;
  let value = bytes / 1000;
  let unit = 0;
  const units = ['kB', 'MB', 'GB', 'TB', 'PB'];
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? oneDecimal(value) : formatCount(value)} ${units[unit]}`;
}

/** `0.4 Mb/s`, `243 Mb/s`, as networks are sold. */
export function formatBitRate(bytesPerSecond: number): string {
  const megabits = (bytesPerSecond * 8) / 1e6;
  return `${megabits < 9.95 ? oneDecimal(megabits) : formatCount(megabits)} Mb/s`;
}

/** `02:08 UTC`, with the day before it if that is not today's: `Feb 1 02:08 UTC`. */
export function formatClock(ms: number, nowMs: number): string {
  const [date, now] = [new Date(ms), new Date(nowMs)];
  // Intl would take 5 MB of memory for the rest of the run.
  const [, day, month] = date.toUTCString().split(' ');
  const isToday = date.toISOString().slice(0, 10) === now.toISOString().slice(0, 10);
  return `${isToday ? '' : `${month} ${Number(day)} `}${date.toISOString().slice(11, 16)} UTC`;
}

/** `1 row`, `2 rows`. */
export function formatNoun(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `10 read = 8 written + 2 rejected`, or `is not` where the rows by their fate are not the rows read. */
export function formatBalance({ read, ...fates }: { readonly read: number; readonly [fate: string]: number }): string {
  const sum = Object.values(fates).reduce((total, count) => total + count, 0);
  const right = Object.entries(fates).map(([fate, count]) => `${formatCount(count)} ${fate}`);
  return `${formatCount(read)} read ${sum === read ? '=' : 'is not'} ${right.join(' + ')}`;
}

function pair(value: number, divisor: number, large: string, small: string): string {
  const rest = value % divisor;
  return `${Math.floor(value / divisor)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}

function oneDecimal(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '');
}
