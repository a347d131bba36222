// The paths to a goal, as docs/api.md has them.

import { owned } from '../api';
import { query, type View } from '../url';

export interface PathRow { pages: string[]; visitors: number }

export interface GoalPaths {
  visitors: number;
  paths: PathRow[];
  other: number;
  undecided_days?: number;
  unavailable?: boolean;
}

export function pathsAddress(site: number, asked: View, goal: string): string {
  const params = query({ ...asked, compare: 'none', compareFrom: null });
  params.set('goal', goal);
  return `/api/v1/sites/${site}/paths?${params}`;
}

export const askPaths = (site: number, asked: View, goal: string, signal: AbortSignal) => owned<GoalPaths>('GET', pathsAddress(site, asked, goal), undefined, signal);
