/**
 * What can be set about mailboxes on servers: the rows of the table `[read]`.
 */
import { z } from 'zod';
import { setting } from './setting.ts';
import { durationMs, path } from './value-types.ts';

export const readSettings = {
  imapPasswordFile: setting({
    key: 'read.imap_password_file',
    flag: 'imap-password-file',
    argument: 'FILE',
    schema: path.optional(),
    fallback: undefined,
    fallbackText: '$CREDENTIALS_DIRECTORY/imap-password where that is',
    help: 'The file that holds the password for imaps:// and imap:// sources.',
  }),
  imapCa: setting({
    key: 'read.imap_ca',
    flag: 'imap-ca',
    argument: 'FILE',
    schema: path.optional(),
    fallback: undefined,
    fallbackText: 'the public certificate authorities alone',
    help: 'Certificates (PEM) of further authorities to trust for these sources.',
  }),
  imapTls: setting({
    key: 'read.imap_tls',
    flag: 'imap-tls',
    argument: 'WHEN',
    schema: z.enum(['required', 'off'], 'must be required or off'),
    fallback: 'required',
    help: 'Whether imap:// needs STARTTLS: required, or off, which it can be for this machine (localhost) alone.',
  }),
  imapTimeout: setting({
    key: 'read.imap_timeout',
    flag: 'imap-timeout',
    argument: 'TIME',
    schema: durationMs('1s', '1h'),
    fallback: '60s',
    help: 'How long an IMAP server may take for letting us in, and for each of its answers, which are of 1 MB or so.',
  }),
  imapDeadline: setting({
    key: 'read.imap_deadline',
    flag: 'imap-deadline',
    argument: 'TIME',
    schema: durationMs('1s', '1d'),
    fallback: '30m',
    help: 'How long a mailbox may take as a whole, however steadily its server answers.',
  }),
};
