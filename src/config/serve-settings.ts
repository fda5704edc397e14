/**
 * What can be set about the HTTP server: the rows of the table `[serve]`.
 */
import { setting } from './setting.ts';
import { listenAddress, path } from './value-types.ts';

export const serveSettings = {
  listen: setting({
    key: 'serve.listen',
    flag: 'listen',
    argument: 'ADDR:PORT',
    schema: listenAddress.optional(),
    fallback: undefined,
    fallbackText: '127.0.0.1:9180; run serves only where it is set',
    help: 'Where serve answers over HTTP. Any address but one of loopback needs serve.certificate and serve.token_file.',
  }),
  serveCertificate: setting({
    key: 'serve.certificate',
    flag: 'serve-certificate',
    argument: 'FILE',
    schema: path.optional(),
    fallback: undefined,
    fallbackText: 'none, which is plain HTTP',
    help: 'The certificate for HTTPS, in PEM, with those that lead to its authority. It is read again when it has changed.',
  }),
  serveKey: setting({
    key: 'serve.key',
    flag: 'serve-key',
    argument: 'FILE',
    schema: path.optional(),
    fallback: undefined,
    fallbackText: '$CREDENTIALS_DIRECTORY/serve-key',
    help: 'Its private key, in PEM, in a file that not every user of the machine can read.',
  }),
  serveTokenFile: setting({
    key: 'serve.token_file',
    flag: 'serve-token-file',
    argument: 'FILE',
    schema: path.optional(),
    fallback: undefined,
    fallbackText: '$CREDENTIALS_DIRECTORY/serve-token where that is, else none',
    help: 'The file with the token that whoever asks has to have, of 16 characters at least.',
  }),
};
