/** The object that is the body of a reply; undefined where it is none, as something else may answer at the endpoint. */
export function parseObject(body: string): object | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
