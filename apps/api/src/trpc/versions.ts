import { readVersions } from '../versions';
import { inTeam, router } from './procedure';

export const versionsRouter = router({
  get: inTeam.query(({ ctx }) => readVersions(ctx.deps.prices.global)),
});
