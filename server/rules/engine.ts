import type { RuleInput, Transition } from './event.ts';
import { clearGate, elapseGate, isSpent, signalGate, type Gate, type GateOptions } from './gate.ts';
import type { AnyMachine, Say } from './machines/machine.ts';

/** What the engine knows of a sensor, a cell, a vehicle or an incident. Plain JSON. */
export interface Part {
  /** The part has been led up to here, ms since 1970: its time does not go back. */
  now: number;
  state: unknown;
  /** The alarms of its originators; those as if there had never been one are left out. */
  gates: Readonly<Record<string, Gate>>;
}

/**
 * What a rule knows. Parts do not know of each other, so that those which an input concerns are all that must be there:
 * others may be left where they are kept.
 */
export interface RuleState {
  /** ms since 1970. The rule knows nothing of what was before. */
  startedAt: number;
  parts: ReadonlyMap<string, Part>;
}

/** A rule as the engine runs it: `compile-rule.ts`. */
export interface RunnableRule {
  machine: AnyMachine;
  gate: GateOptions;
  /**
   * Inputs may come out of order, and each part is led by its own: then parts that are idle are remembered all the same,
   * since what is older than their last input is late.
   */
  isDirect: boolean;
}

export interface Step {
  state: RuleState;
  transitions: Transition[];
  /** Inputs that were older than what their part had seen, and were left out. */
  late: RuleInput[];
}

/** The state of a rule that is switched on at a moment. */
export function startRule(rule: RunnableRule, at: number): RuleState {
  return { startedAt: at, parts: new Map(rule.machine.initial.map((name) => [name, freshPart(rule, at)])) };
}

function freshPart({ machine }: RunnableRule, startedAt: number): Part {
  return { now: startedAt, state: machine.fresh(startedAt), gates: {} };
}

/** When time alone changes a part; null: never. */
export function dueOf({ machine, isDirect }: RunnableRule, { now, state, gates }: Part): number | null {
  let due = machine.due(state) ?? Infinity;
  for (const { wait, notBefore } of Object.values(gates)) {
    if (wait) due = Math.min(due, wait.until);
    // So that the part can be forgotten.
    else if (notBefore !== undefined && !isDirect) due = Math.min(due, notBefore);
  }
  return due === Infinity ? null : Math.max(due, now);
}

/** The part that an input concerns; null: the rule does not look at it. */
export function partOf({ machine }: RunnableRule, input: RuleInput): string | null {
  if (input.kind === 'tick') return null;
  if (input.kind === 'cleared') return machine.partOfOriginator?.(input.originator) ?? input.originator;
  return machine.partOf(input);
}

/**
 * The one engine, of the live service and of the back-test: takes inputs, those of a part in the order of time, and says which
 * alarms begin, are met again and end. Pure: all time comes with the inputs, and `state` is not changed.
 *
 * What falls due between two inputs is dealt with at the very moment it falls due, before an input of that moment. Hence it
 * does not matter in which portions inputs come, nor how many ticks are between them: a tick only says that time has passed
 * and that nothing earlier is waited for.
 */
export function step(rule: RunnableRule, state: RuleState, inputs: Iterable<RuleInput>): Step {
  const { machine } = rule;
  const transitions: Transition[] = [];
  const late: RuleInput[] = [];
  const emit = (transition: Transition): void => void transitions.push(transition);
  const parts = new Map(state.parts);

  /** A turn of the machine at a moment, and what it says to the gates. */
  const turn = (part: Part, at: number, move: (say: Say) => unknown): Part => {
    let { gates } = part;
    const next = move((signal, time, originator, detail) => {
      const gate = signalGate(gates[originator] ?? {}, rule.gate, signal, time, originator, detail, emit);
      gates = { ...gates, [originator]: gate };
    });
    return { now: at, state: next, gates };
  };

  /** Lets time pass for a part. What ends at a moment is dealt with before what waited for that moment. */
  const pass = (name: string, part: Part, at: number): Part => {
    let current = part;
    for (;;) {
      const due = dueOf(rule, current);
      if (due === null || due > at) return current;
      const own = machine.due(current.state);
      current =
        own !== null && own <= due
          ? turn(current, due, (say) => machine.elapse(current.state, name, due, say))
          : { ...current, now: due, gates: elapseGates(current.gates, due) };
    }
  };

  const elapseGates = (gates: Part['gates'], at: number): Part['gates'] => {
    const next: Record<string, Gate> = {};
    for (const [originator, gate] of Object.entries(gates)) {
      const isDue = gate.wait !== undefined && gate.wait.until <= at;
      const after = isDue ? elapseGate(gate, rule.gate, at, originator, emit) : gate;
      if (!isSpent(after, at)) next[originator] = after;
    }
    return next;
  };

  const keep = (name: string, part: Part): void => {
    const hasSpent = Object.values(part.gates).some((gate) => isSpent(gate, part.now));
    const gates = hasSpent
      ? Object.fromEntries(Object.entries(part.gates).filter(([, gate]) => !isSpent(gate, part.now)))
      : part.gates;
    if (!rule.isDirect && machine.isIdle(part.state) && Object.keys(gates).length === 0) parts.delete(name);
    else parts.set(name, hasSpent ? { ...part, gates } : part);
  };

  for (const input of inputs) {
    if (input.at < state.startedAt) continue;
    if (input.kind === 'tick') {
      for (const [name, part] of parts) {
        const passed = pass(name, part, input.at);
        if (passed !== part) keep(name, passed);
      }
      continue;
    }
    const name = partOf(rule, input);
    if (name === null) continue;
    const known = parts.get(name) ?? freshPart(rule, state.startedAt);
    if (input.at < known.now) {
      late.push(input);
      continue;
    }
    const part = pass(name, known, input.at);
    if (input.kind === 'cleared') {
      const gate = clearGate(part.gates[input.originator] ?? {}, rule.gate, input.at, input.originator, emit);
      keep(name, { ...part, now: input.at, gates: { ...part.gates, [input.originator]: gate } });
    } else {
      keep(
        name,
        turn(part, input.at, (say) => machine.take(part.state, name, input, say)),
      );
    }
  }
  return { state: { startedAt: state.startedAt, parts }, transitions, late };
}

/** By time, and by originator where the time is the same: what one originator does stays in its order. */
export function inOrder(transitions: readonly Transition[]): Transition[] {
  return transitions.toSorted(
    (a, b) => a.at - b.at || (a.originator < b.originator ? -1 : a.originator > b.originator ? 1 : 0),
  );
}
