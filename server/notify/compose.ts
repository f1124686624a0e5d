import { stageOf, isStage } from '../workflow/machine.ts';
import type { Notification } from './contract.ts';
import type { Fact } from './fact.ts';

type Text = Notification['title'];

const SEVERITY: Record<number, Text> = {
  1: { zh: '红色', en: 'Red' },
  2: { zh: '橙色', en: 'Orange' },
  3: { zh: '黄色', en: 'Yellow' },
  4: { zh: '蓝色', en: 'Blue' },
};

const KIND: Record<Fact['kind'], Text> = {
  incident: { zh: '新事件', en: 'New incident' },
  closed: { zh: '事件已结', en: 'Incident closed' },
  overdue: { zh: '环节超时', en: 'Stage overdue' },
  alarm: { zh: '告警', en: 'Alarm' },
};

/** Numbers of identity cards and telephones. What people write into titles is not known beforehand. */
const PERSONAL = /(?<!\d)(\d{6}(?:\d{8}|\d{11})[\dXx]|1[3-9]\d{9})(?!\d)/g;

/** Keeps the first three and last two characters of numbers that belong to a person. */
export function hidePersonal(text: string): string {
  return text.replaceAll(
    PERSONAL,
    (number) => `${number.slice(0, 3)}${'*'.repeat(number.length - 5)}${number.slice(-2)}`,
  );
}

export interface ComposeOptions {
  /** The message leaves the house: it goes through machines of others. */
  leaves: boolean;
  /** Restricted incidents and personal data may be told in full there. */
  fullText: boolean;
  /** What links begin with. */
  publicUrl: string | undefined;
}

/** The words of a message, without its id. Of a restricted incident that leaves only that there is one, and where. */
export function compose(fact: Fact, { leaves, fullText, publicUrl = '' }: ComposeOptions): Omit<Notification, 'id'> {
  const { incident, kind, severity } = fact;
  const isHidden = leaves && !fullText;
  const grade = SEVERITY[severity];
  const head = (language: 'zh' | 'en') =>
    language === 'zh'
      ? `${grade ? `【${grade.zh}】` : ''}${KIND[kind].zh}`
      : `${grade ? `[${grade.en}] ` : ''}${KIND[kind].en}`;
  const link = incident ? `${publicUrl}/wall?sel=incident:${incident.id}` : `${publicUrl}/wall`;
  const common = { kind, link, severity, at: fact.at, incident: incident?.id ?? null };
  if (isHidden && fact.restricted && incident) {
    return {
      ...common,
      title: { zh: `${head('zh')}(受限)`, en: `${head('en')} (restricted)` },
      text: { zh: '内容须登录后查看。', en: 'Sign in to read it.' },
    };
  }
  const own: Text = incident ? { zh: incident.title, en: incident.title } : (fact.title ?? { zh: '', en: '' });
  const shown = isHidden ? { zh: hidePersonal(own.zh), en: hidePersonal(own.en) } : own;
  const stage = incident && isStage(incident.stage) ? stageOf(incident.stage).title : null;
  const lines = (language: 'zh' | 'en') =>
    incident
      ? [
          `${incident.categoryTitle[language]} ${incident.category}`,
          ...(stage ? [`${language === 'zh' ? '环节' : 'Stage'}: ${stage[language]}`] : []),
          ...(incident.reports > 1 ? [`${language === 'zh' ? '上报' : 'Reports'}: ${incident.reports}`] : []),
          `${language === 'zh' ? '网格' : 'Micro-grid'}: ${incident.grid}`,
        ].join(' · ')
      : '';
  return {
    ...common,
    title: { zh: `${head('zh')}: ${shown.zh}`, en: `${head('en')}: ${shown.en}` },
    text: { zh: lines('zh'), en: lines('en') },
  };
}
