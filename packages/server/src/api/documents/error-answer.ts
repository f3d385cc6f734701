import { z } from 'zod';

/** ElevenLabs' envelope, as every refusal is rendered; some say more in further members. */
export const ErrorAnswer = z
  .object({
    detail: z.looseObject({
      type: z.enum([
        'authentication_error',
        'permission_error',
        'not_found',
        'conflict',
        'gone',
        'validation_error',
        'rate_limit_error',
        'unavailable',
      ]),
      code: z.string(),
      message: z.string().describe('What to do next, in one sentence.'),
      status: z.string().describe('The code again, for older clients.'),
      request_id: z.string(),
      param: z.string().optional().describe('The field that it is about.'),
    }),
  })
  .meta({ id: 'Error' });

/** Which fields of a body or query are not as they should be. */
export const FieldProblemsAnswer = z
  .object({
    detail: z
      .array(z.object({ loc: z.array(z.union([z.string(), z.int()])), msg: z.string(), type: z.string() }))
      .min(1)
      .describe('One entry a field; `loc` begins with `body` or `query`.'),
  })
  .meta({ id: 'FieldProblems' });
