import { ImportError } from '../../domain/import-error.ts';

/** Why text has no time: it is not a date-time, or it is MySQL's zero date. */
type DateTimeFault = 'not-a-date' | 'zero-date';

/**
 * Whole seconds since 1970 in UTC, rounded down, of `YYYY-MM-DD`, or of that and `[ T]HH:MM:SS[.fraction][Z|±HH:MM]`,
 * and of variants: `2024/01/02`, `9:05`, no seconds, a comma before the fraction, `UTC`, `+02`, `+0200`, a blank before the
 * zone. A date alone means midnight. A zone in the text has precedence over `zone`.
 */
export function epochSeconds(text: string, zone: TimeZone): number | DateTimeFault {
  const seconds = secondsOf(text, zone);
  return seconds === 'not-a-date' ? secondsOf(asServerWrites(text), zone) : seconds;
}

/** With the year first, and two digits for month and day, nothing can be read in two ways. */
const otherShape =
  /^(\d{4})([-/])(\d\d)\2(\d\d)(?:[ T](\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?(?: ?(?:(Z|UTC|GMT)|([+-]\d\d)(?::?(\d\d))?))?)?$/i;

/** The same date-time as the server writes it; text of any other shape unchanged. */
function asServerWrites(text: string): string {
  const match = otherShape.exec(text);
  if (match === null) return text;
  const [, year, , month, day, hour, minute, second = '00', utc, offsetHours, offsetMinutes = '00'] = match;
  const date = `${year}-${month}-${day}`;
  if (hour === undefined) return date;
  const offset = offsetHours === undefined ? '' : `${offsetHours}:${offsetMinutes}`;
  return `${date} ${hour.padStart(2, '0')}:${minute}:${second}${utc === undefined ? offset : 'Z'}`;
}

function secondsOf(text: string, zone: TimeZone): number | DateTimeFault {
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  if (year < 0 || month < 0 || day < 0 || text[4] !== '-' || text[7] !== '-') return 'not-a-date';

  let secondOfDay = 0;
  let zoneAt = text.length;
  if (text.length > 10) {
    secondOfDay = timeOfDay(text);
    if (secondOfDay < 0) return 'not-a-date';
    zoneAt = endOfFraction(text, 19);
  }
  const offset = zoneAt < text.length ? zoneOffset(text, zoneAt) : undefined;
  if (Number.isNaN(offset)) return 'not-a-date';

  if (year === 0 && month === 0 && day === 0) return 'zero-date';
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return 'not-a-date';
  // Fractions count forward, also before 1970, so dropping one rounds down.
  const local = daysSince1970(year, month, day) * secondsPerDay + secondOfDay;
  return offset === undefined ? zone.toUtcSeconds(local) : local - offset;
}

const secondsPerDay = 86_400;

/** The second of the day in ` HH:MM:SS` after the date, or -1. */
function timeOfDay(text: string): number {
  if (text[10] !== ' ' && text[10] !== 'T') return -1;
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  if (text[13] !== ':' || text[16] !== ':' || hour < 0 || minute < 0 || second < 0) return -1;
  return hour > 23 || minute > 59 || second > 59 ? -1 : hour * 3600 + minute * 60 + second;
}

/** The index after `.fraction`, or `start` if there is none; a point without digits is refused later. */
function endOfFraction(text: string, start: number): number {
  if (text[start] !== '.') return start;
  let end = start + 1;
  while (digits(text, end, 1) >= 0) end++;
  return end === start + 1 ? start : end;
}

/** Seconds east of UTC of the `Z` or `±HH:MM` that ends the text, or NaN for anything else. */
function zoneOffset(text: string, start: number): number {
  const sign = text[start];
  if (sign === 'Z') return text.length === start + 1 ? 0 : Number.NaN;
  const hours = digits(text, start + 1, 2);
  const minutes = digits(text, start + 4, 2);
  if (text.length !== start + 6 || text[start + 3] !== ':' || (sign !== '+' && sign !== '-')) return Number.NaN;
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return Number.NaN;
  return (hours * 3600 + minutes * 60) * (sign === '-' ? -1 : 1);
}

/** The number that `count` digits from `start` make, or -1. */
function digits(text: string, start: number, count: number): number {
  let number = 0;
  for (let i = start; i < start + count; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    number = number * 10 + digit;
  }
  return number;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** In the proleptic Gregorian calendar, with years that begin in March so that the leap day is the last one. */
function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const marchMonth = month > 2 ? month - 3 : month + 9;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + Math.floor((marchMonth * 153 + 2) / 5) + day - 1 - daysUntil1970;
}

/** From the first of March of the year 0. */
const daysUntil1970 = 719_468;

/** How local time without a zone of its own is read. */
type TimeZone = {
  /**
   * UTC seconds of local seconds, both since 1970. A local time that the clock skipped is moved forward by as much (02:30
   * becomes 03:30); a local time that occurred twice means the first one.
   */
  toUtcSeconds(localSeconds: number): number;
};

/** The zone of `UTC`, an offset such as `+02:00`, or a name such as `Europe/Berlin`. Throws ImportError `usage`. */
export function parseTimeZone(text: string): TimeZone {
  if (text.toUpperCase() === 'UTC') return fixedZone(0);
  const offset = /^([+-])(\d\d):([0-5]\d)$/.exec(text);
  if (offset !== null) {
    const seconds = Number(offset[2]) * 3600 + Number(offset[3]) * 60;
    if (seconds <= maxOffsetSeconds) return fixedZone(offset[1] === '-' ? -seconds : seconds);
  } else if (/^[a-z]/i.test(text)) {
    // Later runtimes accept `+02` and `+0200` as names.
    try {
      return namedZone(new Intl.DateTimeFormat('en-US', { timeZone: text, timeZoneName: 'longOffset' }));
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
    }
  }
  throw new ImportError('usage', `--time-zone ${JSON.stringify(text)} is not a time zone`, {
    hint: 'Pass UTC, an offset such as +02:00 (at most 14 hours), or a name such as Europe/Berlin.',
  });
}

const maxOffsetSeconds = 14 * 3600;

function fixedZone(offsetSeconds: number): TimeZone {
  return { toUtcSeconds: (localSeconds) => localSeconds - offsetSeconds };
}

function namedZone(format: Intl.DateTimeFormat): TimeZone {
  /** Offset by local day; NaN on days on which it changes. Intl takes microseconds, too long for every row. */
  const offsets = new Map<number, number>();
  return {
    toUtcSeconds(localSeconds) {
      const day = Math.floor(localSeconds / secondsPerDay);
      let offset = offsets.get(day);
      if (offset === undefined) {
        if (offsets.size >= maxDaysKept) offsets.clear();
        offset = offsetOfDay(format, day);
        offsets.set(day, offset);
      }
      return localSeconds - (Number.isNaN(offset) ? localOffset(format, localSeconds) : offset);
    },
  };
}

/** About 44 years, to bound the memory for any range of dates. */
const maxDaysKept = 16_384;

function offsetOfDay(format: Intl.DateTimeFormat, day: number): number {
  const first = localOffset(format, day * secondsPerDay);
  const last = localOffset(format, (day + 1) * secondsPerDay - 1);
  return first === last ? first : Number.NaN;
}

/** The offset to subtract from local time, also where the clock changes. */
function localOffset(format: Intl.DateTimeFormat, localSeconds: number): number {
  const before = offsetAt(format, localSeconds - secondsPerDay);
  if (offsetAt(format, localSeconds - before) === before) return before;
  const after = offsetAt(format, localSeconds + secondsPerDay);
  return offsetAt(format, localSeconds - after) === after ? after : before;
}

/** Seconds east of UTC, read from text such as `1/2/2024, GMT+01:00`. */
function offsetAt(format: Intl.DateTimeFormat, utcSeconds: number): number {
  const match = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(format.format(utcSeconds * 1000));
  if (match === null) throw new Error('Expected Intl to name the offset from GMT');
  const seconds = Number(match[2] ?? 0) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0);
  return match[1] === '-' ? -seconds : seconds;
}
