/** Where the month will end, for the team or a part of it, and when limits are reached. Money leaves as pico-dollars in a text. */
import { type Forecast, FORECAST_SCOPES, readForecast } from '@outlay/insights';
import { DomainError } from '@outlay/kernel';
import { z } from 'zod';
import { can, router } from './procedure';

const subject = z.string().max(255).refine((text) => !text.includes('\0'), 'It must not contain a NUL character.');
const inputSchema = z.strictObject({ scope: z.enum(FORECAST_SCOPES).optional(), subject: subject.optional() });

export const forecastRouter = router({
  /** `subject` names the workflow, customer or provider. Errors: `invalid_input` without one where the scope needs it. */
  read: can('ledger.read').input(inputSchema).query(async ({ ctx, input }) => {
    const { scope = 'tenant' } = input;
    if (scope !== 'tenant' && input.subject === undefined) throw new DomainError('invalid_input', { field: 'subject', message: `Say which ${scope}: give its name as "subject".` });
    return toForecast(await readForecast(ctx.deps.db, ctx.acting.tenantId, { scope, subject: scope === 'tenant' ? '' : input.subject! }, Date.now()));
  }),
});

function toForecast({ outlook, changed, movers, measure, ...forecast }: Forecast) {
  const text = (pico: bigint | null): string | null => (pico === null ? null : String(pico));
  return {
    scope: forecast.scope, subject: forecast.subject, timeZone: forecast.timeZone, today: forecast.today, freshAt: new Date().toISOString(),
    month: outlook.month, spentPico: String(outlook.spentPico),
    monthEnd: { pico: String(outlook.monthEnd.pico), lower: String(outlook.monthEnd.lowerPico), upper: String(outlook.monthEnd.upperPico) },
    methods: forecast.methods, mape: measure.mape, coverage: measure.coverage,
    /** `month`: the same of the sum of as many days as are left of the month; `origins`: how many days it was tried from. */
    measured: { seasonalNaiveMape: measure.seasonalNaiveMape, linearMape: measure.linearMape, origins: measure.origins, month: measure.month },
    series: outlook.series.map(({ day, pico, forecastPico, lowerPico, upperPico }) => ({ day, pico: text(pico), forecastPico: text(forecastPico), lower: text(lowerPico), upper: text(upperPico) })),
    changed: {
      sinceDay: changed?.sinceDay ?? null, sinceYesterdayPico: changed === null ? null : String(changed.pico),
      why: (changed?.parts ?? []).map(({ kind, words, pico, nowPico, thenPico, days }) => ({ kind, words, changePico: String(pico), nowPico: String(nowPico), thenPico: String(thenPico), days })),
      movers: movers.map(({ by, movers: rows, restPico }) => ({
        by, restPico: String(restPico),
        rows: rows.map(({ name, pico, usualPico, changePico }) => ({ name, yesterdayPico: String(pico), usualPico: String(usualPico), changePico: String(changePico) })),
      })),
    },
    timeToCap: forecast.timeToCap, timeToEmptyCredits: forecast.timeToEmptyCredits,
  };
}
