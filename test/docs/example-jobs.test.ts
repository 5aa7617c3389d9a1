import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { dynamoTarget } from '../cli/e2e/dynamo-target.ts';
import { s3Target } from '../cli/e2e/s3-target.ts';
import { planted } from '../support/planted.ts';
import { workDir } from '../support/work-dir.ts';
import { readme, readRepositoryFile } from './documents.ts';

/** A job as its scheduler starts it. */
type Job = {
  readonly image: string;
  readonly argv: readonly string[];
  /** Of its container. */
  readonly env: Readonly<Record<string, string>>;
  readonly count: number;
  /** What the scheduler adds for one process; `index` counts from 0. */
  envOf(index: number): Readonly<Record<string, string>>;
  /** Where its volume is mounted. */
  readonly mount: string;
  readonly mostAttempts: number;
  readonly codesNotRetried: readonly number[];
};

type Named = { readonly name: string; readonly value: string };
type Texts = Readonly<Record<string, string>>;

const folder = '.github/docs/examples';
const sources = {
  batch: readRepositoryFile(`${folder}/aws-batch-job.json`),
  submit: readRepositoryFile(`${folder}/aws-batch-submit.sh`),
  kubernetes: readRepositoryFile(`${folder}/kubernetes-job.yaml`),
};
const jobs = { 'AWS Batch': batchJob(), Kubernetes: kubernetesJob() };

/** The job definition with the parameters of the submit command in place of its own. */
function batchJob(): Job {
  const { jobDefinitionName, parameters, containerProperties: container, retryStrategy } = JSON.parse(sources.batch);
  const words = sources.submit.replaceAll('\\\n', ' ').split(/\s+/);
  const after = (flag: string) => words[words.indexOf(flag) + 1]!;
  expect(after('--cli-input-json')).toBe('file://aws-batch-job.json');
  expect(after('--job-definition')).toBe(jobDefinitionName);
  const given = after('--parameters')
    .split(',')
    .map((pair) => pair.split('='));
  const values: Texts = { ...parameters, ...Object.fromEntries(given) };
  expect(given.map(([name]) => name).filter((name) => !Object.hasOwn(parameters, name!))).toEqual([]);
  const count = Number(/^size=(\d+)$/.exec(after('--array-properties'))![1]);
  const [mountPoint] = container.mountPoints;
  expect(mountPoint.sourceVolume).toBe(container.volumes[0].name);
  return {
    image: container.image,
    argv: container.command.map((word: string) => (word.startsWith('Ref::') ? values[word.slice(5)]! : word)),
    env: variables(container.environment),
    count,
    envOf: (index) => ({ AWS_BATCH_JOB_ARRAY_INDEX: `${index}`, AWS_BATCH_JOB_ARRAY_SIZE: `${count}` }),
    mount: mountPoint.containerPath,
    mostAttempts: retryStrategy.attempts,
    codesNotRetried: retryStrategy.evaluateOnExit.map(({ onExitCode }: Texts) => Number(onExitCode)),
  };
}

function kubernetesJob(): Job {
  const objects = parseAllDocuments(sources.kubernetes).map((document) => {
    expect([...document.errors, ...document.warnings]).toEqual([]);
    return document.toJS();
  });
  const { spec } = objects.find(({ kind }) => kind === 'Job');
  const pod = spec.template.spec;
  const [container] = pod.containers;
  const [mount] = container.volumeMounts;
  const nameOf = (wanted: string) => objects.find(({ kind }) => kind === wanted).metadata.name;
  const volume = pod.volumes.find(({ name }: Named) => name === mount.name);
  expect(volume.persistentVolumeClaim.claimName).toBe(nameOf('PersistentVolumeClaim'));
  expect(pod.serviceAccountName).toBe(nameOf('ServiceAccount'));
  expect(spec).toMatchObject({ completionMode: 'Indexed', podReplacementPolicy: 'Failed' });
  // Without this, Kubernetes refuses a podFailurePolicy.
  expect(pod.restartPolicy).toBe('Never');
  const [rule] = spec.podFailurePolicy.rules.flatMap(({ onExitCodes }: { onExitCodes?: object }) => onExitCodes ?? []);
  expect(rule).toMatchObject({ containerName: container.name, operator: 'In' });
  return {
    image: container.image,
    argv: container.args,
    env: variables(container.env),
    count: spec.completions,
    envOf: (index) => ({ JOB_COMPLETION_INDEX: `${index}` }),
    mount: mount.mountPath,
    mostAttempts: spec.backoffLimitPerIndex + 1,
    codesNotRetried: rule.values,
  };
}

