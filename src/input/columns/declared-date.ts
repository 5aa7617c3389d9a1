/** What is asked of a field's text, and of its bytes where they have not become text. */
export type DateTest = {
  isDate(text: string): boolean;
  /** False says nothing. */
  isDateAt(bytes: DataView, start: number, end: number): boolean;
};

/**
 * Whether text is a date or time as the server writes it, zero and incomplete dates included. Days need not exist:
 * ALLOW_INVALID_DATES stores 2024-02-31. Undefined for any other type.
 */
export function dateTest(sqlType: string): DateTest | undefined {
  const [, name, digits = '0'] = /^(date|datetime|timestamp|time)(?:\((\d)\))?$/.exec(sqlType) ?? [];
  if (name === undefined) return undefined;
  const fraction = name === 'date' || digits === '0' ? '' : String.raw`\.\d{${digits}}`;
  const shape = new RegExp(`^${shapes[name as keyof typeof shapes]}${fraction}$`);
  return {
    isDate: (text) => shape.test(text),
    isDateAt: bytesTest(name, Number(digits)),
  };
}

const date = String.raw`\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])`;
const minuteAndSecond = String.raw`[0-5]\d:(?:[0-5]\d|60)`;
const shapes = {
  date,
  datetime: String.raw`${date} (?:[01]\d|2[0-3]):${minuteAndSecond}`,
  timestamp: String.raw`${date} (?:[01]\d|2[0-3]):${minuteAndSecond}`,
  time: String.raw`-?(?:\d\d|[0-7]\d\d|8[0-2]\d|83[0-8]):[0-5]\d:[0-5]\d`,
};

/** As strings, two dates of each of a million rows cost 0.1 CPU s (`npm run bench -- --only stages`). */
function bytesTest(name: string, digits: number): DateTest['isDateAt'] {
  if (name === 'time') return () => false;
  if (name === 'date') return (bytes, start, end) => end - start === dateLength && isDayAt(bytes, start);
  const length = digits === 0 ? momentLength : momentLength + 1 + digits;
  return (bytes, start, end) => {
    if (end - start !== length || !isDayAt(bytes, start) || !isTimeAt(bytes, start + dateLength)) return false;
    if (digits > 0 && bytes.getUint8(start + momentLength) !== point) return false;
    for (let at = start + momentLength + 1; at < end; at++) if (!isDigit(bytes.getUint8(at))) return false;
    return true;
  };
}

const dateLength = 10;
const momentLength = 19;

/** `YYYY-MM-DD`, several bytes at a time. */
function isDayAt(bytes: DataView, start: number): boolean {
  const year = bytes.getUint32(start);
  const month = bytes.getUint32(start + 4);
  if ((year & 0xf0f0f0f0) !== 0x30303030 || (((year & 0x0f0f0f0f) + 0x06060606) & 0x10101010) !== 0) return false;
  if ((month & 0xff0000ff) !== 0x2d00002d || !isPair((month >>> 8) & 0xffff, 0x3132)) return false;
  return isPair(bytes.getUint16(start + 8), 0x3331);
}

/** ` HH:MM:SS` */
function isTimeAt(bytes: DataView, start: number): boolean {
  if (bytes.getUint8(start) !== space || !isPair(bytes.getUint16(start + 1), 0x3233)) return false;
  if (bytes.getUint8(start + 3) !== colon || !isPair(bytes.getUint16(start + 4), 0x3539)) return false;
  return bytes.getUint8(start + 6) === colon && isPair(bytes.getUint16(start + 7), 0x3539);
}

/** Two digits, their ASCII bytes at most those of `most`. */
function isPair(pair: number, most: number): boolean {
  return (pair & 0xf0f0) === 0x3030 && (pair & 0x0f) <= 9 && pair <= most;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

const space = 32;
const point = 46;
const colon = 58;
