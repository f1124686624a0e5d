import { isoTime } from '../iso-time.ts';
import type { FirstClocks } from '../workflow/first-clocks.ts';
import { FIRST_STAGE } from '../workflow/machine.ts';
import type { Category } from './categories.ts';
import type { CheckedIncident } from './validate.ts';

const quoted = (text: string): string => JSON.stringify(text);
const time = (ms: number | null): string => (ms === null ? 'null' : `"${isoTime(ms)}"`);

/** What is said of each category. */
const ofCategory = new Map<Category, string>();

function categoryBody(category: Category): string {
  let known = ofCategory.get(category);
  if (known === undefined) {
    const { zh, en } = category.title;
    known = `"category":${quoted(category.code)},"categoryTitle":${JSON.stringify({ zh, en })}`;
    ofCategory.set(category, known);
  }
  return known;
}

/** What is the same of everything that is new. */
const NEW =
  `"state":"open","stage":${quoted(FIRST_STAGE)},"version":0,"department":null,"assignee":null,"parent":null,` +
  `"reports":1`;

/**
 * What the live log tells of an incident that has just been stored, from behind its id on, which the database adds. The same, to
 * the letter, as `app.incident_json` would write: writing it there costs several times as much, and so does an object
 * for each that is written as a whole.
 */
export function newBody(incident: CheckedIncident, clocks: FirstClocks): string {
  const { key, source, category, title, severity, lon, lat, grid, community, town } = incident;
  return (
    `,"key":${quoted(key)},"source":${quoted(source)},${categoryBody(category)},"title":${quoted(title)},` +
    `"severity":${severity},"lon":${lon},"lat":${lat},"grid":${quoted(grid)},"community":${quoted(community)},` +
    `"town":${quoted(town)},${NEW},"occurredAt":${time(incident.occurredAt)},"receivedAt":${time(incident.receivedAt)},` +
    `"warnAt":${time(clocks.warnAt)},"dueAt":${time(incident.dueAt)},"stageWarnAt":${time(clocks.stageWarnAt)},` +
    `"stageDueAt":${time(clocks.stageDueAt)},"closedAt":null}`
  );
}
