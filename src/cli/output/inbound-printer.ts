/**
 * Shows what read finds as it finds it, in the form that is asked for.
 */
import type { BounceCounts, StoredCounts } from '#events/read-events.ts';
import type { InboundReading } from '#pipeline/read/inbound-reading.ts';
import { ShellCommands } from '#pipeline/check/shell-commands.ts';
import type { Invocation } from '#cli/command.ts';
import type { KeptCounts } from '#cli/wiring/kept-readings.ts';
import { Explanations } from './inbound-explanation.ts';
import { bounceText } from './bounce-text.ts';
import { inboundCsv, inboundCsvHeader } from './inbound-csv.ts';
import { inboundJson } from './inbound-json.ts';
import { inboundText } from './inbound-text.ts';
import { JsonArrayText } from './json-text.ts';

export interface ReadingPrinter {
  /** Resolves when it can show the next one. */
  show(reading: InboundReading): Promise<void>;
  /** When there is nothing more; `counts` where what was found was to be kept. */
  end(counts?: KeptCounts): void;
}

type Output = Pick<Invocation, 'print' | 'printed' | 'given' | 'paint' | 'settings'>;

export function readingPrinter(output: Output): ReadingPrinter {
  if (output.given.has('json')) return jsonPrinter(output);
  return output.given.has('csv') ? csvPrinter(output) : textPrinter(output);
}

function jsonPrinter({ print, printed }: Output): ReadingPrinter {
  const array = new JsonArrayText();
  return {
    show: async (reading) => {
      if (reading.kind === 'passed-over') return;
      for (const text of array.next(inboundJson(reading))) {
        print(text);
        await printed();
      }
    },
    end: () => {
      print(array.end());
    },
  };
}

function csvPrinter({ print, printed }: Output): ReadingPrinter {
  print(inboundCsvHeader);
  return {
    show: async (reading) => {
      if (reading.kind !== 'report') return;
      for (const rows of inboundCsv(reading)) {
        print(rows);
        await printed();
      }
    },
    end: () => undefined,
  };
}

function textPrinter({ print, printed, paint, given, settings }: Output): ReadingPrinter {
  const explanations = new Explanations(new ShellCommands(settings.dnsServers));
  let [passedOver, known] = [0, 0];
  return {
    show: async (reading) => {
      if (reading.kind === 'passed-over') passedOver += 1;
      if (reading.kind === 'unreadable' && reading.isKnown === true) known += 1;
      if (reading.kind === 'bounce') print(bounceText(reading, paint));
      if (reading.kind !== 'report') return;
      print(inboundText(reading, { paint, withRemarks: given.has('lint') }));
      if (given.has('explain')) explanations.add(reading.report);
      await printed();
    },
    end: (counts) => {
      print(explanations.text());
      if (passedOver > 0)
        print(`${String(passedOver)} passed over that ${passedOver === 1 ? 'is no report' : 'are no reports'}.\n`);
      if (known > 0) print(`${String(known)} marked as seen that cannot be read.\n`);
      if (counts) print(storedText(counts.reports) + notedText(counts.bounces));
    },
  };
}

function storedText({ stored, known, tooOld, notStored }: StoredCounts): string {
  const others = [
    [known, 'stored before'],
    [tooOld, 'older than keep_inbound_days'],
    [notStored, 'that could not be stored'],
  ] as const;
  return `${String(stored)} stored${told(others)}.\n`;
}

/** Nothing where there were none. */
function notedText({ noted, known, unknown, notNoted }: BounceCounts): string {
  const others = [
    [known, 'that change nothing any more'],
    [unknown, 'of no delivery that is known'],
    [notNoted, 'that could not be noted'],
  ] as const;
  if (noted + known + unknown + notNoted === 0) return '';
  return `${String(noted)} ${noted === 1 ? 'bounce' : 'bounces'} noted${told(others)}.\n`;
}

function told(others: readonly (readonly [count: number, what: string])[]): string {
  return others
    .filter(([count]) => count > 0)
    .map(([count, what]) => `, ${String(count)} ${what}`)
    .join('');
}
