import type { ContentChunk, Inputs } from '@tramontane/contract/conversation-entries'
import type { AppendBody, RestartBody, StartBody } from '@tramontane/contract/conversations'
import { ApiError } from '../../platform/http/errors.ts'

/** Guardrails and confirmations of no entries ask for nothing, so they pass. */
type AnyBody = Partial<StartBody & AppendBody & RestartBody>

function refuse(what: string, wayOut: string): never {
  throw new ApiError('FEATURE_NOT_SUPPORTED', `${what} only at the vendor. ${wayOut}`)
}

function checkChunk(chunk: ContentChunk): void {
  if (chunk.type === 'tool_file' || chunk.type === 'tool_reference')
    refuse(`A content chunk of the type ${chunk.type} means something`, 'Send the text itself.')
}

function checkInputs(inputs: Inputs | undefined): void {
  if (inputs === undefined || typeof inputs === 'string') return
  for (const entry of inputs) {
    if (entry.type === 'tool.execution' || entry.type === 'agent.handoff')
      refuse(`An entry of the type ${entry.type} means something`, 'Leave it out.')
    if ('content' in entry && Array.isArray(entry.content))
      for (const chunk of entry.content) checkChunk(chunk)
  }
}

/**
 * Refuses what only the vendor has. Guardrails too: to leave them out silently would be to let through what they
 * were to stop.
 * @throws ApiError FEATURE_NOT_SUPPORTED naming it, and what to do instead
 */
export function refuseVendorParts(body: AnyBody): void {
  if (body.agent_id) refuse('Agents (agent_id) run', 'Name a model and give it instructions and tools.')
  const foreign = body.tools?.find((tool) => tool.type !== 'function')
  if (foreign)
    refuse(`The tool ${foreign.type} runs`, 'Give the model a tool of the type function and run it yourself.')
  if (body.guardrails?.length) refuse('Guardrails run', 'Leave them out, and check the messages yourself.')
  if (body.tool_confirmations?.length)
    refuse('Tools that ask for confirmation run', 'Append a function.result for each function.call.')
  checkInputs(body.inputs)
}
