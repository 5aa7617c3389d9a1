/** A table by its full name: it may belong to another account, and tells its region. */
export type TableArn = { readonly region: string; readonly account: string; readonly name: string };

/** The parts of `arn:aws:dynamodb:us-east-1:123456789012:table/tokens`; undefined for a bare name, or anything else. */
export function parseTableArn(text: string): TableArn | undefined {
  const [, region, account, name] =
    /^arn:aws[a-z-]*:dynamodb:([a-z0-9-]+):(\d{12}):table\/([A-Za-z0-9_.-]{3,255})$/.exec(text) ?? [];
  return region === undefined ? undefined : { region, account: account!, name: name! };
}

/** The name of a table that may be given by its ARN. */
export function bareTableName(table: string): string {
  return parseTableArn(table)?.name ?? table;
}
