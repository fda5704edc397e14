/**
 * The yardstick: a process that sends the mails of so many reports through nodemailer's pool, and does nothing else.
 *
 * Arguments: port, mails, connections, and `composed` where the mails are to be ready before the clock starts; otherwise nodemailer
 * composes them as it sends, which is what a program does that has nothing but nodemailer. Prints the seconds that it took.
 */
import { gzipSync } from 'node:zlib';
import nodemailer from 'nodemailer';
import type { SendMailOptions } from 'nodemailer';
import { composeReportMail } from '#adapters/mail/compose-report-mail.ts';
import { reportMailHeaders, reportMailSubject } from '#tlsrpt/report-mail.ts';
import { benchReport, destinationOf } from './send-corpus.ts';

const [, , port, mails, connections, when] = process.argv;
const from = 'tlsrpt@sender.example';
const indices = Array.from({ length: Number(mails) }, (_, index) => index);
const ready = when === 'composed' ? await Promise.all(indices.map(composed)) : undefined;
const pool = nodemailer.createTransport({
  pool: true,
  host: '127.0.0.1',
  port: Number(port),
  ignoreTLS: true,
  maxConnections: Number(connections),
  maxMessages: 1_000,
});
const startedMs = performance.now();
await Promise.all(indices.map((index) => pool.sendMail(ready?.[index] ?? composedByNodemailer(index))));
process.stdout.write(`${String((performance.now() - startedMs) / 1_000)}\n`);
pool.close();

async function composed(index: number): Promise<SendMailOptions> {
  const to = mailboxOf(index);
  return { raw: await composeReportMail(benchReport(index), { from, to, nowMs: 0 }), envelope: { from, to } };
}

function composedByNodemailer(index: number): SendMailOptions {
  const report = benchReport(index);
  return {
    from,
    to: mailboxOf(index),
    subject: reportMailSubject(report),
    headers: Object.fromEntries(reportMailHeaders(report)),
    text: report.summary,
    attachments: [
      { filename: report.fileName, content: gzipSync(report.document), contentType: 'application/tlsrpt+gzip' },
    ],
  };
}

function mailboxOf(index: number): string {
  return destinationOf(index).slice('mailto:'.length);
}
