import { FileInput, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { startAttach } from '../../api/results.ts';
import type { LayerMakerProps } from './layer-maker-props.ts';
import { SaveForm } from './save-form.tsx';

/** As the service has it. */
const MOST_BYTES = 8_000_000;
const LEVELS = ['grid', 'community', 'town'] as const;
/** Endings that a dialogue for files offers first; the service takes others, too. */
const ENDINGS = '.csv,.tsv,.txt,.xlsx,.xls,.ods,.json';

/** A table of one's own joined to micro-grids, communities or towns by code. */
export function AttachForm({ tool, set, onStarted }: Pick<LayerMakerProps, 'tool' | 'set' | 'onStarted'>) {
  const { t } = useTranslation();
  const [file, setFile] = useState<File | null>(null);
  const [code, setCode] = useState('');
  const [value, setValue] = useState('');
  const level = LEVELS.find((each) => each === tool.options['by']) ?? null;
  const isTooLarge = file !== null && file.size > MOST_BYTES;
  return (
    <SaveForm
      suggested={file === null ? '' : file.name.replace(/\.[A-Za-z0-9]{1,8}$/, '')}
      isPersonal={false}
      canStart={file !== null && !isTooLarge}
      action={t('attach.start')}
      start={({ title }) =>
        startAttach(file as File, {
          title,
          name: (file as File).name,
          level,
          code: code.trim() || null,
          value: value.trim() || null,
        })
      }
      onStarted={(job, title) => {
        setFile(null);
        onStarted(job, title);
      }}
    >
      <FileInput
        size="xs"
        label={t('attach.file')}
        placeholder={t('attach.choose')}
        description={t('attach.file.help')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        accept={ENDINGS}
        clearable
        clearButtonProps={{ 'aria-label': t('attach.clear') }}
        value={file}
        error={isTooLarge ? t('attach.tooLarge') : undefined}
        onChange={setFile}
      />
      <NativeSelect
        size="xs"
        label={t('attach.level')}
        value={level ?? ''}
        data={[
          { value: '', label: t('attach.level.auto') },
          ...LEVELS.map((each) => ({ value: each, label: t(`level.${each}`) })),
        ]}
        onChange={(event) => set({ by: event.currentTarget.value })}
      />
      <details className="om-more">
        <summary>{t('attach.more')}</summary>
        <TextInput
          size="xs"
          label={t('attach.code')}
          placeholder={t('attach.auto')}
          maxLength={200}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <TextInput
          size="xs"
          label={t('attach.value')}
          placeholder={t('attach.value.auto')}
          maxLength={200}
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
        />
      </details>
    </SaveForm>
  );
}
