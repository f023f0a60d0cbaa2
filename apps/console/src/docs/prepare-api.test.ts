import { describe, expect, it } from 'vitest';
import { curlOf, describeForm, prepareApi, type OpenApiDocument } from './prepare-api';

const DOCUMENT: OpenApiDocument = {
  info: { version: '1.0.0' }, servers: [{ url: 'http://localhost:4400' }],
  components: {
    schemas: {
      Thing: { type: 'object', properties: { id: { type: 'string', format: 'uuid', description: 'Its id.' }, parts: { type: 'array', items: { $ref: '#/components/schemas/Part' }, minItems: 1, maxItems: 1_000 } }, required: ['id'] },
      Part: { type: 'object', properties: { cost: { type: ['string', 'null'] } } },
    },
  },
  paths: {
    '/v1/things': {
      post: {
        operationId: 'recordThing', summary: 'Record a thing',
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' }, example: { id: 'a' } } } },
        responses: { 200: { description: 'Done.', content: { 'application/json': { schema: { type: 'array', items: { $ref: '#/components/schemas/Part' } } } } }, 400: { description: 'invalid_input' } },
      },
      get: { operationId: 'listThings', summary: 'List', parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 1_000 } }], responses: {} },
    },
  },
};
const { operations, schemas } = prepareApi(DOCUMENT);

describe('the reference', () => {
  it('lists operations with their fields, following names and lists', () => {
    expect(operations.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /v1/things', 'GET /v1/things']);
    expect(operations[0]!.bodies[0]!.fields).toEqual([
      { name: 'id', form: 'text (uuid)', required: true, meaning: 'Its id.' },
      { name: 'parts', form: 'list of Part, 1 to 1,000', required: false, meaning: undefined },
    ]);
    expect(operations[0]!.answers).toEqual([
      { status: '200', description: 'Done.', type: 'application/json', fields: [{ name: 'cost', form: 'text or null', required: false, meaning: undefined }] },
      { status: '400', description: 'invalid_input', type: undefined, fields: [] },
    ]);
    expect(operations[1]!.parameters).toEqual([{ name: 'limit', form: 'whole number, 1 to 1,000', required: false, meaning: undefined }]);
    expect(schemas.map(({ name }) => name)).toEqual(['Thing', 'Part']);
  });

  it('says in words what a value may be', () => {
    expect(describeForm({ enum: ['soft', 'hard'] })).toBe('soft | hard');
    expect(describeForm({ const: '1.0' })).toBe('1.0');
    expect(describeForm({})).toBe('any JSON');
    expect(describeForm({ type: 'string', minLength: 1, maxLength: 255 })).toBe('text, 1 to 255 characters');
    expect(describeForm({ type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER })).toBe('whole number, at least 0');
    expect(describeForm({ anyOf: [{ type: 'string' }, { type: 'number' }] })).toBe('text or number');
  });

  it('writes a request to copy', () => {
    expect(curlOf(operations[0]!, 'http://localhost:4400')).toBe(`curl -sS http://localhost:4400/v1/things \\
  -H "Authorization: Bearer $OUTLAY_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d @- <<'EOF'
{
  "id": "a"
}
EOF`);
    expect(curlOf(operations[1]!, 'http://localhost:4400')).toContain('"http://localhost:4400/v1/things"');
  });
});
