import { setTimeout as pause } from 'node:timers/promises';
import { Refused, type Sender } from '../replay/sender.ts';

/** An incident as staff know it. */
export interface Case {
  id: number;
  stage: string;
  category: string;
}

interface Choice {
  /** Move of the workflow. */
  move: string;
  weight: number;
}

interface Habit {
  /** Part of the whole time from report to end that passes here, on average. */
  share: number;
  choices: readonly Choice[];
}

/** What simulated staff do with an incident, by the stage it is in. */
const habits: Readonly<Record<string, Habit>> = {
  collected: {
    share: 0.06,
    choices: [
      { move: 'register', weight: 86 },
      { move: 'verify', weight: 8 },
      { move: 'reject', weight: 3 },
      { move: 'self_handle', weight: 3 },
    ],
  },
  verifying: {
    share: 0.05,
    choices: [
      { move: 'confirm', weight: 90 },
      { move: 'reject', weight: 10 },
    ],
  },
  registered: { share: 0.05, choices: [{ move: 'dispatch', weight: 1 }] },
  dispatched: {
    share: 0.08,
    choices: [
      { move: 'accept', weight: 95 },
      { move: 'return', weight: 5 },
    ],
  },
  handling: {
    share: 0.5,
    choices: [
      { move: 'report_done', weight: 93 },
      { move: 'request_extension', weight: 4 },
      { move: 'suspend', weight: 3 },
    ],
  },
  extending: {
    share: 0.05,
    choices: [
      { move: 'grant_extension', weight: 80 },
      { move: 'refuse_extension', weight: 20 },
    ],
  },
  suspended: { share: 0.3, choices: [{ move: 'resume', weight: 1 }] },
  feedback: {
    share: 0.08,
    choices: [
      { move: 'request_check', weight: 97 },
      { move: 'send_back', weight: 3 },
    ],
  },
  checking: {
    share: 0.13,
    choices: [
      { move: 'pass', weight: 94 },
      { move: 'rework', weight: 6 },
    ],
  },
  checked: { share: 0.05, choices: [{ move: 'close', weight: 1 }] },
};

/** Departments that deal with categories, by how the code begins; the longest beginning counts. */
const RESPONSIBLE: readonly (readonly [string, string])[] = [
  ['02', 'transport'],
  ['08', 'housing_construction'],
  ['0109', 'housing_construction'],
  ['06025', 'water_affairs'],
  ['06026', 'water_affairs'],
  ['06027', 'ecology'],
  ['06028', 'ecology'],
  ['0900', 'urban_management'],
  ['09009', 'public_security'],
  ['09012', 'emergency'],
  ['Z01', 'civil_affairs'],
  ['Z02', 'emergency'],
  ['Z03', 'public_security'],
  ['Z04', 'civil_affairs'],
  ['Z08', 'market_regulation'],
  ['Z09', 'emergency'],
  ['Z0902', 'water_affairs'],
  ['Z0908', 'public_security'],
];

/** Whether staff have anything left to do in a stage. */
function isWorkedOn(stage: string): boolean {
  return Object.hasOwn(habits, stage);
}

/** ms until somebody takes up an incident that has entered a stage, when all of it takes `whole` ms on average. */
function delayIn(stage: string, whole: number): number {
  return (habits[stage]?.share ?? 0) * whole * -Math.log(1 - Math.random());
}

/** What somebody does in a stage: the body of a move. `isPlain` leaves only the usual way. */
function choose({ stage, category }: Case, isPlain: boolean): Record<string, unknown> {
  const { choices = [] } = habits[stage] ?? {};
  let left = Math.random() * choices.reduce((sum, { weight }) => sum + weight, 0);
  const chosen = choices.find(({ weight }) => (left -= weight) < 0);
  const move = (isPlain ? choices[0] : (chosen ?? choices[0]))?.move;
  return {
    move,
    reason: '模拟',
    ...(move === 'dispatch' ? { department: responsibleFor(category) } : {}),
    // In the unit of the limit: never more than the shortest limit allows.
    ...(move === 'request_extension' ? { amount: 0.5 } : {}),
  };
}

function responsibleFor(category: string): string {
  let best: readonly [string, string] = ['', 'urban_management'];
  for (const rule of RESPONSIBLE) if (category.startsWith(rule[0]) && rule[0].length > best[0].length) best = rule;
  return best[1];
}

export interface StaffOptions {
  sender: Sender;
  /** ms from the report to the end of an incident, on average. */
  whole: number;
  /** With more open than this staff hurry. */
  most: number;
}

/** How often staff look at what is due, ms. */
const BEAT_MS = 200;
/** Moves under way at a time. */
const AT_ONCE = 8;
/** Part of what is closed that is rated. */
const RATED = 0.35;

/** Everybody who works on incidents: takes each through the stages at its own pace, sometimes by a detour. */
export class Staff {
  private readonly options: StaffOptions;
  /** When somebody turns to it next, ms since 1970. */
  private readonly cases = new Map<number, Case & { at: number }>();

  constructor(options: StaffOptions) {
    this.options = options;
  }

  /** Incidents they have. */
  get size(): number {
    return this.cases.size;
  }

  take(known: Case): void {
    if (!isWorkedOn(known.stage)) {
      this.cases.delete(known.id);
      return;
    }
    const { whole, most } = this.options;
    const delay = delayIn(known.stage, whole) / (this.cases.size > most ? 4 : 1);
    this.cases.set(known.id, { ...known, at: Date.now() + delay });
  }

  /** Works until `signal`. @throws when the API stays away */
  async work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const now = Date.now();
      const due = [...this.cases.values()].filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at);
      const isBusy = this.cases.size > this.options.most;
      await Promise.all(due.slice(0, AT_ONCE).map((known) => this.move(known, isBusy)));
      if (due.length <= AT_ONCE) await pause(BEAT_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async move(known: Case, isPlain: boolean): Promise<void> {
    const { sender } = this.options;
    try {
      const moved = await sender.post<Case>(`/api/incidents/${known.id}/moves`, choose(known, isPlain));
      if (moved.stage === 'closed' && Math.random() < RATED) {
        const score = [4, 4, 3, 3, 3, 3, 2, 1][Math.floor(Math.random() * 8)];
        await sender.post(`/api/incidents/${known.id}/satisfaction`, { score });
      }
      this.take({ ...known, stage: moved.stage });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      // Somebody else has moved it, or a condition is not met: look again, and go the plain way.
      const now = await sender.get<Case>(`/api/incidents/${known.id}`);
      if (isPlain && now.stage === known.stage) this.cases.delete(known.id);
      else if (now.stage !== known.stage) this.take({ ...known, stage: now.stage });
      else await this.move(known, true);
    }
  }
}
