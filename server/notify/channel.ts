import type { ChannelId, Notification } from './contract.ts';

/** A message on its way: what, and to whom. */
export interface Envelope {
  message: Notification;
  /** As `TARGETS` of the contract describes it for the channel. */
  target: Readonly<Record<string, unknown>>;
  language: 'zh' | 'en' | 'both';
  role: 'public' | 'staff';
}

/** How it went. */
export type Delivery =
  | { ok: true }
  | {
      ok: false;
      /** Without addresses and keys: it is shown, logged and kept. */
      error: string;
      /** It may work later. */
      retry: boolean;
      /** Not before so many ms. */
      retryAfterMs?: number;
      /** The receiver is gone for good: the subscription is switched off. */
      gone?: boolean;
    };

/** A way to tell somebody. The same message may come more than once; its id stays the same. */
export interface Channel {
  id: ChannelId;
  /** Never throws. */
  send(envelope: Envelope): Promise<Delivery>;
}

/** Title and text in the language wanted; both, one below the other. */
export function wordsOf({ message, language }: Pick<Envelope, 'message' | 'language'>): {
  title: string;
  text: string;
} {
  if (language !== 'both') return { title: message.title[language], text: message.text[language] };
  return {
    title: message.title.zh,
    text: [message.text.zh, message.title.en, message.text.en].filter((line) => line !== '').join('\n'),
  };
}
