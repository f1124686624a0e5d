import type { Detail, Transition } from './event.ts';
import { endOfQuiet, type QuietHours } from './quiet-hours.ts';

/**
 * The alarm of one originator, as the engine remembers it. An originator has at most one open alarm of a rule: what meets
 * it again refreshes it. Nothing is left out when it is as if there had never been one.
 */
export interface Gate {
  open?: true;
  /** Holds, but may not be raised before `until`: quiet hours, or the time after the last alarm. */
  wait?: { until: number; detail: Detail };
  /** No other alarm before. */
  notBefore?: number;
}

export interface GateOptions {
  quiet: QuietHours | null;
  /** ms. */
  coolDown: number;
}

/** What a machine says of an originator: its condition begins to hold, is met once more, ends. */
export type Signal = 'on' | 'again' | 'off';

type Emit = (transition: Transition) => void;

function raise(gate: Gate, options: GateOptions, at: number, originator: string, detail: Detail, emit: Emit): Gate {
  const until = endOfQuiet(options.quiet, Math.max(at, gate.notBefore ?? at));
  if (until > at) return { ...gate, wait: { until, detail } };
  emit({ at, originator, move: 'raised', detail });
  return { open: true };
}

/** Takes a signal; what follows for the alarm is emitted. */
export function signalGate(
  gate: Gate,
  options: GateOptions,
  signal: Signal,
  at: number,
  originator: string,
  detail: Detail,
  emit: Emit,
): Gate {
  if (signal === 'off') return close(gate, options, { at, originator, move: 'cleared', detail }, emit);
  if (gate.open) {
    emit({ at, originator, move: 'refreshed', detail });
    return gate;
  }
  if (gate.wait) return { ...gate, wait: { ...gate.wait, detail } };
  return raise(gate, options, at, originator, detail, emit);
}

/** Somebody cleared the alarm: it comes again only when its condition is met anew. */
export function clearGate(gate: Gate, options: GateOptions, at: number, originator: string, emit: Emit): Gate {
  return close(gate, options, { at, originator, move: 'cleared', detail: { evidence: {} }, byHand: true }, emit);
}

function close(gate: Gate, { coolDown }: GateOptions, transition: Transition, emit: Emit): Gate {
  if (!gate.open) {
    const { wait: _, ...rest } = gate;
    return rest;
  }
  emit(transition);
  return coolDown > 0 ? { notBefore: transition.at + coolDown } : {};
}

/** What waited is raised: to be called at `gate.wait.until`. */
export function elapseGate(gate: Gate, options: GateOptions, at: number, originator: string, emit: Emit): Gate {
  if (gate.wait === undefined) return gate;
  const { wait, ...rest } = gate;
  return raise(rest, options, at, originator, wait.detail, emit);
}

/** True when nothing of it matters after `at`. */
export function isSpent(gate: Gate, at: number): boolean {
  return gate.open === undefined && gate.wait === undefined && (gate.notBefore ?? at) <= at;
}
