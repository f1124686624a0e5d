/** What goes into the situation card and what comes out of it. */
import { z } from '@hono/zod-openapi';
import { InsideItem, ShapeInfo, ShapeInput } from '../analysis/contract.ts';
import { Text } from '../contract/basics.ts';
import { Incident } from '../contract/incidents.ts';

export const SITUATION_LIMITS = {
  /** Metres around an incident: unless said otherwise, and at most. */
  radius: 200,
  largestRadius: 2000,
  /** Square kilometres of a drawn shape. */
  areaKm2: 50,
  /** Incidents that are listed, and how many days back they are looked for. */
  incidents: 12,
  days: 30,
  /** Grid staff that are listed. */
  staff: 6,
  /** Micro-grids whose responsible persons are named. */
  grids: 20,
} as const;

const Position = z.tuple([z.number(), z.number()]);

export const SituationInput = z
  .strictObject({
    shape: ShapeInput,
    category: z.string().max(16).optional().openapi({ description: 'Incidents of it are told apart' }),
  })
  .openapi('SituationInput');

/** A value as it may be shown. */
const Fact = z.object({
  field: z.string(),
  title: Text,
  value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
  /** What the value is called, of fields with declared values. */
  text: Text.nullable(),
  unit: z.string().nullable(),
});
export type Fact = z.infer<typeof Fact>;

const NearbyRow = z.object({
  fid: z.number().int(),
  /** Its label or key, masked where the caller may not see it. */
  name: z.string().nullable(),
  /** From the place of the card. */
  metres: z.number(),
  inside: z.boolean(),
  at: Position,
  /** When it was observed or issued. */
  time: z.string().nullable(),
  facts: z.array(Fact),
});
export type NearbyRow = z.infer<typeof NearbyRow>;

export const NearbyItem = z.object({
  layer: z.string(),
  title: Text,
  icon: z.string().nullable(),
  load: z.number().int(),
  /** Rows inside the shape. */
  total: z.number().int(),
  /** Metres inside the shape, of lines; null for all others. */
  metresInside: z.number().nullable(),
  /** How far around the place the rows were looked for. */
  within: z.number(),
  rows: z.array(NearbyRow),
});
export type NearbyItem = z.infer<typeof NearbyItem>;

const section = <T extends z.ZodRawShape>(shape: T) =>
  z.object({
    /** Milliseconds it took, beside the others. */
    ms: z.number(),
    /** Why the section is empty, when it failed; the others stand. */
    error: z.string().nullable(),
    ...shape,
  });

export const StaffNearby = z.object({
  /** Stands for the person in a dispatch; tells nothing. */
  id: z.string(),
  fid: z.number().int(),
  name: z.string(),
  grid: z.string().nullable(),
  onShift: z.boolean(),
  tasks: z.number().int(),
  metres: z.number(),
  /** By road to the place; null: no road leads there within half an hour, or the roads are not known yet. */
  seconds: z.number().nullable(),
  at: Position,
  reportedAt: z.string().nullable(),
});
export type StaffNearby = z.infer<typeof StaffNearby>;

const IncidentNearby = z.object({
  incident: Incident,
  metres: z.number(),
  sameCategory: z.boolean(),
});

const ResponsibleArea = z.object({
  code: z.string(),
  name: z.string(),
  fid: z.number().int(),
  layer: z.string(),
  /** The one in charge, masked; null where the data name nobody. */
  leader: z.string().nullable(),
});

const Responsible = section({
  grids: z.array(ResponsibleArea),
  communities: z.array(ResponsibleArea),
  towns: z.array(ResponsibleArea),
  /** Grid staff of these micro-grids, masked. */
  staff: z.array(z.object({ id: z.string(), fid: z.number().int(), name: z.string(), grid: z.string() })),
  /** Departments that the category belongs to, the lead first. */
  departments: z.array(z.object({ id: z.string(), title: Text, lead: z.boolean() })),
});

export const SituationCard = z
  .object({
    shape: ShapeInfo,
    /** The place that distances are from. */
    at: Position,
    /** Metres around it, when the shape is a circle. */
    radius: z.number().nullable(),
    category: z.string().nullable(),
    madeAt: z.string(),
    /** Of the whole answer. */
    ms: z.number(),
    people: section({ items: z.array(InsideItem) }),
    care: section({ items: z.array(InsideItem) }),
    enterprises: section({ items: z.array(InsideItem) }),
    risks: section({ items: z.array(NearbyItem) }),
    facilities: section({ items: z.array(NearbyItem) }),
    pipes: section({ items: z.array(NearbyItem) }),
    weather: section({ items: z.array(NearbyItem) }),
    staff: section({
      /** Where the times by road come from; null while the roads are not known. */
      roads: z.object({ layer: z.string(), load: z.number().int() }).nullable(),
      rows: z.array(StaffNearby),
    }),
    incidents: section({
      open: z.number().int(),
      /** Received in the last days and closed since. */
      past: z.number().int(),
      /** Of both, those of the same category. */
      sameCategory: z.number().int(),
      days: z.number().int(),
      rows: z.array(IncidentNearby),
    }),
    responsible: Responsible,
    /** Layers of the card that the caller may see and that were never loaded. */
    missing: z.array(z.object({ layer: z.string(), title: Text, section: z.string() })),
  })
  .openapi('SituationCard');
export type SituationCard = z.infer<typeof SituationCard>;
