/** `2026-01-31T02:00:00Z`, from milliseconds since 1970: to the second, as an operator reads and types it. */
export function utcText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
