import { listAudit } from '@outlay/tenancy';
import { z } from 'zod';
import { can, router } from './procedure';
import { cursor, id, instant, isoTime } from './shapes';

const filter = z.object({
  action: z.string().max(100).optional(), actorId: id.optional(), search: z.string().max(200).optional(), from: isoTime.optional(), to: isoTime.optional(), cursor,
});

const row = z.object({
  id: z.string(), at: instant, actor: z.object({ id: z.string().nullable(), name: z.string(), email: z.string().nullable() }),
  action: z.string(), subjectType: z.string(), subjectId: z.string(), before: z.unknown(), after: z.unknown(), requestId: z.string(),
});

export const auditRouter = router({
  list: can('audit.read').input(filter).output(z.object({ rows: z.array(row), nextCursor: z.string().nullable() }))
    .query(({ ctx, input }) => listAudit(ctx.tenancy, ctx.acting, input)),
});
