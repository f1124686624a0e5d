import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { readFilter } from '../../api/counts.ts';
import { ApiError } from '../../api/request.ts';
import { readNode, type FilterNode } from '../../filter.ts';

export interface Cql2BoxProps {
  layer: string;
  at: string | null;
  /** The filter as the server writes it; null where CQL2 cannot say it; undefined until it is known. */
  written: string | null | undefined;
  onChange: (tree: FilterNode | undefined) => void;
}

/** The filter as CQL2 text, in step with the tree: what is typed becomes the tree when it is taken over, and the other way round. */
export function Cql2Box({ layer, at, written, onChange }: Cql2BoxProps) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isReading, setIsReading] = useState(false);
  const text = draft ?? (written === 'TRUE' ? '' : (written ?? ''));
  const isChanged = draft !== null && draft !== written;

  async function take() {
    setIsReading(true);
    setProblem(null);
    try {
      const { filter } = text.trim() === '' ? { filter: {} } : await readFilter(layer, text, 'cql2-text', at);
      onChange(readNode(filter) ?? undefined);
      setDraft(null);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.status === 0 ? t('state.unreachable') : t('filter.wrong', { reason: error.message }));
    } finally {
      setIsReading(false);
    }
  }

  return (
    <details className="om-cql2">
      <summary>{t('filter.cql2')}</summary>
      <Textarea
        size="xs"
        autosize
        minRows={2}
        maxRows={8}
        spellCheck={false}
        aria-label={t('filter.cql2')}
        placeholder="floors >= 10 AND usage = 'residential'"
        classNames={{ input: 'om-code' }}
        value={text}
        error={problem ?? undefined}
        onChange={(event) => {
          setDraft(event.currentTarget.value);
          setProblem(null);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            void take();
          } else if (event.key === 'Escape' && isChanged) {
            event.preventDefault();
            setDraft(null);
            setProblem(null);
          }
        }}
      />
      {written === null && draft === null && <p className="om-dim">{t('filter.cql2.none')}</p>}
      {isChanged && (
        <div className="om-actions">
          <button type="button" className="om-button" disabled={isReading} onClick={() => void take()}>
            {t('filter.cql2.take')} (Ctrl+Enter)
          </button>
          <button
            type="button"
            className="om-button"
            onClick={() => {
              setDraft(null);
              setProblem(null);
            }}
          >
            {t('filter.cql2.drop')}
          </button>
        </div>
      )}
    </details>
  );
}
