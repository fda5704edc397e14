/**
 * Which subcommands there are.
 */
import { checkCommand } from '#cli/commands/check-command.ts';
import { collectCommand } from '#cli/commands/collect-command.ts';
import type { Command } from './command.ts';
import { doctorCommand } from '#cli/commands/doctor-command.ts';
import { fetchCommand } from '#cli/commands/fetch-command.ts';
import { importCommand } from '#cli/commands/import-command.ts';
import { importConfigCommand } from '#cli/commands/import-config-command.ts';
import { inboundCommand } from '#cli/commands/inbound-command.ts';
import { maptestCommand } from '#cli/commands/maptest-command.ts';
import { notifyCommand } from '#cli/commands/notify-command.ts';
import { publishCommand } from '#cli/commands/publish-command.ts';
import { readCommand } from '#cli/commands/read-command.ts';
import { reportCommand } from '#cli/commands/report-command.ts';
import { requeueCommand } from '#cli/commands/requeue-command.ts';
import { runCommand } from '#cli/commands/run-command.ts';
import { sendCommand } from '#cli/commands/send-command.ts';
import { serveCommand } from '#cli/commands/serve-command.ts';
import { setupCommand } from '#cli/commands/setup-command.ts';
import { showCommand } from '#cli/commands/show-command.ts';
import { statusCommand } from '#cli/commands/status-command.ts';
import { suppressCommand } from '#cli/commands/suppress-command.ts';
import { watchCommand } from '#cli/commands/watch-command.ts';

export const commands: readonly Command[] = [
  setupCommand,
  doctorCommand,
  collectCommand,
  fetchCommand,
  publishCommand,
  reportCommand,
  sendCommand,
  runCommand,
  serveCommand,
  watchCommand,
  requeueCommand,
  suppressCommand,
  statusCommand,
  showCommand,
  checkCommand,
  readCommand,
  inboundCommand,
  notifyCommand,
  maptestCommand,
  importCommand,
  importConfigCommand,
];
