/** The pages of the console that letters lead to, with the one-time token. */
const PATHS = { 'reset-password': '/reset', invitation: '/invite' } as const;

export function consoleLink(publicUrl: string, page: keyof typeof PATHS, token: string): string {
  return `${publicUrl.replace(/\/+$/, '')}${PATHS[page]}?token=${token}`;
}
