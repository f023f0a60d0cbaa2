/** Letters of embedded mode without SMTP, for whoever sits at the machine. They hold links that open accounts: nobody else may read them. */
import { DomainError } from '@outlay/kernel';
import { listLetters } from '@outlay/platform';
import { z } from 'zod';
import type { TrpcContext } from './context';
import { publicProcedure, router } from './procedure';
import { instant } from './shapes';

const letter = z.object({ id: z.string(), to: z.string(), subject: z.string(), html: z.string(), text: z.string(), at: instant });

export function showsMailbox({ deps, isLocal }: Pick<TrpcContext, 'deps' | 'isLocal'>): boolean {
  return deps.mailbox && deps.mode === 'embedded' && isLocal;
}

export const mailboxRouter = router({
  list: publicProcedure.output(z.array(letter)).query(async ({ ctx }) => {
    if (!showsMailbox(ctx)) throw new DomainError('not_found', { message: 'There is no mailbox here: letters go out by mail, or this request did not come from the machine itself.' });
    return await listLetters(ctx.deps.db);
  }),
});
