/** Bills as files: FOCUS exports and the simple CSV, for every provider that has no connection of its own. */
import { DomainError } from '@outlay/kernel';
import { importBill, unpackFile } from '@outlay/providers';
import { auditedBy } from '@outlay/tenancy';
import { z } from 'zod';
import { can } from './procedure';

/** A request of the console has at most 256 kB: small files as they are, others packed, which makes a bill about twenty times smaller. */
const BODY_MAX = 240_000;

export const providerImports = {
  /** `text`, or `upload`: gzip in base64, at most 32 MB unpacked. Files of one name are one connection. */
  importCsv: can('providers.manage')
    .input(z.strictObject({
      name: z.string().max(2_000), text: z.string().max(BODY_MAX).optional(), upload: z.string().max(BODY_MAX, 'Even packed the file is too large for one request. Bring it in parts, each with whole days, or only the AI services.').optional(),
      replaceDays: z.boolean().optional(), services: z.array(z.string().max(200)).max(50).optional(),
    }))
    .mutation(async ({ ctx, input: { upload, text, ...input } }) => {
      if ((upload === undefined) === (text === undefined)) throw new DomainError('invalid_input', { field: 'text', message: 'Choose a file.' });
      const { totalPico, ...report } = await importBill(ctx.deps.db, auditedBy(ctx.acting), { ...input, text: text ?? unpackFile(upload!) });
      return { ...report, totalPico: String(totalPico) };
    }),
};
