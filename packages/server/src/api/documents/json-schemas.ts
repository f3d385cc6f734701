import { z } from 'zod';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Whether a schema is read (what may be sent) or written (what is answered). */
export type Direction = 'input' | 'output';

/**
 * Turns zod schemas into JSON Schema: 2020-12 is what OpenAPI 3.1 speaks, draft 7 what AsyncAPI 3 does. A schema with an id
 * becomes a component that the others refer to; what cannot be said in JSON Schema (a refinement) is left out.
 */
export class JsonSchemas {
  constructor(private readonly target: 'draft-2020-12' | 'draft-7' = 'draft-2020-12') {}

  readonly components: Record<string, JsonSchema> = {};
  private readonly made = { input: new Map<z.ZodType, JsonSchema>(), output: new Map<z.ZodType, JsonSchema>() };

  of(type: z.ZodType, io: Direction): JsonSchema {
    const made = this.made[io].get(type) ?? this.make(type, io);
    this.made[io].set(type, made);
    return made;
  }

  private make(type: z.ZodType, io: Direction): JsonSchema {
    // Inside an object also the outermost schema becomes a reference when it has an id.
    const made = z.toJSONSchema(z.object({ it: type }), {
      target: this.target,
      io,
      unrepresentable: 'any',
      override: ({ jsonSchema }) => delete jsonSchema.id,
    });
    for (const [name, schema] of Object.entries(made.$defs ?? {})) this.components[name] ??= placed(schema);
    return placed(made.properties?.it);
  }
}

/** References point to where the document keeps its components. */
function placed(schema: unknown): JsonSchema {
  // Walking an object gives an object.
  return walk(schema ?? {}) as JsonSchema;
}

function walk(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(walk);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key === '$ref' && typeof member === 'string' ? member.replace('#/$defs/', '#/components/schemas/') : walk(member),
    ]),
  );
}
