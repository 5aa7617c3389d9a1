import { describe, expect, test } from 'vitest';
import { type CredentialProvider, CredentialSource, type Credentials } from '../../../src/adapters/aws/credentials.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const minuteMs = 60_000;

/** A place where credentials are kept, and a clock. */
function world() {
  const state = { wallMs: 0, reads: 0, kept: keys('first') as Credentials | Error };
  const makeProvider = (): CredentialProvider => async () => {
    state.reads++;
    if (state.kept instanceof Error) throw state.kept;
    return state.kept;
  };
  return { state, source: new CredentialSource(makeProvider, () => state.wallMs) };
}

function keys(accessKeyId: string, expiresAtMs?: number): Credentials {
  const expiration = expiresAtMs === undefined ? {} : { expiration: new Date(expiresAtMs) };
  return { accessKeyId, secretAccessKey: 'secret', ...expiration };
}

async function idOf(source: CredentialSource): Promise<string> {
  return (await source.current()).accessKeyId;
}

describe('CredentialSource', () => {
  test('reads credentials without an end once', async () => {
    const { state, source } = world();
    expect(await Promise.all([idOf(source), idOf(source)])).toEqual(['first', 'first']);
    state.wallMs = 1e12;
    expect(await idOf(source)).toBe('first');
    expect(state.reads).toBe(1);
  });

  test('refuses what would break the headers of a request', async () => {
    const { state, source } = world();
    for (const sessionToken of ['ended by a line feed\n', 'a\r\nx-evil: 1']) {
      state.kept = { ...keys('first'), sessionToken };
      await expect(source.current()).rejects.toMatchObject({
        code: 'credentials-missing',
        message: expect.stringContaining('line break'),
      });
    }
    state.kept = { ...keys('first'), sessionToken: 'whole' };
    expect(await idOf(source)).toBe('first');
  });

  test('refreshes before the end, and nobody waits for it', async () => {
    const { state, source } = world();
    state.kept = keys('first', 60 * minuteMs);
    await source.current();
    state.kept = keys('second', 120 * minuteMs);
    state.wallMs = 54 * minuteMs;
    expect(await idOf(source)).toBe('first');
    state.wallMs = 56 * minuteMs;
    expect(await idOf(source)).toBe('first');
    expect(await idOf(source)).toBe('second');
    expect(state.reads).toBe(2);
  });

  test('goes on with what it has while a refresh fails, to the very end', async () => {
    const { state, source } = world();
    state.kept = keys('first', 60 * minuteMs);
    await source.current();
    state.kept = new Error('no network');
    state.wallMs = 60 * minuteMs - 1;
    expect(await idOf(source)).toBe('first');
    state.wallMs = 60 * minuteMs;
    await expect(source.current()).rejects.toMatchObject({ code: 'credentials-missing' });
    state.kept = keys('second', 120 * minuteMs);
    expect(await idOf(source)).toBe('second');
  });

  test('does not ask with every batch while the refresh brings nothing better', async () => {
    const { state, source } = world();
    state.kept = keys('first', 60 * minuteMs);
    await source.current();
    state.wallMs = 58 * minuteMs;
    for (let batch = 0; batch < 100; batch++) {
      state.wallMs += 200;
      await source.current();
    }
    expect(state.reads).toBe(3);
  });

  test('uses credentials that came expired until they are refused, and refreshes every 10 s', async () => {
    const { state, source } = world();
    state.wallMs = 60 * minuteMs;
    state.kept = keys('from a clock that is behind', 30 * minuteMs);
    for (let batch = 0; batch < 1_000; batch++) {
      state.wallMs += 50;
      expect(await idOf(source)).toBe('from a clock that is behind');
      expect(source.atHand()).toBeDefined();
    }
    expect(state.reads).toBe(5);
    state.kept = new Error('429');
    state.wallMs += 20_000;
    expect(await idOf(source)).toBe('from a clock that is behind');
    state.kept = keys('other', 40 * minuteMs);
    source.refuse(await source.current());
    expect(await source.renew()).toBe(true);
    expect(await idOf(source)).toBe('other');
  });

  test('renews refused credentials only when others are found', async () => {
    const { state, source } = world();
    source.refuse(await source.current());
    expect(await source.renew()).toBe(false);
    source.refuse(await source.current());
    expect(await source.renew()).toBe(false);
    state.kept = keys('second');
    expect(await source.renew()).toBe(true);
    expect(await idOf(source)).toBe('second');
  });

  test('tells everyone who held the refused ones that there are others', async () => {
    const { state, source } = world();
    const refused = await source.current();
    state.kept = keys('second');
    source.refuse(refused);
    source.refuse(refused);
    expect(await Promise.all([source.renew(), source.renew()])).toEqual([true, true]);
    source.refuse(refused);
    expect(await source.renew()).toBe(true);
    expect(state.reads).toBe(2);
  });

  test('does not reject when a renewal fails', async () => {
    const { state, source } = world();
    source.refuse(await source.current());
    state.kept = new Error('the file is being written');
    expect(await source.renew()).toBe(false);
  });

  test('waits so long for fresh ones and no longer, and takes them whenever they come', async () => {
    const clock = new FakeClock({ wallStartMs: 0 });
    let give: ((credentials: Credentials) => void) | undefined;
    let asked = 0;
    const provider: CredentialProvider = () => {
      asked++;
      if (asked === 1) return Promise.resolve(keys('first', 60 * minuteMs));
      return new Promise((resolve) => {
        give = resolve;
      });
    };
    const source = new CredentialSource(
      () => provider,
      () => clock.wallMs(),
    );
    await source.current();
    await clock.advance(60 * minuteMs);
    await expect(clock.runUntil(source.soon(clock, 5_000))).rejects.toMatchObject({ code: 'credentials-expired' });
    expect(clock.wallMs()).toBe(60 * minuteMs + 5_000);
    const renewed = source.renew();
    give!(keys('second', 120 * minuteMs));
    expect(await renewed).toBe(true);
    expect((await source.soon(clock, 5_000)).accessKeyId).toBe('second');
    expect({ asked, timers: clock.pendingTimers }).toEqual({ asked: 2, timers: 0 });
  });

  test('knows that the environment gives nothing new', async () => {
    const { state, source } = world();
    state.kept = { ...keys('first'), $source: { CREDENTIALS_ENV_VARS: 'g' } };
    await source.current();
    expect(source.renewable).toBe(false);
  });
});
