/**
 * What read tells of sources that cannot be read.
 */
import { event } from './event.ts';
import type { LogEvent } from './event.ts';

export function reportUnreadable(source: string, code: string, why: string): LogEvent {
  return event('warning', 'report-unreadable', `${source} cannot be read: ${why}.`, { source, code, why });
}