function variables(list: readonly Named[]): Texts {
  return Object.fromEntries(list.map(({ name, value }) => [name, value]));
}

const rowCount = 8000;

/** Repeated keys; the later rows of a key have other values. */
function rowsOfDump(): readonly (readonly [token: string, user: string])[] {
  return Array.from({ length: rowCount }, (_, i) => [`${planted}-t${(i * 7) % 3001}`, `u${i}`]);
}

describe.each(Object.entries(jobs))('the example for %s', (_, job) => {
  test('imports the last row of each key when each of its processes runs, one of them twice', async () => {
    const dir = workDir();
    const target = await dynamoTarget();
    const store = await s3Target({ region: job.env['AWS_REGION']! });
    const rows = rowsOfDump();
    const dump = `token,user_id\n${rows.map(([token, user]) => `${token},${user}\n`).join('')}`;
    const [source] = job.argv;
    expect(source).toMatch(/^s3:\/\/dumps\/.+\.gz$/);
    store.bucket.put(source!.slice('s3://dumps/'.length), gzipSync(dump));
    const loopback = { ...store.env, AWS_ENDPOINT_URL_DYNAMODB: target.proxy.url };
    const runs = join(dir.path, 'volume');
    const argv = job.argv.map((word) => word.replace(job.mount, runs));
    expect(argv.filter((word) => word.includes(runs))).toHaveLength(1);
    const start = (index: number, more: readonly string[] = []) =>
      dir.spawn([...argv, ...more], { env: { ...job.env, ...loopback, ...job.envOf(index) }, stdin: '', mayAsk: true });

    // The settle time after a kill would only cost time here.
    const killed = start(0, ['--settle', '0ms']);
    await killed.until('account');
    killed.child.kill('SIGKILL');
    await killed.ended;
    const runIdOf = () => JSON.parse(dir.read(`${named}/shard-1-of-${job.count}/manifest.json`)).runId;
    const named = `volume/${/\/volume\/([\w-]+)/.exec(argv.join(' '))![1]}`;
    const runId = runIdOf();
    const all = Array.from({ length: job.count }, (_each, index) => start(index, ['--settle', '0ms']).ended);
    for (const { status, stderr } of await Promise.all(all)) {
      expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    }
    expect(runIdOf()).toBe(runId);
    const written = [...target.table.items().values()].map(({ token, user_id }) => [token!['S'], user_id!['S']]);
    expect(new Map(written as [string, string][])).toEqual(new Map(rows));
    const { status, stdout } = await dir.run(['status', named, '--exit-code']);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: expect.stringMatching(`^All ${job.count} shards are done: 8,000 rows were read`),
    });
  });

  test('names the image of the README, and has no credentials', () => {
    expect(job.image).toBe(/ghcr\.io\/OWNER\/import-tokens:v[\d.]+/.exec(readme.text)![0]);
    expect(Object.keys(job.env)).toEqual(['AWS_REGION']);
  });

  test('retries what a retry can mend, and nothing else', () => {
    expect(job.mostAttempts).toBeGreaterThan(1);
    expect(job.codesNotRetried).toEqual([1, 2, 3, 5]);
    expect(job.argv.join(' ')).toMatch(/--resume[ =]auto/);
  });
});

test('both examples have the same number of shards and the same rate', () => {
  const { 'AWS Batch': batch, Kubernetes: kubernetes } = jobs;
  expect(kubernetes.argv).toContain(`--shard=auto/${kubernetes.count}`);
  expect(batch.count).toBe(kubernetes.count);
  expect(kubernetes.argv).toContain(`--wps=${batch.argv[batch.argv.indexOf('--wps') + 1]}`);
});
