/** Turns an OpenAPI 3.1 document into what the reference page draws: operations, their fields, an example, a request to copy. */

export interface OpenApiSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly required?: readonly string[];
  readonly items?: OpenApiSchema;
  readonly anyOf?: readonly OpenApiSchema[];
  readonly oneOf?: readonly OpenApiSchema[];
  readonly additionalProperties?: unknown;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

interface Media {
  readonly schema?: OpenApiSchema;
  readonly example?: unknown;
}

interface OpenApiOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean; readonly description?: string; readonly schema?: OpenApiSchema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Readonly<Record<string, Media>> }>>;
}

export interface OpenApiDocument {
  readonly info: { readonly version: string };
  readonly servers: readonly { readonly url: string }[];
  readonly components: { readonly schemas: Readonly<Record<string, OpenApiSchema>> };
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
}

export interface ApiField {
  readonly name: string;
  /** `text`, `whole number`, `list of UsageEvent`, or the words that are allowed. */
  readonly form: string;
  readonly required: boolean;
  readonly meaning: string | undefined;
}

interface ApiBody {
  readonly type: string;
  readonly fields: readonly ApiField[];
  /** Pretty JSON; absent where the document has none. */
  readonly example: string | undefined;
}

export interface ApiOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string | undefined;
  readonly parameters: readonly ApiField[];
  readonly bodies: readonly ApiBody[];
  readonly answers: readonly { readonly status: string; readonly description: string; readonly type: string | undefined; readonly fields: readonly ApiField[] }[];
}

export interface ApiSchema {
  readonly name: string;
  readonly fields: readonly ApiField[];
}

export function prepareApi(document: OpenApiDocument): { readonly operations: readonly ApiOperation[]; readonly schemas: readonly ApiSchema[] } {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({
    id: operation.operationId, method: method.toUpperCase(), path, summary: operation.summary, description: operation.description,
    parameters: (operation.parameters ?? []).map(({ name, required = false, description, schema = {} }) => ({ name, form: describeForm(schema), required, meaning: description ?? schema.description })),
    bodies: Object.entries(operation.requestBody?.content ?? {}).map(([type, { schema = {}, example }]) => ({
      type, fields: listFields(schema, document), example: example === undefined ? undefined : JSON.stringify(example, null, 2),
    })),
    answers: Object.entries(operation.responses).map(([status, { description, content }]) => {
      const [type, media] = Object.entries(content ?? {})[0] ?? [];
      // Refusals share one form, which stands among the schemas.
      return { status, description, type, fields: status.startsWith('2') && media?.schema ? listFields(media.schema, document) : [] };
    }),
  })));
  return { operations, schemas: Object.entries(document.components.schemas).map(([name, schema]) => ({ name, fields: listFields(schema, document) })) };
}

/** The fields of an object, or of the named schema that it refers to. A list's are those of its elements. */
function listFields(schema: OpenApiSchema, document: OpenApiDocument): ApiField[] {
  const target = schema.$ref === undefined ? schema : document.components.schemas[nameOf(schema.$ref)] ?? {};
  if (target.items) return listFields(target.items, document);
  return Object.entries(target.properties ?? {}).map(([name, property]) => ({
    name, form: describeForm(property), required: target.required?.includes(name) ?? false, meaning: property.description,
  }));
}

const nameOf = (reference: string): string => reference.split('/').at(-1) ?? reference;

const WORDS: Readonly<Record<string, string>> = { string: 'text', integer: 'whole number', number: 'number', boolean: 'true or false', object: 'object', array: 'list', null: 'null' };

/** One line about what a value may be. */
export function describeForm(schema: OpenApiSchema): string {
  if (schema.$ref !== undefined) return nameOf(schema.$ref);
  if (schema.const !== undefined) return String(schema.const);
  if (schema.enum) return schema.enum.map(String).join(' | ');
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return [...new Set(either.map(describeForm))].join(' or ');
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length === 0) return 'any JSON';
  return types.map((type) => (type === 'array' ? `list of ${schema.items ? describeForm(schema.items) : 'anything'}${bounds(schema.minItems, schema.maxItems)}`
    : type === 'string' && schema.format ? `text (${schema.format})`
    : type === 'string' ? `text${bounds(schema.minLength, schema.maxLength, ' characters')}`
    : `${WORDS[type] ?? type}${type === 'integer' || type === 'number' ? bounds(schema.minimum, smallMaximum(schema.maximum)) : ''}`)).join(' or ');
}

/** The greatest whole number that JSON can carry says nothing to a reader. */
const smallMaximum = (maximum: number | undefined): number | undefined => (maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum);

function bounds(least: number | undefined, most: number | undefined, unit = ''): string {
  const low = least === undefined || least <= -Number.MAX_SAFE_INTEGER ? undefined : least.toLocaleString('en-US');
  const high = most?.toLocaleString('en-US');
  if (low === undefined && high === undefined) return '';
  return high === undefined ? `, at least ${low}` : low === undefined ? `, at most ${high}${unit}` : `, ${low} to ${high}${unit}`;
}

/** A request that works when the key is set: the first example, sent to the server that the document names. */
export function curlOf(operation: ApiOperation, origin: string): string {
  const key = `-H "Authorization: Bearer $OUTLAY_API_KEY"`;
  const body = operation.bodies[0];
  if (!body?.example) return `curl -sS "${origin}${operation.path}" \\\n  ${key}`;
  return `curl -sS ${origin}${operation.path} \\\n  ${key} \\\n  -H "Content-Type: ${body.type}" \\\n  -d @- <<'EOF'\n${body.example}\nEOF`;
}
