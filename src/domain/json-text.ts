/** JSON that people read too, as it stands in a file or on standard output. Ends with a line break. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
