/**
 * The HTTP or HTTPS server to which reports are posted (posting-server.ts), and nothing else is there. Counts what it answers.
 *
 * Problems: http-not-listening.
 */
import type { IncomingMessage } from 'node:http';
import { answerReport } from './answer-report.ts';
import type { ReportOptions } from './answer-report.ts';
import type { ListenAddress, ServerIdentity } from './listen-on.ts';
import { PostingServer } from './posting-server.ts';
import type { PostingLimits, PostingRoom, Reply } from './posting-server.ts';
import { refusals } from './report-answers.ts';
import type { ReportAnswer } from './report-answers.ts';

export interface ReportServerOptions extends Omit<ReportOptions, 'bodies'>, PostingLimits {
  readonly address: ListenAddress;
  /** Undefined: plain HTTP. */
  readonly identity: ServerIdentity | undefined;
  readonly count: (status: number) => void;
}

/** What a file or a mail with a report may have. */
const BODY_LIMITS = { oneBytes: 10_485_760, allBytes: 67_108_864 };

export class ReportServer {
  readonly #options: ReportServerOptions;
  readonly #server: PostingServer;

  constructor(options: ReportServerOptions) {
    this.#options = options;
    this.#server = new PostingServer({
      bodyLimits: BODY_LIMITS,
      ...options,
      addresses: [options.address],
      setting: 'serve.reports_listen',
      answer: (request, room) => this.#answer(request, room),
      whileStopping: () => this.#counted(refusals.stopping),
    });
  }

  /** Returns the address with the port that it got. */
  async listen(): Promise<string> {
    const [address = ''] = await this.#server.listen();
    return address;
  }

  /** For connections that come from now on. */
  renew(identity: ServerIdentity | undefined): void {
    this.#server.renew(identity);
  }

  /** Takes nothing more. Resolves once nothing more will be handed over. */
  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** Once what was taken is answered, or after a moment. */
  finish(): Promise<void> {
    return this.#server.finish();
  }

  async #answer(request: IncomingMessage, { bodies, isFull }: PostingRoom): Promise<Reply | undefined> {
    const answer = await answerReport(request, {
      ...this.#options,
      bodies,
      isFull: () => isFull() || this.#options.isFull(),
    });
    return answer && this.#counted(answer);
  }

  #counted(answer: ReportAnswer): Reply {
    this.#options.count(answer.status);
    return replyOf(answer);
  }
}

function replyOf({ status, headers = {}, text }: ReportAnswer): Reply {
  return {
    status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff', ...headers },
    text: Buffer.from(`${text}\n`),
  };
}
