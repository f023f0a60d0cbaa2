import { usageRoute } from '@outlay/sdk';
import { aiUsage } from '../../../ai-usage/client';

export const GET = usageRoute({ outlay: aiUsage });
