/** Of a field that may be shown. */
const mostShown = 60;

/** Short, since it is for a line on a screen; bytes in hexadecimal. */
export function shownValue(field: string | Uint8Array): string {
  const text =
    typeof field === 'string'
      ? field.slice(0, mostShown)
      : Buffer.from(field.subarray(0, mostShown / 2)).toString('hex');
  return field.length > (typeof field === 'string' ? mostShown : mostShown / 2) ? `${text}…` : text;
}
