import { streamOpenAIRoute } from '@outlay/sdk';
import { aiUsage } from '../../../ai-usage/client';
import { customerOf } from '../../../ai-usage/session';

export const POST = streamOpenAIRoute({ outlay: aiUsage, customer: customerOf, workflow: 'chat', stepTokens: 64 });
