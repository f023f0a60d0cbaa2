import { formatRational } from '@outlay/kernel';
import { describe, expect, it } from 'vitest';
import { readBill } from './import-focus';
import { readCsv } from './read-csv';

const FOCUS = 'BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ServiceName,ProviderName,SkuId,SkuMeter,ResourceId,SubAccountId,SubAccountName,ChargeCategory,ConsumedQuantity,Tags';
const focus = (...rows: string[]): string => [FOCUS, ...rows].join('\n');
const ROW = '1.25,1.10,USD,2026-11-20T10:00:00Z,2026-11-20T11:00:00Z,Amazon Bedrock,AWS,sku-1,Claude Opus 4.5 Input Tokens,arn:1,1234,shop-account,Usage,1000,"{""project"":""shop"",""api_key"":""key_1""}"';
const wrong = (text: string): string => {
  try {
    readBill(text);
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_input', field: 'text' });
    return (error as Error).message;
  }
  return 'it was taken';
};

describe('FOCUS', () => {
  it('charges of hours become days; billed cost, tags and dimensions', () => {
    const { format, costs, rows, days } = readBill(focus(ROW, ROW.replace('T10:', 'T22:').replace('1.25', '0.000000000001'), ROW.replace('2026-11-20T10', '2026-11-21T10')));
    expect({ format, rows, days }).toEqual({ format: 'focus', rows: 3, days: { from: '2026-11-20', to: '2026-11-21' } });
    expect(costs.map(({ day, amountUsd, quantity }) => [day, formatRational(amountUsd), formatRational(quantity!)])).toEqual([['2026-11-20', '1.250000000001', '2000'], ['2026-11-21', '1.25', '1000']]);
    expect(costs[0]).toMatchObject({ model: 'claude-opus-4-5', apiKey: 'key_1', project: 'shop', lineItem: 'Claude Opus 4.5 Input Tokens', dimensions: { provider: 'AWS', service: 'Amazon Bedrock', sku: 'sku-1', account: '1234', charge: 'Usage' } });
  });

  it('credits, tax and offsets count as they stand; effective cost where there is no billed one; a time without zone is UTC', () => {
    const text = `EffectiveCost,BillingCurrency,ChargePeriodStart,ChargeCategory\n5,USD,2026-11-20 23:59:59,Usage\n-2.5,USD,2026-11-20T23:30:00+02:00,Credit\n1e-3,usd,2026-11-21T01:00:00+02:00,Tax`;
    expect(readBill(text).costs.map(({ day, amountUsd, dimensions }) => [day, formatRational(amountUsd), dimensions['charge']])).toEqual([['2026-11-20', '5', 'Usage'], ['2026-11-20', '-2.5', 'Credit'], ['2026-11-20', '0.001', 'Tax']]);
  });

  it('of some services, when asked', () => {
    const text = focus(ROW, ROW.replace('Amazon Bedrock', 'Amazon EC2'));
    expect(readBill(text, { services: ['amazon bedrock'] })).toMatchObject({ rows: 2, skipped: 1, costs: [{ day: '2026-11-20' }] });
  });

  it('names line and column of what it cannot read', () => {
    expect(wrong(focus(ROW, ROW.replace('1.25', '1,25')))).toContain('Line 3: 16 cells, and the header has 15 columns');
    expect(wrong(focus(ROW, ROW.replace('1.25', '"1,25"')))).toBe('Line 3, column "BilledCost": "1,25" is no amount: a decimal with a point, without currency or thousands, such as 1234.5.');
    expect(wrong(focus(ROW.replace('USD', 'EUR')))).toContain('Line 2, column "BillingCurrency": "EUR"');
    expect(wrong(focus(ROW.replace('2026-11-20T10:00:00Z', '2026-02-30T10:00:00Z')))).toContain('Line 2, column "ChargePeriodStart"');
    expect(wrong(focus(ROW.replace('{', '[')))).toContain('Line 2, column "Tags"');
    expect(wrong('BilledCost,ChargePeriodStart\n1,2026-11-20')).toContain('"BillingCurrency" is missing');
  });
});

describe('the simple CSV', () => {
  it('costs, and usage where it says some', () => {
    const { format, costs, usage } = readBill('date,model,amount_usd,key,project,requests,input_tokens,output_tokens\n2026-11-20,mistral-large,0.5,k1,shop,3,100,20\n2026-11-20,mistral-large,0.25,k1,shop,1,,5\n2026-11-21,grok-4,2,,,,,\n');
    expect(format).toBe('simple');
    expect(costs.map(({ day, model, apiKey, project, amountUsd }) => [day, model, apiKey, project, formatRational(amountUsd)])).toEqual([['2026-11-20', 'mistral-large', 'k1', 'shop', '0.75'], ['2026-11-21', 'grok-4', null, null, '2']]);
    expect(usage).toMatchObject([{ width: '1d', bucket: '2026-11-20T00:00:00.000Z', requests: 4, tokens: { input_uncached: 100, output_text: 25 } }]);
  });

  it('as spreadsheets write it: byte order mark, semicolons, CRLF, quotes and line breaks in them', () => {
    expect(readBill('\uFEFFDate;Model;Amount_USD\r\n2026-11-20;"a ""b""\nc";1.5\r\n\r\n').costs).toMatchObject([{ model: 'a "b"\nc' }]);
    expect([...readCsv('a,b\n"1\n2",3\n4,5')].map(({ line }) => line)).toEqual([1, 2, 4]);
  });

  it('names line and column of what it cannot read', () => {
    expect(wrong('')).toContain('empty');
    expect(wrong('date,model\n2026-11-20,x')).toContain('"amount_usd" is missing');
    expect(wrong('date,model,amount_usd,input_tokenz\n2026-11-20,x,1,2')).toContain('"input_tokenz" is no column');
    expect(wrong('date,model,amount_usd,date\n2026-11-20,x,1,2')).toContain('twice');
    expect(wrong('date,model,amount_usd\n20.11.2026,x,1')).toBe('Line 2, column "date": "20.11.2026" is no date such as 2026-11-20.');
    expect(wrong('date,model,amount_usd\n\n2026-11-20,x,$5')).toContain('Line 3, column "amount_usd"');
    expect(wrong('date,model,amount_usd,requests\n2026-11-20,x,5,1.5')).toContain('Line 2, column "requests": "1.5" is no whole number');
    expect(wrong('date,model,amount_usd\n2026-11-20,"x,5')).toContain('Line 2: a quotation mark opens there');
  });
});
