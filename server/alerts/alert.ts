import type { Text } from '../../layers/define.ts';

export const ALERT_STATUSES = ['Actual', 'Exercise', 'System', 'Test', 'Draft'] as const;
export const ALERT_CATEGORIES = [
  'Geo',
  'Met',
  'Safety',
  'Security',
  'Rescue',
  'Fire',
  'Health',
  'Env',
  'Transport',
  'Infra',
  'CBRNE',
  'Other',
] as const;
export const ALERT_URGENCIES = ['Immediate', 'Expected', 'Future', 'Past', 'Unknown'] as const;
export const ALERT_CERTAINTIES = ['Observed', 'Likely', 'Possible', 'Unlikely', 'Unknown'] as const;
export const ALERT_RESPONSES = [
  'Shelter',
  'Evacuate',
  'Prepare',
  'Execute',
  'Avoid',
  'Monitor',
  'Assess',
  'AllClear',
  'None',
] as const;

/** Severity of CAP by level: 1 red, 2 orange, 3 yellow, 4 blue; 0: not said. */
export const CAP_SEVERITIES = ['Unknown', 'Extreme', 'Severe', 'Moderate', 'Minor'] as const;

export type Ring = [number, number][];

/** A part of where a warning holds. Coordinates are lon, lat; only the text of CAP has them the other way round. */
export interface AlertArea {
  description: Text;
  polygons: Ring[];
  /** lon, lat, radius in km. */
  circles: [number, number, number][];
  geocodes: [name: string, value: string][];
}

/** A warning that may be stored, whoever issued it. Times are ISO 8601. */
export interface AlertDraft {
  identifier: string;
  sender: string;
  sent: string;
  origin: 'cap' | 'staff';
  status: (typeof ALERT_STATUSES)[number];
  msgType: 'Alert' | 'Update' | 'Cancel';
  scope: 'Public' | 'Restricted' | 'Private';
  category: string[];
  responseType: string[];
  urgency: string;
  certainty: string;
  severity: number;
  event: Text;
  headline: Text;
  description: Text;
  instruction: Text;
  senderName: string | null;
  effective: string;
  onset: string | null;
  expires: string | null;
  areas: AlertArea[];
  /** `sender,identifier,sent` each. */
  references: string[];
}
