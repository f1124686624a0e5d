/** A message of CAP 1.2 as a weather office sends it; `changes` replace whole elements or take them away (null). */
export interface CapChanges {
  head?: Record<string, string | null>;
  info?: Record<string, string | null>;
  area?: Record<string, string | null>;
  /** In place of both blocks. */
  infos?: string;
}

/** A square in the east of the square district, lat,lon. */
export const SQUARE = '22.99,113.07 22.99,113.13 23.04,113.13 23.04,113.07 22.99,113.07';

const write = (fields: Record<string, string | null>): string =>
  Object.entries(fields)
    .map(([name, text]) => (text === null ? '' : text.startsWith('<') ? text : `<${name}>${text}</${name}>`))
    .join('');

export function capTimeOf(ms: number): string {
  return `${new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`;
}

export function capMessage(identifier: string, { head = {}, info = {}, area = {}, infos }: CapChanges = {}): string {
  const now = Date.now();
  const areas = (name: string): string =>
    `<area>${write({ areaDesc: name, polygon: SQUARE, geocode: '<geocode><valueName>adcode</valueName><value>440604</value></geocode>', ...area })}</area>`;
  const block = (language: string, event: string, headline: string, place: string): string =>
    `<info>${write({
      language,
      category: 'Met',
      event,
      responseType: 'Prepare',
      urgency: 'Expected',
      severity: 'Severe',
      certainty: 'Likely',
      effective: capTimeOf(now - 60_000),
      expires: capTimeOf(now + 3_600_000),
      senderName: '佛山市气象台',
      headline,
      description: `${headline}。`,
      ...info,
    })}${areas(place)}</info>`;
  const body = write({
    identifier,
    sender: 'weather@foshan.gov.cn',
    sent: capTimeOf(now - 60_000),
    status: 'Actual',
    msgType: 'Alert',
    scope: 'Public',
    ...head,
  });
  const blocks =
    infos ??
    block('zh-CN', '暴雨', '暴雨橙色预警', '祖庙街道') + block('en', 'Rainstorm', 'Orange rainstorm warning', 'Zumiao');
  return `<?xml version="1.0" encoding="UTF-8"?><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">${body}${blocks}</alert>`;
}
