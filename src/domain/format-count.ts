/** `1,234,567`: for people; not in JSON, in names of files, or in what is to be typed. */
export function formatCount(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}
