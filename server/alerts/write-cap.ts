import { shanghaiTime } from '../shanghai-time.ts';
import type { Alert } from '../contract/alerts.ts';
import { escapeXml } from '../intake/xml.ts';
import { CAP_SEVERITIES, type AlertDraft, type Ring } from './alert.ts';

export const CAP_TYPE = 'application/cap+xml';

/** A time as CAP writes it: local, whole seconds, with the difference to UTC. */
export function capTime(iso: string): string {
  return shanghaiTime(new Date(iso));
}

function element(name: string, text: string | null | undefined): string {
  return text === null || text === undefined || text === '' ? '' : `<${name}>${escapeXml(text)}</${name}>`;
}

const ringText = (ring: Ring): string => ring.map(([lon, lat]) => `${lat},${lon}`).join(' ');

/** A warning as a message of CAP 1.2, with one block of information in each language. */
export function writeCap(alert: Omit<AlertDraft, 'origin'>): string {
  const references = alert.references
    .map((reference) => {
      const [sender = '', identifier = '', sent = ''] = reference.split(',');
      return `${sender},${identifier},${capTime(sent)}`;
    })
    .join(' ');
  const head = [
    element('identifier', alert.identifier),
    element('sender', alert.sender),
    element('sent', capTime(alert.sent)),
    element('status', alert.status),
    element('msgType', alert.msgType),
    element('scope', alert.scope),
    // What the standard asks for beside the scope; who may see it here is told by the scope alone.
    alert.scope === 'Restricted' ? element('restriction', 'staff') : '',
    alert.scope === 'Private' ? element('addresses', alert.sender) : '',
    element('references', references),
  ];
  const infos = (['zh', 'en'] as const).map((language) =>
    [
      '<info>',
      element('language', language === 'zh' ? 'zh-CN' : 'en'),
      ...alert.category.map((category) => element('category', category)),
      element('event', alert.event[language] || '-'),
      ...alert.responseType.map((type) => element('responseType', type)),
      element('urgency', alert.urgency),
      element('severity', CAP_SEVERITIES[alert.severity] ?? 'Unknown'),
      element('certainty', alert.certainty),
      element('effective', capTime(alert.effective)),
      alert.onset === null ? '' : element('onset', capTime(alert.onset)),
      alert.expires === null ? '' : element('expires', capTime(alert.expires)),
      element('senderName', alert.senderName),
      element('headline', alert.headline[language]),
      element('description', alert.description[language]),
      element('instruction', alert.instruction[language]),
      ...alert.areas.map((area) =>
        [
          '<area>',
          `<areaDesc>${escapeXml(area.description[language])}</areaDesc>`,
          ...area.polygons.map((ring) => element('polygon', ringText(ring))),
          ...area.circles.map(([lon, lat, km]) => element('circle', `${lat},${lon} ${km}`)),
          ...area.geocodes.map(
            ([name, value]) =>
              `<geocode><valueName>${escapeXml(name)}</valueName><value>${escapeXml(value)}</value></geocode>`,
          ),
          '</area>',
        ].join(''),
      ),
      '</info>',
    ].join(''),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">${[...head, ...infos].join('')}</alert>\n`;
}

/** The warnings in force as an Atom feed: one entry each, which leads to the message itself. `base` begins the links. */
export function writeAtom(alerts: readonly Alert[], base: string): string {
  const self = `${base}/api/alerts/cap.atom`;
  // A feed without entries was last changed before there were any.
  const updated =
    alerts
      .map(({ sent }) => sent)
      .toSorted()
      .at(-1) ?? '1970-01-01T00:00:00.000Z';
  const entries = alerts.map((alert) =>
    [
      '<entry>',
      element('id', `${base}/api/alerts/${alert.id}.cap`),
      element('title', `${alert.headline.zh} / ${alert.headline.en}`),
      element('updated', capTime(alert.sent)),
      `<author>${element('name', alert.senderName ?? alert.sender)}</author>`,
      element('summary', alert.description.zh || alert.headline.zh),
      ...alert.category.map((category) => `<category term="${escapeXml(category)}"/>`),
      `<link rel="alternate" type="${CAP_TYPE}" href="${escapeXml(`${base}/api/alerts/${alert.id}.cap`)}"/>`,
      '</entry>',
    ].join(''),
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">',
    element('id', self),
    element('title', '禅城区预警 / Warnings of Chancheng district'),
    element('updated', capTime(updated)),
    `<author>${element('name', '禅城一张图 One Map')}</author>`,
    `<link rel="self" type="application/atom+xml" href="${escapeXml(self)}"/>`,
    ...entries,
    '</feed>\n',
  ].join('');
}
