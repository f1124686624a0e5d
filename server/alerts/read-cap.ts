import { readFileSync } from 'node:fs';
import type { Text } from '../../layers/define.ts';
import { ApiError } from '../errors.ts';
import { childText, childTexts, readXml, readXmlSchema, type XmlSchema, type XmlTree } from '../intake/xml.ts';
import { CAP_SEVERITIES, type AlertArea, type AlertDraft, type Ring } from './alert.ts';

let schema: XmlSchema | undefined;

/** The schema of CAP 1.2, read once. */
export function capSchema(): XmlSchema {
  schema ??= readXmlSchema(readFileSync(new URL('./cap-1.2.xsd', import.meta.url), 'utf8'));
  return schema;
}

/** Clocks of other offices may run this far ahead, ms. */
const CLOCK_TOLERANCE = 5 * 60_000;
const LONGEST = { headline: 500, event: 200, areaDesc: 500, text: 10_000 };
/** Corners of one polygon at most; outlines of provinces have a few thousand. */
const MOST_CORNERS = 20_000;

function refuse(field: string, why: string, value?: unknown): never {
  throw new ApiError('BODY_INVALID', `${field}: ${why}`, { field, value });
}

/**
 * A warning of CAP 1.2 from its XML. Besides the schema it must say what the standard asks for in words: places that are
 * places (lat,lon), rings that are closed, references that can be followed. `now` is ms since 1970.
 * @throws ApiError that names the element
 */
export function readCap(text: string, now: number): AlertDraft {
  const alert = readXml(text, capSchema());
  const get = (name: string): string => childText(alert, name) ?? '';
  const sent = get('sent');
  const sentAt = timeOf('sent', sent);
  if (sentAt > now + CLOCK_TOLERANCE) {
    throw new ApiError('IN_THE_FUTURE', `sent: ${sent} is more than 5 minutes after now`, {
      field: 'sent',
      value: sent,
    });
  }
  const msgType = get('msgType');
  if (msgType !== 'Alert' && msgType !== 'Update' && msgType !== 'Cancel') {
    refuse('msgType', `${msgType} concerns a message of ours, and none is waiting for it`, msgType);
  }
  const scope = get('scope');
  if (scope === 'Restricted' && !get('restriction')) refuse('restriction', 'must be there when scope is Restricted');
  if (scope === 'Private' && !get('addresses')) refuse('addresses', 'must be there when scope is Private');
  const references = get('references').split(/\s+/).filter(Boolean);
  for (const reference of references) {
    const [sender, identifier, time, ...more] = reference.split(',');
    if (!sender || !identifier || !time || more.length > 0 || Number.isNaN(Date.parse(time))) {
      refuse('references', 'each must be sender,identifier,sent', reference);
    }
  }
  if (msgType !== 'Alert' && references.length === 0) refuse('references', `must be there when msgType is ${msgType}`);
  const infos = alert.children.filter(({ name }) => name === 'info');
  const first = infos[0];
  if (!first && msgType !== 'Cancel') refuse('info', `must be there when msgType is ${msgType}`);
  for (const name of ['identifier', 'sender'])
    if (get(name).length > 200) refuse(name, 'is longer than 200 characters');

  const words = (name: string, longest: number): Text => texts(infos, name, longest);
  const info = (name: string): string | undefined => (first ? childText(first, name) : undefined);
  const effective = info('effective') ?? sent;
  const expires = info('expires');
  timeOf('effective', effective);
  const onset = info('onset');
  if (onset !== undefined) timeOf('onset', onset);
  if (expires !== undefined && timeOf('expires', expires) <= sentAt) {
    refuse('expires', `${expires} is not after sent, ${sent}`, expires);
  }
  const severity = CAP_SEVERITIES.indexOf((info('severity') ?? 'Unknown') as (typeof CAP_SEVERITIES)[number]);
  const event = words('event', LONGEST.event);
  const headline = words('headline', LONGEST.headline);
  if (first && event.zh === '') refuse('event', 'is empty');
  return {
    identifier: get('identifier'),
    sender: get('sender'),
    sent,
    origin: 'cap',
    status: get('status') as AlertDraft['status'],
    msgType: msgType as AlertDraft['msgType'],
    scope: scope as AlertDraft['scope'],
    category: first ? childTexts(first, 'category') : ['Other'],
    responseType: first ? childTexts(first, 'responseType') : [],
    urgency: info('urgency') ?? 'Unknown',
    certainty: info('certainty') ?? 'Unknown',
    severity,
    event,
    headline: headline.zh === '' ? event : headline,
    description: words('description', LONGEST.text),
    instruction: words('instruction', LONGEST.text),
    senderName: info('senderName') ?? null,
    effective,
    onset: onset ?? null,
    expires: expires ?? null,
    areas: areasOf(infos),
    references,
  };
}

