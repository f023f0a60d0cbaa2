declare module 'virtual:env-settings' {
  /** What each program reads from the environment, taken from its env.ts while building. */
  export const ENV_GROUPS: readonly {
    readonly program: string;
    readonly settings: readonly { readonly name: string; readonly fallback?: string; readonly form: string; readonly meaning: string }[];
  }[];
}
