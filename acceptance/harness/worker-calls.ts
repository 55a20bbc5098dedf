import assert from 'node:assert/strict'
import type { AnyClient, Context } from './context.ts'

/** Calls what only workers call, and the official client does not. */
export async function callAsWorker(
  { server }: Pick<Context<AnyClient>, 'server'>,
  path: string,
  body: unknown,
): Promise<unknown> {
  const answer = await fetch(`${server().url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server().key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  assert.equal(answer.status, 200, await answer.clone().text())
  return answer.json()
}

/** Registers workflows as a worker does. */
export async function registerAsWorker(
  context: Pick<Context<AnyClient>, 'server'>,
  deployment: string,
  definitions: readonly Record<string, unknown>[],
): Promise<void> {
  await callAsWorker(context, '/v1/workflows/register', {
    definitions,
    deployment_name: deployment,
    worker_name: 'worker-1',
  })
}
