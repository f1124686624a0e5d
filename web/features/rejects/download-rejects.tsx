import { Loader, Modal, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { downloadRejects } from '../../api/loads.ts';
import { number } from '../../time.ts';
import { Failure } from '../../ui/answer.tsx';
import type { Language } from '../../url-state.ts';

const SHORTEST_PURPOSE = 4;

/** Asks what the rows are wanted for, then fetches them as a file. */
export function DownloadRejects({ load, count, lang }: { load: number; count: number; lang: Language }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const [purpose, setPurpose] = useState('');
  const [isMaking, setIsMaking] = useState(false);
  const [outcome, setOutcome] = useState<{ name: string } | { error: Error } | null>(null);
  const isStated = purpose.trim().length >= SHORTEST_PURPOSE;

  async function download() {
    setIsMaking(true);
    setOutcome(null);
    try {
      const { name, blob } = await downloadRejects(load, purpose.trim());
      const url = URL.createObjectURL(blob);
      const link = document.createElement('a');
      link.href = url;
      link.download = name;
      link.click();
      // The browser reads the blob when the click is over.
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
      setOutcome({ name });
    } catch (error) {
      setOutcome({ error: error instanceof Error ? error : new Error(String(error)) });
    } finally {
      setIsMaking(false);
    }
  }

  return (
    <>
      <button
        type="button"
        className="om-button om-button-strong"
        onClick={() => {
          setOutcome(null);
          setIsOpen(true);
        }}
      >
        {t('data.download')}
      </button>
      <Modal
        opened={isOpen}
        onClose={() => setIsOpen(false)}
        title={t('data.downloadTitle', { id: load })}
        closeButtonProps={{ 'aria-label': t('panel.close') }}
        centered
        // Taken here, so that Esc closes the dialog and nothing of the view behind it.
        closeOnEscape={false}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.preventDefault();
          setIsOpen(false);
        }}
      >
        <form
          className="om-download"
          onSubmit={(event) => {
            event.preventDefault();
            if (isStated && !isMaking) void download();
          }}
        >
          <p>
            {t('data.downloadText', {
              count: number(count, lang),
              command: `npm run etl -- correct ${load} FILE`,
            })}
          </p>
          <p>{t('data.downloadMasked')}</p>
          <Textarea
            label={t('data.purpose')}
            placeholder={t('data.purposeExample')}
            value={purpose}
            maxLength={500}
            autosize
            minRows={2}
            data-autofocus
            onChange={(event) => setPurpose(event.currentTarget.value)}
          />
          <p className="om-dim om-small">{t('data.downloadAudit')}</p>
          <div className="om-actions">
            <button
              type="submit"
              className="om-button om-button-strong"
              disabled={!isStated}
              aria-disabled={isMaking || undefined}
            >
              {isMaking ? t('data.making') : t('data.download')}
            </button>
            <button type="button" className="om-button" onClick={() => setIsOpen(false)}>
              {t(outcome && 'name' in outcome ? 'panel.close' : 'data.cancel')}
            </button>
            {isMaking && <Loader size="sm" aria-hidden="true" />}
          </div>
          <div role="status">
            {outcome && 'name' in outcome && <p>{t('data.downloaded', { name: outcome.name })}</p>}
            {outcome && 'error' in outcome && <Failure error={outcome.error} />}
          </div>
        </form>
      </Modal>
    </>
  );
}