function timeOf(field: string, text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time) || time < 0) refuse(field, `${text} is no time`, text);
  return time;
}

/** A text in both languages, from the info blocks; where one language is missing the other is said twice. */
function texts(infos: readonly XmlTree[], name: string, longest: number): Text {
  const byLanguage: { zh?: string; en?: string; other?: string } = {};
  for (const info of infos) {
    const text = childText(info, name);
    if (text === undefined) continue;
    if (text.length > longest) refuse(name, `is longer than ${longest} characters`, text);
    const language = childText(info, 'language') ?? 'en-US';
    byLanguage[/^zh/i.test(language) ? 'zh' : /^en/i.test(language) ? 'en' : 'other'] ??= text;
  }
  const { zh, en, other } = byLanguage;
  return { zh: zh ?? en ?? other ?? '', en: en ?? zh ?? other ?? '' };
}

/** The areas of the first block that has some, with the names that the blocks of other languages give them. */
function areasOf(infos: readonly XmlTree[]): AlertArea[] {
  const lists = infos.map((info) => info.children.filter(({ name }) => name === 'area'));
  const shaped = lists.find((list) => list.length > 0) ?? [];
  return shaped.map((area, index) => {
    const named = infos.flatMap((info, at) => {
      const twin = lists[at]?.[index];
      const language: XmlTree = {
        name: 'language',
        text: childText(info, 'language') ?? 'en-US',
        line: 0,
        children: [],
      };
      return twin ? [{ ...twin, children: [...twin.children, language] }] : [];
    });
    return {
      description: texts(named, 'areaDesc', LONGEST.areaDesc),
      polygons: childTexts(area, 'polygon').map(ringOf),
      circles: childTexts(area, 'circle').map(circleOf),
      geocodes: area.children
        .filter(({ name }) => name === 'geocode')
        .map((pair) => [childText(pair, 'valueName') ?? '', childText(pair, 'value') ?? '']),
    };
  });
}

/** `lat,lon` in degrees -> lon, lat. */
function pointOf(field: string, text: string): [number, number] {
  const [, lat, lon] = /^(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (lat === undefined || lon === undefined) refuse(field, `${text.slice(0, 60)} is not lat,lon`, text);
  if (Math.abs(Number(lat)) > 90) refuse(field, `latitude ${lat} is beyond the pole; latitude comes first`, text);
  if (Math.abs(Number(lon)) > 180) refuse(field, `longitude ${lon} is no longitude`, text);
  return [Number(lon), Number(lat)];
}

function ringOf(text: string): Ring {
  const parts = text.split(/\s+/).filter(Boolean);
  if (parts.length < 4) refuse('polygon', 'has fewer than 4 points', text);
  if (parts.length > MOST_CORNERS) refuse('polygon', `has more than ${MOST_CORNERS} points`, parts.length);
  const ring = parts.map((part) => pointOf('polygon', part));
  const [begin, end] = [ring[0], ring.at(-1)];
  if (begin?.[0] !== end?.[0] || begin?.[1] !== end?.[1]) refuse('polygon', 'the last point is not the first', text);
  return ring;
}

function circleOf(text: string): [number, number, number] {
  const [point = '', radius = '', ...more] = text.split(/\s+/);
  if (more.length > 0 || !/^\d+(\.\d+)?$/.test(radius))
    refuse('circle', `${text.slice(0, 60)} is not lat,lon km`, text);
  if (Number(radius) > 2000) refuse('circle', `${radius} km is more than 2000`, text);
  return [...pointOf('circle', point), Number(radius)];
}
