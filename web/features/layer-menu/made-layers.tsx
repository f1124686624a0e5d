import { TextInput } from '@mantine/core';
import { useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { LayerSummary } from '../../../server/app.ts';
import { deleteUserLayer, renameUserLayer, restoreUserLayer, useUserLayers } from '../../api/results.ts';
import { pick } from '../../i18n/i18n.ts';
import { dateTime } from '../../time.ts';
import { Failure } from '../../ui/answer.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import type { Language } from '../../url-state.ts';

export interface MadeLayersProps {
  /** Those that match what is searched for. */
  layers: readonly LayerSummary[];
  isOpen: boolean;
  /** Nothing is searched for: those that were deleted and can be taken back are listed, too. */
  isWhole: boolean;
  lang: Language;
  /** A layer as in the rest of the tree, with what else can be done with it. */
  row: (layer: LayerSummary, actions?: ReactNode) => ReactNode;
  onChanged: () => Promise<void>;
  onRemoved: (id: string) => void;
}

/** Layers that were made or imported: one's own can be renamed, deleted and taken back. */
export function MadeLayers({ layers, isOpen, isWhole, lang, row, onChanged, onRemoved }: MadeLayersProps) {
  const { t } = useTranslation();
  const made = useUserLayers();
  const [renamed, setRenamed] = useState<string | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const known = new Map((made.data ?? []).map((layer) => [layer.id, layer]));
  const isOwn = ({ id }: LayerSummary) => known.get(id)?.own === true;
  const deleted = isWhole ? (made.data ?? []).filter(({ own, deletedAt }) => own && deletedAt !== null) : [];
  const others = layers.filter((layer) => !isOwn(layer));

  async function change(work: () => Promise<unknown>) {
    setError(null);
    try {
      await work();
      await Promise.all([made.refetch(), onChanged()]);
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  }
  const newestFirst = (a: LayerSummary, b: LayerSummary) =>
    (known.get(b.id)?.createdAt ?? '').localeCompare(known.get(a.id)?.createdAt ?? '');
  return (
    <details className="om-made" open={isOpen || undefined} data-testid="made-layers">
      <summary>
        {t('menu.made')} <span className="om-count">{layers.length}</span>
      </summary>
      {error && <Failure error={error} />}
      {layers.length === 0 && deleted.length === 0 && <p className="om-hint">{t('menu.made.none')}</p>}
      <ul className="om-layers">
        {layers
          .filter(isOwn)
          .toSorted(newestFirst)
          .map((layer) =>
            row(
              layer,
              renamed === layer.id ? (
                <Rename
                  title={pick(layer.title, lang)}
                  onCancel={() => setRenamed(null)}
                  onRename={(title) => {
                    setRenamed(null);
                    void change(() => renameUserLayer(layer.id, title));
                  }}
                />
              ) : (
                <Actions
                  layer={layer}
                  lang={lang}
                  onRename={() => setRenamed(layer.id)}
                  onDelete={() =>
                    void change(async () => {
                      await deleteUserLayer(layer.id);
                      onRemoved(layer.id);
                    })
                  }
                />
              ),
            ),
          )}
        {deleted.map(({ id, title, restorableUntil }) => (
          <li key={id} className="om-layer om-layer-deleted" data-layer={id}>
            <p role="status">
              {t('menu.made.deleted', {
                layer: pick(title, lang),
                until: restorableUntil === null ? '' : dateTime(Date.parse(restorableUntil), lang),
              })}{' '}
              <button
                type="button"
                className="om-link"
                aria-label={t('menu.made.restore.of', { layer: pick(title, lang) })}
                onClick={() => void change(() => restoreUserLayer(id))}
              >
                {t('menu.made.restore')}
              </button>
            </p>
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <div className="om-branch">
          {others.length < layers.length && <h3>{t('menu.made.others')}</h3>}
          <ul className="om-layers">{others.map((layer) => row(layer))}</ul>
        </div>
      )}
    </details>
  );
}

function Actions(props: { layer: LayerSummary; lang: Language; onRename: () => void; onDelete: () => void }) {
  const { layer, lang, onRename, onDelete } = props;
  const { t } = useTranslation();
  const title = pick(layer.title, lang);
  return (
    <span className="om-layer-actions">
      <button
        type="button"
        className="om-link"
        aria-label={t('menu.made.rename.of', { layer: title })}
        onClick={onRename}
      >
        {t('menu.made.rename')}
      </button>
      <CopyButton
        className="om-link"
        label={t('menu.made.share')}
        name={t('menu.made.share.of', { layer: title })}
        text={() => new URL(`/plan?layers=${layer.id}${lang === 'zh' ? '' : `&lang=${lang}`}`, location.href).href}
      />
      <button
        type="button"
        className="om-link"
        aria-label={t('menu.made.delete.of', { layer: title })}
        onClick={onDelete}
      >
        {t('menu.made.delete')}
      </button>
    </span>
  );
}

function Rename(props: { title: string; onRename: (title: string) => void; onCancel: () => void }) {
  const { title, onRename, onCancel } = props;
  const { t } = useTranslation();
  const [text, setText] = useState(title);
  const isFocused = useRef(false);
  return (
    <form
      className="om-rename"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== '') onRename(text.trim());
      }}
    >
      <TextInput
        size="xs"
        aria-label={t('menu.made.name')}
        value={text}
        maxLength={100}
        ref={(input) => {
          // Whoever asked for another name wants to write it.
          if (input === null || isFocused.current) return;
          isFocused.current = true;
          input.select();
        }}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.preventDefault();
          onCancel();
        }}
      />
      <button type="submit" className="om-button" disabled={text.trim() === ''}>
        {t('menu.made.save')}
      </button>
      <button type="button" className="om-link" onClick={onCancel}>
        {t('menu.made.cancel')}
      </button>
    </form>
  );
}
