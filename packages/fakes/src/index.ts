export { startFakeAnthropic } from './anthropic';
export { billUsage } from './bill-usage';
export type { Api, Fake, FakeError, FakeOptions, FakeRequest, Latency, Provider, RateLimit, Scenario, ServedAnswer, Steer } from './contract';
export { startFakeGoogle } from './google';
export { startFakeOpenAI } from './openai';
export { createRandom, type Random } from './random';
export { findModel, formatServedUsd, priceSheet, type ModelEntry, type Rates } from './price-sheet';
export { groupServed, sumServedPico, type ServedFilter, type ServedTotals } from './served-log';
