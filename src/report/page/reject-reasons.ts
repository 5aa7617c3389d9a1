import type { RejectCode } from '../../domain/row.ts';

const reasons: Readonly<Record<RejectCode, string>> = {
  'ragged-row': 'The row has more or fewer fields than the header.',
  'misplaced-quote': 'A quote stands inside a field that is not quoted, or text follows the closing quote.',
  'invalid-utf8': 'A field is not valid UTF-8.',
  undecodable: 'A field cannot be decoded in the character set or with the escape of its column.',
  'bare-null': 'An unquoted NULL or \\N can be NULL or text.',
  'not-as-declared': 'A field does not fit the type that the schema declares.',
  'header-row': 'The row repeats the header.',
  'bare-backslash': 'A backslash may be an escape or text.',
  'not-a-number': 'A field of a number column is not a number.',
  'number-too-precise': 'A number has more than 38 significant digits.',
  'number-out-of-range': 'A number is outside the range of DynamoDB.',
  'not-base64': 'A field of a BASE64 column is not base64.',
  'not-hex': 'A field of a HEX column is not hexadecimal.',
  'not-a-boolean': 'A field of a BOOL column is not a boolean.',
  'not-json': 'A field of a JSON column is not JSON.',
  'json-too-deep': 'A JSON value is nested deeper than DynamoDB allows.',
  'not-a-date': 'A field of an EPOCH column is not a date-time.',
  'zero-date': 'A date-time is 0000-00-00.',
  'ttl-not-seconds': 'The value of the TTL attribute is not a time in seconds.',
  'template-null': 'A column that --set needs is NULL, or empty where empty text is left out.',
  'key-missing': 'A key attribute is NULL.',
  'key-empty': 'A key attribute is empty.',
  'key-too-long': 'A key attribute is longer than DynamoDB allows.',
  'item-too-large': 'The item would be larger than 400 KB.',
  'refused-by-table': 'The table refused the item.',
};

/** Why rows of this code were rejected, as a sentence; the code itself if it is not known here. */
export function rejectReason(code: string): string {
  return code in reasons ? reasons[code as RejectCode] : code;
}
