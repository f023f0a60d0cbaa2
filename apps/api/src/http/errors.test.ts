import { DomainError } from '@outlay/kernel';
import { expect, it } from 'vitest';
import { toDomainError } from './errors';

const withFields = (fields: object, message = 'x'): Error => Object.assign(new Error(message), fields);

it('keeps our own errors', () => {
  const error = new DomainError('last_owner');
  expect(toDomainError(error)).toBe(error);
});

it('tells a database that is away from a fault of ours', () => {
  expect(toDomainError(withFields({ code: '57P01' }))).toMatchObject({ code: 'unavailable' });
  expect(toDomainError(withFields({ code: 'P1001' }))).toMatchObject({ code: 'unavailable' });
  expect(toDomainError(new Error('query failed', { cause: withFields({ code: 'ECONNREFUSED' }) }))).toMatchObject({ code: 'unavailable' });
  expect(toDomainError(new Error('timeout exceeded when trying to connect'))).toMatchObject({ code: 'unavailable' });
  expect(toDomainError(withFields({ code: '42P01' }, 'relation "users" does not exist'))).toMatchObject({ code: 'internal' });
  expect(toDomainError('a string')).toMatchObject({ code: 'internal', cause: 'a string' });
});

it('names the field that a schema refused', () => {
  const refused = (validation: object): DomainError => toDomainError(withFields({ statusCode: 400, validation: [validation] }));
  expect(refused({ instancePath: '/events/3/usage', message: 'must be object' })).toMatchObject({ code: 'invalid_input', field: 'events[3].usage', message: 'events[3].usage must be object.' });
  expect(refused({ instancePath: '', message: `must have required property 'events'`, params: { missingProperty: 'events' } })).toMatchObject({ field: 'events' });
});

it('reads Fastify\'s refusals', () => {
  expect(toDomainError(withFields({ statusCode: 413, code: 'FST_ERR_CTP_BODY_TOO_LARGE' }))).toMatchObject({ code: 'body_too_large' });
  expect(toDomainError(Object.assign(new SyntaxError('Unexpected token'), { statusCode: 400 }))).toMatchObject({ code: 'invalid_input', field: 'body' });
  expect(toDomainError(withFields({ statusCode: 415, code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE' }))).toMatchObject({ code: 'invalid_input', field: 'content-type' });
});
