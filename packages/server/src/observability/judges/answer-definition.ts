import type { JudgeAnswerDefinition, JudgeOutput } from '@tramontane/contract/judges'

/** Characters of an analysis that are kept. */
const MAX_ANALYSIS = 50_000

/** What a judge's model answered: an answer that fits, or what is wrong with it, in words for the model and the user. */
export type ReadAnswer = { readonly output: JudgeOutput } | { readonly problem: string }

/** The definition in words: the template variable `answer_type_definition`. */
export function describeAnswer(output: JudgeAnswerDefinition): string {
  if (output.type === 'CLASSIFICATION') {
    const options = output.options.map(
      ({ value, description }) => `- ${JSON.stringify(value)}${description === '' ? '' : `: ${description}`}`,
    )
    return `The answer is exactly one of these labels:\n${options.join('\n')}`
  }
  return [
    `The answer is a number from ${output.min} to ${output.max}.`,
    `- ${output.min}: ${output.min_description}`,
    `- ${output.max}: ${output.max_description}`,
  ].join('\n')
}

/** The definition as the JSON Schema of a structured output: `analysis` first, so that the answer follows from it. */
export function answerSchema(output: JudgeAnswerDefinition): Record<string, unknown> {
  const answer =
    output.type === 'CLASSIFICATION'
      ? { type: 'string', enum: output.options.map(({ value }) => value) }
      : { type: 'number', minimum: output.min, maximum: output.max }
  return {
    type: 'object',
    properties: { analysis: { type: 'string' }, answer },
    required: ['analysis', 'answer'],
    additionalProperties: false,
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** Finds the JSON object in a text: the text itself, the inside of a code fence, or from the first brace to the last. */
function findObject(text: string): Record<string, unknown> | undefined {
  const fenced = /```(?:json)?\s*\n?([\s\S]*?)```/i.exec(text)?.[1]
  const braced = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)
  for (const candidate of [text, fenced, braced]) {
    const found = candidate === undefined ? undefined : parseObject(candidate)
    if (found) return found
  }
  return undefined
}

function readNumber(answer: unknown): number | undefined {
  if (typeof answer === 'number') return answer
  if (typeof answer === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(answer)) return Number(answer)
  return undefined
}

function fittingAnswer(answer: unknown, output: JudgeAnswerDefinition): string | number | undefined {
  if (output.type === 'CLASSIFICATION')
    return output.options.some(({ value }) => value === answer) ? (answer as string) : undefined
  const number = readNumber(answer)
  return number !== undefined && number >= output.min && number <= output.max ? number : undefined
}

/** Reads a model's text, and holds it against the definition. */
export function readAnswer(text: string, output: JudgeAnswerDefinition): ReadAnswer {
  // Some models think aloud first, braces and all.
  const object = findObject(text.replace(/^\s*<think>[\s\S]*?<\/think>/i, ''))
  if (!object) return { problem: 'The answer is not a JSON object with the keys "analysis" and "answer".' }
  const answer = fittingAnswer(object.answer, output)
  if (answer === undefined) {
    const given = (JSON.stringify(object.answer) ?? 'missing').slice(0, 200)
    return { problem: `"answer" is ${given}, which does not fit. ${describeAnswer(output)}` }
  }
  const analysis = typeof object.analysis === 'string' ? object.analysis.slice(0, MAX_ANALYSIS) : ''
  return { output: { analysis, answer } }
}
