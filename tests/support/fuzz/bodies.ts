import * as fc from 'fast-check';
import { capMessage } from '../../server/intake/cap-message.ts';
import { jpegWithPlace } from '../photos.ts';
import type { Known } from './known.ts';
import { lat, lon } from './places.ts';

/** A body that is sent as it is. */
export interface WrittenBody {
  type: string;
  body: string | Uint8Array<ArrayBuffer>;
}

const json = (value: unknown, type = 'application/json'): WrittenBody => ({ type, body: JSON.stringify(value) });
const words = { zh: '随机', en: 'fuzz' };
const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString();
const report = fc
  .record({ category: fc.constantFrom('06010', '06012', 'Z0101'), lon, lat, age: fc.integer({ min: 60, max: 80_000 }) })
  .map(({ age, ...rest }) => ({ ...rest, title: '随机请求', severity: 2, occurredAt: ago(age) }));

function rule({ things }: Known): fc.Arbitrary<object> {
  const watched = fc.constantFrom(...things.sensors);
  return fc.oneof(
    fc.tuple(watched, fc.double({ min: 0, max: 50, noNaN: true })).map(([{ id, metric }, limit]) => ({
      kind: 'threshold',
      watch: { of: 'sensors', ids: [id], metric },
      is: 'above',
      limit,
      clear: limit - 1,
    })),
    watched.map(({ id, metric }) => ({ kind: 'silence', watch: { of: 'sensors', ids: [id], metric }, after: 600 })),
  );
}

/** Bodies that a schema does not describe well enough, by route. */
export function writtenBody(route: string, known: Known): fc.Arbitrary<WrittenBody> | null {
  const { things } = known;
  const whole = rule(known).map((what) => ({ name: words, title: words, severity: 3, ...what }));
  switch (route) {
    case 'POST /api/rules':
    case 'PUT /api/rules/{id}':
      return whole.map((each) => json({ rule: each, reason: 'fuzz' }));
    case 'POST /api/rules/backtest':
      return whole.map((each) => json({ rule: each, from: ago(3 * 86_400), to: ago(0) }));
    case 'POST /api/incidents/{id}/dispatch':
      return fc
        .constantFrom('urban_management', 'emergency', 'health')
        .map((id) => json({ kind: 'department', id, override: 'fuzz' }));
    case 'POST /api/incidents/batch':
      return fc
        .array(fc.tuple(report, fc.uuid()), { minLength: 1, maxLength: 4 })
        .map((list) => json({ incidents: list.map(([each, key]) => ({ ...each, key, source: 'fuzz' })) }));
    case 'PUT /api/intake/feeds/{id}':
      return fc.constantFrom('json', 'geojson', 'csv').map((format) =>
        json({
          title: words,
          url: 'http://127.0.0.1:9/fuzz',
          format,
          map: { id: 'id', category: 'kind', title: 'title', occurredAt: 'at', lon: 'x', lat: 'y' },
          everySeconds: 60,
          silentSeconds: 600,
          isOn: false,
        }),
      );
    case 'POST /api/readings':
      return fc
        .array(fc.tuple(fc.constantFrom(...things.sensors), fc.double({ min: 0, max: 30, noNaN: true })), {
          minLength: 1,
          maxLength: 5,
        })
        .map((list) =>
          json(list.map(([{ id, metric }, value], i) => ({ sensor: id, metric, at: ago(i * 60), value }))),
        );
    case 'POST /api/intake/cloudevents':
      return fc.tuple(report, fc.uuid(), fc.boolean()).map(([data, id, isBatch]) => {
        const event = { specversion: '1.0', id, source: 'fuzz', type: 'org.example.incident.reported', data };
        return isBatch
          ? json([event], 'application/cloudevents-batch+json')
          : json(event, 'application/cloudevents+json');
      });
    case 'POST /api/intake/cap':
      return fc.uuid().map((id) => ({ type: 'application/cap+xml', body: capMessage(id) }));
    case 'POST /open311/v2/requests.json':
    case 'POST /open311/v2/requests.xml':
      return fc
        .tuple(fc.constantFrom('06010', '06012'), lon, lat)
        .map(([service_code, long, at]) => json({ service_code, long, lat: at, description: '随机请求' }));
    case 'POST /api/incidents/{id}/media':
      return fc.constant({ type: 'image/jpeg', body: new Uint8Array(jpegWithPlace()) });
    case 'POST /api/analysis/attach':
      return fc.constant({
        type: 'text/csv',
        body: `code,value\n${things.towns.map((code, i) => `${code},${i}`).join('\n')}\n`,
      });
    case 'POST /api/incidents/{id}/milestones':
      return fc.constantFrom('closed', 'cleared').map((milestone) => json({ milestone }));
    case 'POST /api/incidents/{id}/satisfaction':
      return fc.integer({ min: 1, max: 4 }).map((score) => json({ score }));
    default:
      return null;
  }
}
