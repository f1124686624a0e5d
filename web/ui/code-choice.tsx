import { useTranslation } from 'react-i18next';
import { levelOf, placeText, type PlaceNames } from '../place-names.ts';
import type { Level } from '../url-state.ts';
import { CodesField } from './codes-field.tsx';

interface CodeChoiceProps {
  level: Level;
  codes: readonly string[];
  names: PlaceNames;
  onChange: (codes: string[]) => void;
}

const CODE = /^\d{12}(W\d{3})?$/;

/** Several towns, communities or micro-grids. */
export function CodeChoice({ level, codes, names, onChange }: CodeChoiceProps) {
  const { t } = useTranslation();
  const known = [...names].filter(([code]) => levelOf(code) === level);
  const find = (word: string) => {
    const code = known.find(([each, name]) => each === word || name === word)?.[0] ?? word.toUpperCase();
    return CODE.test(code) && levelOf(code) === level ? [code] : [];
  };
  return (
    <CodesField
      {...{ codes, find, onChange }}
      label={t(`codes.add.${level}`)}
      placeholder={level === 'grid' ? '440604012018W001' : t(`codes.add.${level}`)}
      nameOf={(code) => placeText(code, names)}
      // Choosing from the list is a change to a whole name.
      isChosen={(typed) => known.some(([code, name]) => name === typed || code === typed)}
      options={
        level === 'grid'
          ? []
          : known.filter(([code]) => !codes.includes(code)).map(([code, name]) => ({ key: code, value: name }))
      }
    />
  );
}
