/**
 * Every colour of the dashboard, once. Colour means severity or quantity; everything else is neutral. The map style, the
 * overlays, the charts and the style sheets (through `cssVariables`) all read from here.
 */
import { createTheme } from '@mantine/core';

/** 1 red … 4 blue, 0 an ordinary grid matter. */
export type Severity = 0 | 1 | 2 | 3 | 4;
export const SEVERITIES: readonly Severity[] = [1, 2, 3, 4, 0];

export interface Palette {
  scheme: 'dark' | 'light';
  ui: {
    page: string;
    panel: string;
    raised: string;
    line: string;
    text: string;
    dim: string;
    accent: string;
    onAccent: string;
    good: string;
    warn: string;
    bad: string;
  };
  map: {
    land: string;
    outside: string;
    water: string;
    waterEdge: string;
    green: string;
    farm: string;
    estate: string;
    building: string;
    buildingEdge: string;
    buildingTop: string;
    roadCasing: string;
    /** Edge of expressways and arterials, which keep it from afar. */
    roadMainCasing: string;
    roadMotorway: string;
    roadArterial: string;
    roadSecondary: string;
    roadMinor: string;
    rail: string;
    district: string;
    town: string;
    community: string;
    label: string;
    labelTown: string;
    labelWater: string;
    halo: string;
    cellLine: string;
    selected: string;
    markEdge: string;
  };
  severity: Record<Severity, string>;
  /** Few → many: open load of cells. */
  load: readonly string[];
  /** Few → many: people, enterprises and other counts. */
  count: readonly string[];
  /** Series of charts that are neither severity nor quantity. */
  series: readonly string[];
}

export const dark: Palette = {
  scheme: 'dark',
  ui: {
    page: '#080c11',
    panel: '#0e141b',
    raised: '#16202a',
    line: '#22303d',
    text: '#eaf1f7',
    dim: '#9db0c1',
    accent: '#3fd0b9',
    onAccent: '#04211d',
    good: '#43d17f',
    warn: '#ffc247',
    bad: '#ff6b6b',
  },
  map: {
    land: '#131b23',
    outside: '#0a0f14',
    water: '#0f3148',
    waterEdge: '#1b4f70',
    green: '#1a2622',
    farm: '#171f1d',
    estate: '#18222b',
    building: '#22303c',
    buildingEdge: '#2f4150',
    buildingTop: '#2c3d4b',
    roadCasing: '#0c1218',
    roadMainCasing: '#0c1218',
    roadMotorway: '#8a7c58',
    roadArterial: '#5d6973',
    roadSecondary: '#3e4b56',
    roadMinor: '#2b3843',
    rail: '#5b6b79',
    district: '#7fe3d3',
    town: '#5aa99f',
    community: '#35505a',
    label: '#b9c8d4',
    labelTown: '#eef6fb',
    labelWater: '#5f9cc2',
    halo: '#0b1117',
    cellLine: '#5d7686',
    selected: '#ffffff',
    markEdge: '#ffffffcc',
  },
  severity: { 1: '#ff4b4f', 2: '#ff9130', 3: '#ffd43b', 4: '#4aa8f0', 0: '#a3b1bd' },
  load: ['#1b6a70', '#1f8f8c', '#2fb5a4', '#6bdcc2', '#d3fdf0'],
  count: ['#3b2160', '#6a2c8f', '#a3419f', '#d9699a', '#ffb199'],
  series: ['#3fd0b9', '#8aa4ff', '#c58bf2', '#9db0c1', '#67c7e8'],
};

