import { spawnSync } from 'node:child_process';

/** Flags of the AWS CLI itself. */
const common = ['region', 'profile', 'endpoint-url', 'query', 'output'];

/** The words that a shell makes of a command: service, operation, and the flags by name. */
export function readAwsCommand(command: string) {
  const script = `aws() { printf '%s\\0' "$@"; }; arn=arn:1; ${command}`;
  const words = spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.split('\0').slice(0, -1);
  const [service, operation, ...rest] = words;
  const flags = new Map<string, string>();
  for (let i = 0; i < rest.length; i += 2) flags.set(rest[i]!.replace(/^--/, ''), rest[i + 1]!);
  return { service, operation, flags };
}

type Schema = readonly [kind: number, namespace: string, name: string, traits: unknown, ...rest: readonly unknown[]];

/** The input of the SDK that the flags stand for, by the names of its schema. */
export function awsInputOf(command: string, schema: unknown): unknown {
  const [, , , , names, members] = schema as Schema;
  const { flags } = readAwsCommand(command);
  const known = new Map(
    (names as string[]).map((name, i) => [cliName(name), { name, schema: (members as unknown[])[i] }]),
  );
  const given = [...flags].filter(([flag]) => !common.includes(flag));
  return Object.fromEntries(
    given.map(([flag, text]) => {
      const member = known.get(flag);
      if (member === undefined) throw new Error(`the SDK has no --${flag}`);
      const isText = member.schema === 0 || Array.isArray(member.schema);
      return [member.name, isText ? text : JSON.parse(text)];
    }),
  );
}

/** As the AWS CLI names the flag of a member. */
function cliName(member: string): string {
  return member.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}
