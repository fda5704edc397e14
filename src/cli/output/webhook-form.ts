/**
 * What is posted to a webhook, and where: our own JSON, or what Slack, Mattermost and ntfy take.
 *
 * Names in a notice are foreign, and chat programs read markup: mentions, links, emphasis. None of it may come from a stranger.
 */
import type { WebhookForm } from '#config/notify-settings.ts';
import type { Notice } from '#store/notices.ts';
import { jsonText } from './json-text.ts';
import { noticeJson } from './notice-json.ts';

export interface WebhookPost {
  readonly url: URL;
  readonly bodyOf: (notice: Notice) => string;
}

/** What Slack takes of a header, of a section, and as the whole of a text. */
const [MAX_HEADER, MAX_SECTION, MOST_SECTIONS] = [150, 3_000, 10];
/** Mattermost takes 16,383 characters. */
const MAX_MATTERMOST = 12_000;
/** ntfy makes a file of more bytes than 4,096. */
const MAX_NTFY_BYTES = 3_500;
const MAX_SUBJECT = 250;

/** Throws a RangeError for a URL that cannot be one of that form. */
export function webhookForm(form: WebhookForm, url: URL): WebhookPost {
  switch (form) {
    case 'json':
      return { url, bodyOf: noticeJson };
    case 'slack':
      return { url, bodyOf: slackBody };
    case 'mattermost':
      return { url, bodyOf: mattermostBody };
    case 'ntfy':
      return ntfyPost(url);
  }
}

/** In `plain_text` nothing is markup. `text` is what notifications show: three characters are escaped, and no more has a meaning without `mrkdwn`. */
function slackBody({ subject, text }: Notice): string {
  const sections = pieces(text, MAX_SECTION, MOST_SECTIONS).map((piece) => ({ type: 'section', text: plain(piece) }));
  const blocks = [{ type: 'header', text: plain(subject.slice(0, MAX_HEADER)) }, ...sections];
  return jsonText({ text: slackEscaped(subject), mrkdwn: false, blocks });
}

function plain(text: string): { readonly type: string; readonly text: string; readonly emoji: boolean } {
  return { type: 'plain_text', text, emoji: false };
}

function slackEscaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** All of it is code, in which nothing is markup and nobody is mentioned, as long as nothing in it ends the code. */
function mattermostBody({ subject, text }: Notice): string {
  const whole = `${subject.slice(0, MAX_SUBJECT)}\n\n${text}`.slice(0, MAX_MATTERMOST).replaceAll('`', "'");
  return jsonText({ text: `\`\`\`text\n${whole}\n\`\`\`` });
}

/** The topic is the last part of the path; JSON is posted to what stands before it. ntfy takes it for plain text. */
function ntfyPost(url: URL): WebhookPost {
  const [, before = '', topic = ''] = /^(.*\/)([^/]+)\/?$/.exec(url.pathname) ?? [];
  if (!/^[-_A-Za-z0-9]{1,64}$/.test(topic))
    throw new RangeError('with webhook_form = "ntfy" the path has to end in the topic, such as https://ntfy.sh/topic');
  const root = new URL(url.href);
  root.pathname = before;
  return {
    url: root,
    bodyOf: ({ subject, text }) =>
      jsonText({ topic, title: subject.slice(0, MAX_SUBJECT), message: withinBytes(text, MAX_NTFY_BYTES) }),
  };
}

/** Whole lines where they fit, so that no command is cut. */
function pieces(text: string, maxLength: number, most: number): string[] {
  const found: string[] = [];
  for (const line of text.split('\n')) {
    const last = found.at(-1);
    const short = line.slice(0, maxLength);
    if (last !== undefined && last.length + 1 + short.length <= maxLength)
      found[found.length - 1] = `${last}\n${short}`;
    else found.push(short);
  }
  return found.slice(0, most).filter((piece) => piece.trim() !== '');
}

function withinBytes(text: string, maxBytes: number): string {
  let [kept, bytes] = ['', 0];
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) return `${kept}...`;
    kept += character;
  }
  return kept;
}
