/**
 * Whether text is a date or time as the server writes it, zero and incomplete dates included. Days need not exist:
 * ALLOW_INVALID_DATES stores 2024-02-31. Undefined for any other type.
 */
export function dateTest(sqlType: string): ((text: string) => boolean) | undefined {
  const [, name, digits = '0'] = /^(date|datetime|timestamp|time)(?:\((\d)\))?$/.exec(sqlType) ?? [];
  if (name === undefined) return undefined;
  const fraction = digits === '0' ? '' : String.raw`\.\d{${digits}}`;
  const shape = new RegExp(`^${shapes[name as keyof typeof shapes]}${name === 'date' ? '' : fraction}$`);
  return (text) => shape.test(text);
}

const date = String.raw`\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])`;
const minuteAndSecond = String.raw`[0-5]\d:(?:[0-5]\d|60)`;
const shapes = {
  date,
  datetime: String.raw`${date} (?:[01]\d|2[0-3]):${minuteAndSecond}`,
  timestamp: String.raw`${date} (?:[01]\d|2[0-3]):${minuteAndSecond}`,
  time: String.raw`-?(?:\d\d|[0-7]\d\d|8[0-2]\d|83[0-8]):[0-5]\d:[0-5]\d`,
};
