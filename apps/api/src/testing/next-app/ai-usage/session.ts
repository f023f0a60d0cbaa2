/** Stands in for the app's sign-in: a cookie that its server has set names the customer. */
export function customerOf(request: Request): { readonly customerId: string; readonly userId: string } | Response {
  const customerId = /(?:^|; )customer=([\w-]+)/.exec(request.headers.get('cookie') ?? '')?.[1];
  return customerId === undefined ? new Response('Sign in first.', { status: 401 }) : { customerId, userId: 'user-1' };
}
