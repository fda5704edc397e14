/**
 * Tells a search engine how what is in some indices is to be searched, where it does not know yet.
 *
 * A template with the same `_meta.version`, or a later one, is left as it is, so that an administrator can set shards and replicas there.
 */
import { z } from 'zod';
import { NOT_FOUND } from './answer-status.ts';
import type { EngineClient } from './engine-client.ts';
import { TEMPLATE_VERSION } from './index-names.ts';
import { understood } from './scan-index.ts';

const templatesShape = z.object({
  index_templates: z.array(
    z.object({ index_template: z.object({ _meta: z.object({ version: z.coerce.number().catch(0) }).optional() }) }),
  ),
});

export interface Template {
  readonly name: string;
  readonly body: object;
  readonly signal?: AbortSignal | undefined;
}

export async function putTemplate(client: EngineClient, { name, body, signal }: Template): Promise<void> {
  const path = `/_index_template/${name}`;
  const known = await client.ask({ method: 'GET', path, expected: [NOT_FOUND], signal });
  const [first] =
    known.status === NOT_FOUND ? [] : understood(templatesShape, known.body, 'index template').index_templates;
  if ((first?.index_template._meta?.version ?? 0) >= TEMPLATE_VERSION) return;
  await client.ask({ method: 'PUT', path, body, signal });
}
