import type { JudgeDefinition } from '@tramontane/contract/judges'

type Answers = JudgeDefinition['output']

/** A judge as it is being written: both kinds of answers are kept, so that changing the mind loses nothing. */
export interface JudgeDraft {
  readonly name: string
  readonly description: string
  readonly model_name: string
  readonly instructions: string
  readonly tools: readonly string[]
  readonly kind: Answers['type']
  readonly options: readonly DraftOption[]
  readonly range: {
    readonly min: string
    readonly min_description: string
    readonly max: string
    readonly max_description: string
  }
}

export interface DraftOption {
  /** Tells the rows of the editor apart; goes nowhere. */
  readonly key: number
  readonly value: string
  readonly description: string
}

let keys = 0

/** A row of the editor of classes. */
export function newOption(value = '', description = ''): DraftOption {
  return { key: ++keys, value, description }
}

const RANGE = { min: '0', min_description: '', max: '1', max_description: '' }

/** The draft with which a new judge begins. */
export function emptyDraft(): JudgeDraft {
  return {
    name: '',
    description: '',
    model_name: '',
    instructions:
      'Does the answer help the user?\n\nQuestion: {{ user_message }}\nAnswer: {{ assistant_message }}',
    tools: [],
    kind: 'CLASSIFICATION',
    options: [newOption('yes', 'It answers what was asked.'), newOption('no', 'It does not.')],
    range: RANGE,
  }
}

/** The draft of a judge that is there. */
export function draftOf(judge: JudgeDefinition): JudgeDraft {
  const { name, description, model_name, instructions, tools, output } = judge
  const base = { name, description, model_name, instructions, tools, kind: output.type }
  if (output.type === 'CLASSIFICATION')
    return {
      ...base,
      options: output.options.map((option) => newOption(option.value, option.description)),
      range: RANGE,
    }
  const { min, max, min_description, max_description } = output
  return {
    ...base,
    options: [newOption(), newOption()],
    range: { min: String(min), max: String(max), min_description, max_description },
  }
}

/** A number as people write it; NaN for what is none. */
function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}

/** What a draft's judge may answer. */
export function answersOf({ kind, options, range }: JudgeDraft): Answers {
  if (kind === 'CLASSIFICATION')
    return {
      type: 'CLASSIFICATION',
      options: options
        .filter(({ value, description }) => value !== '' || description !== '')
        .map(({ value, description }) => ({ value, description })),
    }
  const { min, max, min_description, max_description } = range
  return { type: 'REGRESSION', min: numberOf(min), max: numberOf(max), min_description, max_description }
}

/** What is sent. */
export function definitionOf(draft: JudgeDraft): JudgeDefinition {
  const { name, description, model_name, instructions, tools } = draft
  return { name, description, model_name, instructions, tools: [...tools], output: answersOf(draft) }
}

/** What is wrong with each part of a draft; empty if it can be saved. The server decides all the same. */
export function problemsOf(draft: JudgeDraft): Partial<Record<'name' | 'model_name' | 'output', string>> {
  const problems: Partial<Record<'name' | 'model_name' | 'output', string>> = {}
  if (draft.name.length < 5 || draft.name.length > 50) problems.name = 'A name has 5 to 50 characters.'
  if (draft.model_name === '') problems.model_name = 'A judge needs a model to ask.'
  const output = outputProblem(answersOf(draft))
  if (output) problems.output = output
  return problems
}

/** What is wrong with the definition of the answers. */
export function outputProblem(output: Answers): string | undefined {
  if (output.type === 'CLASSIFICATION') {
    const values = output.options.map(({ value }) => value)
    if (values.length === 0) return 'A judge needs at least one class.'
    if (values.includes('')) return 'Each class needs a name.'
    return new Set(values).size < values.length ? 'Each class must have a name of its own.' : undefined
  }
  const { min, max } = output
  if (Number.isNaN(min) || Number.isNaN(max)) return 'Both ends of the range are numbers.'
  if (min < 0) return 'The range begins at 0 or above.'
  return min < max ? undefined : 'The lower end must be below the upper one.'
}

/** A judge as text, to be compared with another. */
export function asText(judge: JudgeDefinition): string {
  const { output } = judge
  const answers =
    output.type === 'CLASSIFICATION'
      ? output.options.map(({ value, description }) => `  ${value}: ${description}`)
      : [`  ${output.min}: ${output.min_description}`, `  ${output.max}: ${output.max_description}`]
  return [
    `Name: ${judge.name}`,
    `Description: ${judge.description}`,
    `Model: ${judge.model_name}`,
    ...(judge.tools.length > 0 ? [`Tools: ${judge.tools.join(', ')}`] : []),
    output.type === 'CLASSIFICATION' ? 'Classes:' : 'Score:',
    ...answers,
    'Instructions:',
    judge.instructions,
  ].join('\n')
}
