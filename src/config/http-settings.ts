/**
 * What can be set about sessions that are posted over HTTP: rows of the table `[collect]`.
 */
import { setting } from './setting.ts';
import { flag, list, listenAddress, path } from './value-types.ts';

export const httpSettings = {
  http: setting({
    key: 'collect.http',
    flag: 'http',
    argument: 'ADDR:PORT',
    schema: list(listenAddress),
    fallback: [],
    fallbackText: 'none',
    isList: true,
    help: 'An address on which sessions can be posted over HTTP, as Halon or any MTA does.',
  }),
  httpCertificate: setting({
    key: 'collect.http_certificate',
    flag: 'http-certificate',
    argument: 'FILE',
    schema: path.optional(),
    fallback: undefined,
    fallbackText: 'none: without TLS',
    help: 'The certificate for HTTPS, in PEM, with those that it depends on. What changes in the file is used within a minute.',
  }),
  httpKey: setting({
    key: 'collect.http_key',
    flag: 'http-key',
    argument: 'FILE',
    schema: path.optional(),
    fallback: undefined,
    fallbackText: 'none',
    help: 'The private key of the certificate, in PEM: a file that not every user of the machine can read.',
  }),
  httpCredentials: setting({
    key: 'collect.http_credentials',
    flag: 'http-credentials',
    argument: 'FILE',
    schema: path.optional(),
    fallback: undefined,
    fallbackText: 'none: whoever reaches the address may post',
    help: 'The file that says who may post, one a line, basic USER:PASSWORD or bearer TOKEN: one that not every user of the machine can read.',
  }),
  httpInsecure: setting({
    key: 'collect.http_insecure',
    flag: 'http-insecure',
    argument: undefined,
    schema: flag,
    fallback: false,
    help: 'Let an address that other machines reach be without TLS: what is posted, and the credentials, can be read and changed on the way.',
  }),
  httpSync: setting({
    key: 'collect.http_sync',
    flag: 'sync',
    argument: undefined,
    schema: flag,
    fallback: false,
    help: 'Answer over HTTP only once what was posted would survive loss of power, not only the end of the collector.',
  }),
};
