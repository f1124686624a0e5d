/** What everything in the contract is made of. */
import { z } from '@hono/zod-openapi';

/** Every failure has this body, whatever failed. `field` names the parameter or property at fault. */
export const ErrorBody = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      field: z.string().optional(),
      value: z.unknown().optional(),
      requestId: z.string(),
    }),
  })
  .openapi('Error');

export const Text = z.object({ zh: z.string(), en: z.string() });

/** `[minLon, minLat, maxLon, maxLat]`, EPSG:4326, degrees. */
export const Bbox = z.tuple([z.number(), z.number(), z.number(), z.number()]);

export const Numbers = z.array(z.number().nullable());

export const Span = z.object({ from: z.string(), to: z.string() });

export const Ring = z.array(z.tuple([z.number(), z.number()]));

export type ErrorBody = z.infer<typeof ErrorBody>;
