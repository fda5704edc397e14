/**
 * How the state directory fares, for people and for programs.
 */
import type { Health } from '#pipeline/status/read-health.ts';
import type { CollectorNote, CollectorTrouble } from '#store/collector-note.ts';
import type { NotedRun } from '#store/runs.ts';
import { withoutControls } from '#support/without-controls.ts';
import { formatTable } from './table.ts';

export function healthText({ directory, collector, lastDatagramMs, runs }: Health): string {
  const rows = [
    ['state directory', withoutControls(directory)],
    ['collector', collectorText(collector)],
    ['last datagram', timeOf(lastDatagramMs) ?? '-'],
    ['last report', runText(runs.report)],
    ['last send', runText(runs.send)],
  ];
  return formatTable(rows);
}

/** Of the last datagram and of runs that nobody knows, null. */
export function healthJson({ directory, collector, lastDatagramMs, runs }: Health): object {
  return {
    stateDirectory: directory,
    collector: {
      /** Null when the system does not let us look. */
      running: collector.kind === 'unknown' ? null : collector.kind === 'running',
      ...(collector.kind === 'running' ? { holder: collector.holder, ...troubleJson(collector) } : {}),
    },
    lastDatagram: timeOf(lastDatagramMs) ?? null,
    runs: { report: runs.report ?? null, send: runs.send ?? null },
  };
}

function collectorText(collector: Health['collector']): string {
  switch (collector.kind) {
    case 'running':
      return `running, ${withoutControls(collector.holder)}${troubleText(collector)}`;
    case 'none':
      return 'not running';
    case 'unknown':
      return withoutControls(`not known: ${collector.why}`);
  }
}

type Troubles = Pick<CollectorNote, 'trouble' | 'tallyTrouble'>;

function troubleText({ trouble, tallyTrouble }: Troubles): string {
  const said = (what: string, { code, sinceMs }: CollectorTrouble): string =>
    `, cannot ${what} since ${String(timeOf(sinceMs))} (${code})`;
  return `${trouble ? said('write', trouble) : ''}${tallyTrouble ? said('add up', tallyTrouble) : ''}`;
}

/** Each is left out while there is none. */
function troubleJson({ trouble, tallyTrouble }: Troubles): object {
  const shown = ({ code, sinceMs }: CollectorTrouble): object => ({ code, since: timeOf(sinceMs) });
  return { ...(trouble && { trouble: shown(trouble) }), ...(tallyTrouble && { tallyTrouble: shown(tallyTrouble) }) };
}

function runText(run: NotedRun | undefined): string {
  if (!run) return '-';
  const { ended, exitCode, reasons = [] } = run;
  const why = reasons.length === 0 ? '' : ` (${reasons.map(withoutControls).join(', ')})`;
  return `${ended}, exit code ${String(exitCode)}${why}`;
}

function timeOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
