/**
 * Changes mails at places in their bytes, so that all others stay what they were. Implements the port of read.
 */
import type { MailEditor } from '#pipeline/read/mail-editor.ts';
import { addText } from './add-text.ts';
import { addField, removeField } from './edit-header.ts';

export const byteMailEditor: MailEditor = { addField, addText, removeField };