export const light: Palette = {
  scheme: 'light',
  ui: {
    page: '#eef1f3',
    panel: '#ffffff',
    raised: '#f4f6f8',
    line: '#d6dce1',
    text: '#17212b',
    dim: '#55636f',
    accent: '#0f766e',
    onAccent: '#ffffff',
    good: '#177a45',
    warn: '#8a5a00',
    bad: '#b3261e',
  },
  map: {
    land: '#f5f3ee',
    outside: '#e9ebea',
    water: '#b5d5e6',
    waterEdge: '#94bfd6',
    green: '#d3e6c8',
    farm: '#e6ecd3',
    estate: '#efebe3',
    building: '#e2dcd2',
    buildingEdge: '#d0c8bb',
    buildingTop: '#ece7df',
    roadCasing: '#c6bfb2',
    roadMainCasing: '#c2a163',
    roadMotorway: '#f2bd55',
    roadArterial: '#fce3a6',
    roadSecondary: '#ffffff',
    roadMinor: '#fdfdfb',
    rail: '#a7adb2',
    district: '#0f766e',
    town: '#4d8f88',
    community: '#a9b8b6',
    label: '#46535e',
    labelTown: '#1d2a35',
    labelWater: '#3a7396',
    halo: '#fbfaf7',
    cellLine: '#b9c4c2',
    selected: '#0b1f33',
    markEdge: '#00000066',
  },
  severity: { 1: '#c8171b', 2: '#e06a00', 3: '#e0b100', 4: '#2374ab', 0: '#73808c' },
  load: ['#d9f0ec', '#a5dcd2', '#5fbdae', '#239384', '#0a5f56'],
  count: ['#fde0d2', '#f7ab9c', '#dc6f8b', '#a53f88', '#5c2270'],
  series: ['#0f766e', '#4058c4', '#8a4bb8', '#55636f', '#1f7fa3'],
};

/** System CJK fonts: nothing is fetched. */
export const FONT_FAMILY =
  '"Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif';

export const mantineTheme = createTheme({
  fontFamily: FONT_FAMILY,
  headings: { fontFamily: FONT_FAMILY, fontWeight: '650' },
  primaryColor: 'teal',
  primaryShade: { light: 8, dark: 5 },
  autoContrast: true,
  defaultRadius: 'sm',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
});

/** The palette as custom properties for the style sheets: `--om-text`, `--om-severity-1`, `--om-load-0` … */
export function cssVariables(palette: Palette): Record<string, string> {
  const variables: Record<string, string> = { 'color-scheme': palette.scheme };
  for (const [name, color] of Object.entries(palette.ui)) {
    variables[`--om-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`] = color;
  }
  for (const [severity, color] of Object.entries(palette.severity)) variables[`--om-severity-${severity}`] = color;
  palette.load.forEach((color, index) => (variables[`--om-load-${index}`] = color));
  palette.series.forEach((color, index) => (variables[`--om-series-${index}`] = color));
  return variables;
}

/** `#rrggbb` → deck.gl colour, alpha 0-255. */
export function rgba(hex: string, alpha = 255): [number, number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255, alpha];
}

/** A class of a ramp: counts from `from` to `to` have the colour at `index`. */
export interface RampClass {
  index: number;
  from: number;
  to: number;
}

/**
 * Classes of counts 1 … `max` for a ramp of `steps` colours. Small numbers get a class each, spread over the whole ramp; large
 * ones square-root classes, so that heavy tails (a few busy cells) leave differences visible among the quiet ones.
 */
export function rampClasses(max: number, steps: number): RampClass[] {
  const most = Math.max(1, Math.floor(max));
  if (most <= steps) {
    return Array.from({ length: most }, (_, step) => ({
      index: most === 1 ? Math.floor(steps / 2) : Math.round((step * (steps - 1)) / (most - 1)),
      from: step + 1,
      to: step + 1,
    }));
  }
  const from = Array.from({ length: steps }, (_, step) => Math.max(step + 1, Math.ceil((step / steps) ** 2 * most)));
  return from.map((value, index) => ({ index, from: value, to: (from[index + 1] ?? most + 1) - 1 }));
}

/** Index of the colour of a count; -1 for zero. */
export function rampIndex(count: number, classes: readonly RampClass[]): number {
  if (count <= 0) return -1;
  return classes.findLast(({ from }) => count >= from)?.index ?? classes[0]?.index ?? -1;
}
