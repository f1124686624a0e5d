import { createTransport } from 'nodemailer';
import type { Channel } from '../channel.ts';
import { TARGETS } from '../contract.ts';

const TIMEOUT_MS = 10_000;

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** E-mail over the server of `SMTP_URL`: plain text and HTML, Chinese and English as wanted. */
export function createEmail(smtpUrl: string, from: string, timeoutMs = TIMEOUT_MS): Channel & { close(): void } {
  const transport = createTransport({
    url: smtpUrl,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
  return {
    id: 'email',
    async send({ message, target, language }) {
      const { to } = TARGETS.email.parse(target);
      const languages = language === 'both' ? (['zh', 'en'] as const) : [language];
      const blocks = languages.map((each) => ({ title: message.title[each], text: message.text[each], each }));
      try {
        await transport.sendMail({
          from,
          to,
          // One line: what is reported could hold others.
          subject: blocks
            .map(({ title }) => title)
            .join(' / ')
            .replaceAll(/\s+/g, ' '),
          // The same message has the same id, by which servers and readers tell repeats.
          messageId: `<${message.id}@onemap>`,
          text: [...blocks.map(({ title, text }) => `${title}\n${text}`), message.link].join('\n\n'),
          html: [
            ...blocks.map(
              ({ title, text, each }) =>
                `<p lang="${each}"><strong>${escapeHtml(title)}</strong><br>${escapeHtml(text)}</p>`,
            ),
            `<p><a href="${escapeHtml(message.link)}">${escapeHtml(message.link)}</a></p>`,
          ].join(''),
          disableFileAccess: true,
          disableUrlAccess: true,
        });
        return { ok: true };
      } catch (cause) {
        const { responseCode, code } = cause as { responseCode?: number; code?: string };
        // 5xx of SMTP is for good, 4xx passes; without an answer the server was away.
        const isFinal = responseCode !== undefined && responseCode >= 500;
        return {
          ok: false,
          retry: !isFinal,
          error: responseCode === undefined ? (code ?? 'failed') : `SMTP ${responseCode}`,
        };
      }
    },
    close: () => transport.close(),
  };
}
