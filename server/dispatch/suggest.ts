import type { Role } from '../../layers/access.ts';
import { departments } from '../../layers/departments.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Incident } from '../contract/incidents.ts';
import type { Database } from '../db/connect.ts';
import { COUNTS_AS_OPEN } from '../incidents/counts-as-open.ts';
import { findBodies, type BodyInCharge } from './body-in-charge.ts';
import { ANSWER_WITHIN, type Candidate, type Reasons, type Suggestions } from './contract.ts';
import { findStaff, findStaffById, type FieldStaff } from './field-staff.ts';
import { ruleOf } from './responsibility.ts';
import { rank, UNKNOWN_WAY, type CandidateFacts, type DepartmentFacts, type Scored, type StaffFacts } from './score.ts';

interface Services {
  db: Database;
  catalogue: Catalogue;
}

/** Grid staff that are suggested. */
const MOST_STAFF = 8;

/** Who could deal with an incident, the best first, with the reasons. */
export async function suggest(
  services: Services,
  role: Role,
  incident: Incident,
  now = new Date(),
): Promise<Suggestions> {
  const { db } = services;
  const [found, bodies, answered] = await Promise.all([
    findStaff(services, role, [incident.lon, incident.lat], [incident.grid], now),
    findBodies(services, role, incident),
    readAnswers(db, incident.id),
  ]);
  const loads = await openLoads(
    db,
    bodies.map(({ department }) => department),
  );
  const staff = new Map((found?.staff ?? []).map((each) => [each.id, each]));
  const bodyOf = new Map(bodies.map((each) => [each.department, each]));
  const ranked = rank<CandidateFacts>([
    ...rank([...staff.values()].map((each) => staffFacts(incident, each)))
      .slice(0, MOST_STAFF)
      .map(({ facts }) => facts),
    ...bodies.map((body) => departmentFacts(incident, body, loads.get(body.department) ?? 0)),
  ]);
  return {
    incident: incident.id,
    category: incident.category,
    roads: found?.roads ?? null,
    answerWithin: ANSWER_WITHIN,
    candidates: ranked.map(({ facts, ...scored }, index): Candidate => {
      const common = { id: facts.id, rank: index + 1, answered: answered.get(`${facts.kind}:${facts.id}`) ?? null };
      if (facts.kind === 'department') {
        const body = bodyOf.get(facts.id)!;
        return {
          ...common,
          kind: 'department',
          title: departmentTitle(facts.id),
          reasons: departmentReasons(facts, body, scored),
          at: null,
        };
      }
      const person = staff.get(facts.id)!;
      return {
        ...common,
        kind: 'staff',
        title: { zh: person.name, en: person.name },
        reasons: staffReasons(facts, person, scored),
        at: person.at,
      };
    }),
  };
}

/** Anybody who can be asked though they were not suggested: any department, any of the grid staff. Null: nobody. */
export async function findCandidate(
  services: Services,
  role: Role,
  incident: Incident,
  { kind, id }: { kind: 'staff' | 'department'; id: string },
  now: Date,
): Promise<Pick<Candidate, 'title' | 'reasons'> | null> {
  if (kind === 'department') {
    if (!Object.hasOwn(departments, id)) return null;
    const body: BodyInCharge = { department: id, duty: 'help', owner: null };
    const loads = await openLoads(services.db, [id]);
    const [scored] = rank([departmentFacts(incident, body, loads.get(id) ?? 0)]);
    return { title: departmentTitle(id), reasons: departmentReasons(scored!.facts, body, scored!) };
  }
  const person = await findStaffById(services, role, id, [incident.lon, incident.lat], now);
  if (person === null) return null;
  const [scored] = rank([staffFacts(incident, person)]);
  return {
    title: { zh: person.name, en: person.name },
    reasons: staffReasons(scored!.facts, person, scored!),
  };
}

function departmentTitle(id: string): Candidate['title'] {
  return departments[id]?.title ?? { zh: id, en: id };
}

function staffFacts(incident: Incident, person: FieldStaff): StaffFacts {
  return {
    kind: 'staff',
    id: person.id,
    isFirst: ruleOf(incident.category)?.first === 'staff',
    arrival: person.seconds ?? Math.round(person.metres / UNKNOWN_WAY),
    onShift: person.onShift,
    load: person.tasks,
    sameGrid: person.grid === incident.grid,
    skilled: person.skills.some((beginning) => incident.category.startsWith(beginning)),
  };
}

function staffReasons(facts: StaffFacts, person: FieldStaff, { score, parts }: Scored): Reasons {
  const { onShift, sameGrid, skilled, load } = facts;
  const { seconds, metres, post } = person;
  return { kind: 'staff', score, parts, seconds, metres, onShift, post, sameGrid, skilled, load };
}

function departmentFacts(incident: Incident, { department, duty }: BodyInCharge, load: number): DepartmentFacts {
  const isFirst = ruleOf(incident.category)?.first !== 'staff';
  return { kind: 'department', id: department, isFirst, duty, load };
}

function departmentReasons({ duty, load }: DepartmentFacts, { owner }: BodyInCharge, scored: Scored): Reasons {
  const { score, parts } = scored;
  return { kind: 'department', score, parts, duty, load, owner };
}

/** Open matters of departments. */
async function openLoads({ sql }: Database, ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await sql<{ id: string; n: number }[]>`
    select department as id, count(*)::int4 as n from app.incident
    where ${sql.unsafe(COUNTS_AS_OPEN)} and department = any (${[...ids]}::text[]) group by department`;
  return new Map(rows.map(({ id, n }) => [id, n]));
}

/** What candidates said when they were last asked about an incident; who said nothing was silent. */
async function readAnswers({ sql }: Database, incident: number): Promise<Map<string, 'declined' | 'silent'>> {
  const rows = await sql<{ key: string; declined: boolean }[]>`
    select distinct on (kind, candidate) kind || ':' || candidate as key, declined_at is not null as declined
    from app.dispatch
    where incident_id = ${incident} and (declined_at is not null or escalated_at is not null)
    order by kind, candidate, id desc`;
  return new Map(rows.map(({ key, declined }) => [key, declined ? 'declined' : 'silent']));
}
