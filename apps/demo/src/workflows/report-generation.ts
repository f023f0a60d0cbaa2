/** Report generator: reads scanned pages, writes an outline, then each section with what stands before it. Flex tier: nobody waits. */
import type { PlannedRun } from '../plan-runs';
import { steerCall } from '../steer-call';
import { describeRun, type Product } from './product';

export async function generateReport(product: Product, run: PlannedRun): Promise<void> {
  const { aiUsage, openai } = product;
  await aiUsage.run({
    ...describeRun(run),
    feature: 'reports',
    action: async ({ model, record, signal }) => {
      if (run.tool) {
        record(run.tool);
        product.onToolCost(run);
      }
      const parts: string[] = [];
      for (const { name } of run.calls) {
        const part = await openai.responses.create(
          { model, service_tier: 'flex', instructions: 'Write the next part of the report.', input: parts.at(-1) ?? 'Outline a report on these pages.' },
          { headers: steerCall(run, name, model, 'responses'), signal },
        );
        parts.push(part.output_text);
      }
      return parts.join('\n\n');
    },
    usable: () => run.usable,
  });
}
