/**
 * The yardstick: a process that sends so many mails through nodemailer's pool, and does nothing else. Arguments: port, mails, connections.
 *
 * The mails are those that `tlsrpt send` would send, composed beforehand. Prints the seconds that it took.
 */
import nodemailer from 'nodemailer';
import { composeReportMail } from '#adapters/mail/compose-report-mail.ts';
import { benchReport, destinationOf } from './send-corpus.ts';

const [port = 0, mails = 0, connections = 0] = process.argv.slice(2).map(Number);
const from = 'tlsrpt@sender.example';
const prepared = await Promise.all(
  Array.from({ length: mails }, async (_, index) => {
    const to = destinationOf(index).slice('mailto:'.length);
    return { raw: await composeReportMail(benchReport(index), { from, to, nowMs: 0 }), envelope: { from, to } };
  }),
);
const pool = nodemailer.createTransport({
  pool: true,
  host: '127.0.0.1',
  port,
  ignoreTLS: true,
  maxConnections: connections,
  maxMessages: 1_000,
});
const startedMs = performance.now();
await Promise.all(prepared.map((mail) => pool.sendMail(mail)));
process.stdout.write(`${String((performance.now() - startedMs) / 1_000)}\n`);
pool.close();
