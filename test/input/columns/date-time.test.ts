import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ImportError } from '../../../src/domain/import-error.ts';
import { epochSeconds, parseTimeZone } from '../../../src/input/columns/date-time.ts';

const utc = parseTimeZone('UTC');
const berlin = parseTimeZone('Europe/Berlin');

/** Seconds that `Date` gives for text with a zone. */
function secondsOf(text: string): number {
  return Math.floor(Date.parse(text) / 1000);
}

/** `YYYY-MM-DD HH:MM:SS` in UTC; the years that ISO 8601 writes with four digits. */
const moment = fc.date({
  min: new Date('0000-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59Z'),
  noInvalidDate: true,
});

/** Zones with whole hours, half hours, quarters, odd historic offsets, both hemispheres and changes at midnight. */
const zoneName = fc.constantFrom(
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Pacific/Apia',
  'Atlantic/Azores',
);

/** Local date-time text of a moment, by Intl. */
function localText(date: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(date);
  return parts;
}

describe('a date-time', () => {
  it('gives the seconds that Date.UTC gives for each of its parts', () => {
    fc.assert(
      fc.property(moment, fc.constantFrom(' ', 'T'), (date, separator) => {
        const text = date.toISOString().slice(0, 19).replace('T', separator);
        expect(epochSeconds(text, utc)).toBe(Math.floor(date.getTime() / 1000));
      }),
    );
  });

  it('of any three numbers is a date exactly where Date finds that day', () => {
    const number = (max: number, width: number) => fc.nat(max).map((value) => String(value).padStart(width, '0'));
    fc.assert(
      fc.property(number(9999, 4), number(13, 2), number(32, 2), (year, month, day) => {
        const text = `${year}-${month}-${day}`;
        const date = new Date(`${text}T00:00:00Z`);
        const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
        const seconds = epochSeconds(text, utc);
        if (text === '0000-00-00') expect(seconds).toBe('zero-date');
        else expect(seconds).toBe(exists ? date.getTime() / 1000 : 'not-a-date');
      }),
      { numRuns: 1000 },
    );
  });

  it('is rounded down to the second, before 1970 too', () => {
    fc.assert(
      fc.property(moment, fc.stringMatching(/^\d{1,9}$/), (date, fraction) => {
        const second = date.toISOString().slice(0, 19);
        expect(epochSeconds(`${second}.${fraction}`, utc)).toBe(secondsOf(`${second}Z`));
      }),
    );
    expect(epochSeconds('1969-12-31 23:59:59.999999', utc)).toBe(-1);
  });

  it('with a zone of its own is read in that zone, whatever zone is told', () => {
    const offset = fc.tuple(fc.constantFrom('+', '-'), fc.nat(23), fc.nat(59)).map(([sign, hours, minutes]) => {
      return `${sign}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
    });
    fc.assert(
      fc.property(moment, fc.oneof(fc.constant('Z'), offset), fc.constantFrom(utc, berlin), (date, zone, told) => {
        const second = date.toISOString().slice(0, 19);
        expect(epochSeconds(`${second}${zone}`, told)).toBe(secondsOf(`${second}${zone}`));
      }),
    );
  });

  it.each([
    ['2024-01-02 03:04', '2024-01-02T03:04:00'],
    ['2024-01-02 3:04', '2024-01-02T03:04:00'],
    ['2024-01-02 0:00:00', '2024-01-02T00:00:00'],
    ['2024-01-02 00:00', '2024-01-02T00:00:00'],
    ['2024-01-02T03:04', '2024-01-02T03:04:00'],
    ['2024-01-02t03:04:05', '2024-01-02T03:04:05'],
    ['2024/01/02', '2024-01-02T00:00:00'],
    ['2024/01/02 3:04:05', '2024-01-02T03:04:05'],
    ['2024-01-02 03:04:05,999', '2024-01-02T03:04:05'],
  ])('is read from "%s" as other programs write it', (text, local) => {
    expect(epochSeconds(text, utc)).toBe(secondsOf(`${local}Z`));
    expect(epochSeconds(text, berlin)).toBe(secondsOf(`${local}+01:00`));
    for (const zone of ['Z', 'z', ' Z', ' UTC', 'utc', ' GMT', '+00', '+0000', ' +00:00']) {
      if (/\d:\d\d/.test(text)) expect(epochSeconds(text + zone, berlin), zone).toBe(secondsOf(`${local}Z`));
    }
    for (const zone of ['+02', '+0200', '+02:00', ' +0200']) {
      if (/\d:\d\d/.test(text)) expect(epochSeconds(text + zone, berlin), zone).toBe(secondsOf(`${local}+02:00`));
    }
  });

  it('without a zone is read in the fixed offset that is told', () => {
    expect(epochSeconds('2024-01-02 03:04:05', parseTimeZone('+02:00'))).toBe(secondsOf('2024-01-02T03:04:05+02:00'));
    expect(epochSeconds('2024-01-02', parseTimeZone('-05:30'))).toBe(secondsOf('2024-01-02T00:00:00-05:30'));
    expect(epochSeconds('2024-01-02', parseTimeZone('utc'))).toBe(secondsOf('2024-01-02T00:00:00Z'));
  });

  it('without a zone is read in the named zone that is told, as Intl shows it', () => {
    const sinceStandardTime = fc.date({
      min: new Date('1950-01-01'),
      max: new Date('2037-12-31'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(sinceStandardTime, zoneName, (date, name) => {
        const text = localText(date, name);
        const seconds = epochSeconds(text, parseTimeZone(name));
        const elapsed = Math.floor(date.getTime() / 1000) - Number(seconds);
        // Where a local time came twice, the first is meant: the text is the same, and the moment no later.
        expect(localText(new Date(Number(seconds) * 1000), name)).toBe(text);
        expect(elapsed).toBeGreaterThanOrEqual(0);
        expect(elapsed).toBeLessThanOrEqual(24 * 3600);
      }),
      { numRuns: 500 },
    );
  });

  it('is moved on where the clock skipped it, and is the first where it came twice', () => {
    expect(epochSeconds('2024-03-31 02:30:00', berlin)).toBe(secondsOf('2024-03-31T03:30:00+02:00'));
    expect(epochSeconds('2024-10-27 02:30:00', berlin)).toBe(secondsOf('2024-10-27T02:30:00+02:00'));
    const lordHowe = parseTimeZone('Australia/Lord_Howe');
    expect(epochSeconds('2024-10-06 02:10:00', lordHowe)).toBe(secondsOf('2024-10-06T02:40:00+11:00'));
    expect(epochSeconds('2024-04-07 01:45:00', lordHowe)).toBe(secondsOf('2024-04-07T01:45:00+11:00'));
    const apia = parseTimeZone('Pacific/Apia');
    expect(epochSeconds('2011-12-30 12:00:00', apia)).toBe(secondsOf('2011-12-31T12:00:00+14:00'));
  });

  it.each(['Europe/Berlin', 'America/Sao_Paulo'])('on the day of a change is right in %s to the second', (name) => {
    const zone = parseTimeZone(name);
    for (const change of [
      '2018-11-04T03:00:00Z',
      '2018-03-25T01:00:00Z',
      '2018-10-28T01:00:00Z',
      '2018-02-18T02:00:00Z',
    ]) {
      for (const seconds of [-7201, -3601, -1, 0, 1, 3600, 7200]) {
        const moment = Date.parse(change) / 1000 + seconds;
        const text = localText(new Date(moment * 1000), name);
        const earlier = localText(new Date((moment - 3600) * 1000), name);
        expect(epochSeconds(text, zone)).toBe(earlier === text ? moment - 3600 : moment);
      }
    }
  });

  it.each([
    '0000-00-00',
    '0000/00/00',
    '0000-00-00 00:00',
    '0000-00-00 00:00:00',
    '0000-00-00 00:00:00.000000',
    '0000-00-00T00:00:00Z',
  ])('"%s" is a zero date', (text) => expect(epochSeconds(text, utc)).toBe('zero-date'));

  it.each([
    '',
    '2024',
    '2024-02-30',
    '2023-02-29 00:00:00',
    '1900-02-29',
    '2024-00-10',
    '2024-10-00',
    '0000-00-00 25:00:00',
    '2024-1-2',
    '20240102',
    '2024/01-02',
    '24/01/02',
    '01/02/2024',
    '2024-01-02 3',
    '2024-01-02 3:4',
    '2024-01-02 003:04',
    '2024-01-02 03:04.5',
    '2024-01-02 24:00',
    '2024-01-02 9:05 AM',
    '2024-01-02 03:04:05,',
    '2024-01-02 03:04:05  Z',
    '2024-01-02 03:04:05 CET',
    '2024-01-02 03:04:05 UTC+2',
    '2024-01-02 03:04:05+2',
    '2024-01-02 03:04:05+02:0',
    '2024-01-02 +02:00',
    '2024-01-02 03:04+24',
    '2024/02/30 00:00',
    '2024-01-02 ',
    ' 2024-01-02',
    '2024-01-02 24:00:00',
    '2024-01-02 23:60:00',
    '2024-01-02 23:59:60',
    '2024-01-02  3:04:05',
    '2024-01-02 03:04:05.',
    '2024-01-02 03:04:05Zx',
    '2024-01-02 03:04:05+24:00',
    '2024-01-02 03:04:05+02:60',
    '2024-01-02 03:04:05+02:00 ',
    '2024-01-02Z',
    '1704164645',
    '٢٠٢٤-٠١-٠٢',
  ])('"%s" is no date', (text) => expect(epochSeconds(text, utc)).toBe('not-a-date'));
});

describe('a time zone', () => {
  it.each(['', 'local', 'Europe/Berln', '+2', '+02', '+0200', '+14:01', '+02:60', 'UTC+1'])(
    '"%s" is refused',
    (text) => {
      expect(() => parseTimeZone(text)).toThrowError(ImportError);
      expect(() => parseTimeZone(text)).toThrowError(/--time-zone ".*" is not a time zone/);
    },
  );

  it('may be as far from UTC as any on Earth', () => {
    expect(parseTimeZone('+14:00').toUtcSeconds(0)).toBe(-14 * 3600);
    expect(parseTimeZone('-12:00').toUtcSeconds(0)).toBe(12 * 3600);
  });
});
