/**
 * Changes mails at places in their bytes, so that all others stay what they were. Implements the port of read.
 */
import type { MailEditor } from '#pipeline/read/mail-editor.ts';
import { addText } from './add-text.ts';
import { addField } from './edit-header.ts';
import { ByteFieldRemoval } from './field-removal.ts';

export const byteMailEditor: MailEditor = {
  addField,
  addText,
  fieldRemoval: (name) => new ByteFieldRemoval(name),
};
