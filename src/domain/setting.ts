/** How a setting was chosen. */
export type SettingOrigin = 'flag' | 'default';

/** One effective setting as the operator would type it: `{ flag: '--wps', value: '20000', origin: 'flag' }`. */
export type Setting = { readonly flag: string; readonly value: string; readonly origin: SettingOrigin };
