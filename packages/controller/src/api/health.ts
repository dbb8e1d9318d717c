import type { FleetView } from './fleet-view.ts';

/** Why the controller cannot do its work yet, in sentences for people; empty when it can. */
export function notReadyReasons(fleet: FleetView): readonly string[] {
  const reasons = fleet
    .planes()
    .filter((plane) => !plane.connected())
    .map((plane) => `${plane.kind} hub ${plane.hub}: ${plane.problem() ?? 'not connected'}`);
  // A lost store is no reason: the last version is still served, and status says so.
  return fleet.map() === null ? ['no version of the carbon map yet', ...reasons] : reasons;
}
