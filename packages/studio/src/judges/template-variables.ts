import type { TemplateVariable } from '../code/template-editor.tsx'

/** What a judge's instructions may name. */
export const judgeVariables: readonly TemplateVariable[] = [
  { name: 'user_message', holds: 'what the user said last' },
  { name: 'assistant_message', holds: 'the answer that is judged' },
  { name: 'conversation_history', holds: 'the turns before, each with role and content' },
  { name: 'system_prompt', holds: 'the system messages' },
  { name: 'available_tools', holds: 'the tools that the model could have called' },
  { name: 'properties', holds: 'the metadata of the event, or the properties of the record' },
  { name: 'answer_type_definition', holds: 'what the judge may answer, in words' },
]
