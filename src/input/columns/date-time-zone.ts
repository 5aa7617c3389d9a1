import { ImportError } from '../../domain/import-error.ts';

/** How local time without a zone of its own is read. */
export type TimeZone = {
  /**
   * UTC seconds of local seconds, both since 1970. A local time that the clock skipped is moved on by what was skipped
   * (02:30 becomes 03:30); of a local time that came twice the first is meant.
   */
  toUtcSeconds(localSeconds: number): number;
};

/** The zone that `UTC`, an offset such as `+02:00` or a name such as `Europe/Berlin` stands for. Throws ImportError `usage`. */
export function parseTimeZone(text: string): TimeZone {
  if (text.toUpperCase() === 'UTC') return fixedZone(0);
  const offset = /^([+-])(\d\d):([0-5]\d)$/.exec(text);
  if (offset !== null) {
    const seconds = Number(offset[2]) * 3600 + Number(offset[3]) * 60;
    if (seconds <= maxOffsetSeconds) return fixedZone(offset[1] === '-' ? -seconds : seconds);
  } else if (/^[a-z]/i.test(text)) {
    // Later runtimes take `+02` and `+0200` for names too.
    try {
      return namedZone(new Intl.DateTimeFormat('en-US', { timeZone: text, timeZoneName: 'longOffset' }));
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
    }
  }
  throw new ImportError('usage', `--time-zone ${JSON.stringify(text)} is no time zone`, {
    hint: 'give UTC, an offset such as +02:00 (at most 14 hours) or a name such as Europe/Berlin',
  });
}

const maxOffsetSeconds = 14 * 3600;

function fixedZone(offsetSeconds: number): TimeZone {
  return { toUtcSeconds: (localSeconds) => localSeconds - offsetSeconds };
}

function namedZone(format: Intl.DateTimeFormat): TimeZone {
  /** Offset by local day; NaN on the days on which it changes. Intl takes microseconds, too long for every row. */
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

/** About 44 years, so that dates spread over any span keep the memory flat. */
const maxDaysKept = 16_384;

function offsetOfDay(format: Intl.DateTimeFormat, day: number): number {
  const first = localOffset(format, day * secondsPerDay);
  const last = localOffset(format, (day + 1) * secondsPerDay - 1);
  return first === last ? first : Number.NaN;
}

/** The offset to subtract from local time, as `toUtcSeconds` has it where the clock is changed. */
function localOffset(format: Intl.DateTimeFormat, localSeconds: number): number {
  const before = offsetAt(format, localSeconds - secondsPerDay);
  if (offsetAt(format, localSeconds - before) === before) return before;
  const after = offsetAt(format, localSeconds + secondsPerDay);
  return offsetAt(format, localSeconds - after) === after ? after : before;
}

/** Seconds east of UTC at a moment, read from text such as `1/2/2024, GMT+01:00`. */
function offsetAt(format: Intl.DateTimeFormat, utcSeconds: number): number {
  const match = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(format.format(utcSeconds * 1000));
  if (match === null) throw new Error('Expected Intl to name the offset from GMT');
  const seconds = Number(match[2] ?? 0) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0);
  return match[1] === '-' ? -seconds : seconds;
}

const secondsPerDay = 86_400;
