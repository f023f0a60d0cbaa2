/** The developer contract as the landing page shows it, in a route of the app. */
import { aiUsage } from '../../../ai-usage/client';
import { customerOf } from '../../../ai-usage/session';

const planSnapshot = { plan: 'free', active_price_id: 'price_free_1' };
const chunks = ['Outlay records what every outcome costs.'];

async function streamAnswer({ model, question, chunks: context }: { model: string; question: string; chunks: readonly string[] }): Promise<AsyncIterable<string>> {
  const stream = await aiUsage.providers.openai.chat.completions.create({ model, stream: true, messages: [{ role: 'system', content: context.join('\n') }, { role: 'user', content: question }] });
  return (async function* words() {
    for await (const chunk of stream) yield chunk.choices[0]?.delta.content ?? '';
  })();
}

export async function POST(request: Request): Promise<Response> {
  const who = customerOf(request);
  if (who instanceof Response) return who;
  const { customerId, userId } = who;
  const { question } = (await request.json()) as { question: string };
  const answer =
await aiUsage.run({
  customerId,
  userId,
  workflow: "pdf_question",
  feature: "rag",
  environment: "production",
  entitlement: planSnapshot,
  caps: {
    maxContextTokens: 12000,
    softDailyCost: 4.00
  },
  action: async ({ model }) => {
    return streamAnswer({ model, question, chunks })
  }
})
  let text = '';
  for await (const word of answer) text += word;
  await aiUsage.flush();
  return Response.json({ text });
}
