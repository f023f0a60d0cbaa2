/** Document Q&A: embed the question, look up passages, stream the answer. A reader may close the page half-way. */
import type { PlannedRun } from '../plan-runs';
import { steerCall } from '../steer-call';
import { describeRun, type Product } from './product';

const EMBEDDING_MODEL = 'text-embedding-3-small';

export async function answerPdfQuestion(product: Product, run: PlannedRun): Promise<void> {
  const { aiUsage, openai } = product;
  const answer = await aiUsage.run({
    ...describeRun(run),
    feature: 'rag',
    action: async ({ model, record, signal }) => {
      await openai.embeddings.create(
        { model: EMBEDDING_MODEL, input: 'When does the notice period end?' }, { headers: steerCall(run, 'embed', EMBEDDING_MODEL, 'embeddings'), signal },
      );
      if (run.tool) {
        record(run.tool);
        product.onToolCost(run);
      }
      return openai.chat.completions.create(
        { model, stream: true, messages: [{ role: 'system', content: 'Answer from the passages.' }, { role: 'user', content: 'When does the notice period end?' }] },
        { headers: steerCall(run, 'answer', model, 'chat'), signal },
      );
    },
    usable: (_stream, end) => end.how === 'stream_completed' && run.usable,
  });
  let pieces = 0;
  for await (const chunk of answer) {
    if (chunk.choices[0]?.delta.content) pieces += 1;
    if (pieces === run.leavesAfterChunks) break;
  }
}
