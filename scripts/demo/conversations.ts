/** A conversation as an application would send it, and the answer that the scripted provider will give. */
export interface DemoConversation {
  readonly model: string
  readonly topic: string
  readonly language: string
  readonly messages: { role: 'system' | 'user' | 'assistant'; content: string }[]
  readonly tools: string[]
  readonly answer: string
  /** A tool that the scripted answer calls, if any. */
  readonly calls: string | null
}

const MODELS = ['scripted-small', 'scripted-small', 'scripted-medium', 'scripted-medium', 'scripted-large']

interface Topic {
  readonly name: string
  readonly system: string
  readonly tool: string | null
  readonly questions: readonly string[]
  readonly good: (question: string) => string
}

const TOPICS: readonly Topic[] = [
  {
    name: 'orders',
    system: 'You help customers of a shop for bicycles. Be kind, be exact, never invent an order.',
    tool: 'order_status',
    questions: [
      'Where is my order {n}?',
      'Order {n} came with the wrong saddle. What can I do?',
      'Can I change the address of order {n}?',
      'How do I return the lights of order {n}?',
      'I was charged twice for order {n}.',
    ],
    good: (question) =>
      `I looked at it for you. ${question.includes('return') ? 'You have 30 days: print the label in your account and drop the parcel at any shop.' : 'It is in our warehouse now and leaves tomorrow morning; you get the tracking link by mail.'} Is there anything else?`,
  },
  {
    name: 'code',
    system: 'You review code. Answer with the cause first, then a minimal fix.',
    tool: 'run_tests',
    questions: [
      'Why does my loop {n} times over an empty list?',
      'This query returns {n} rows instead of one. Why?',
      'How do I cancel a fetch after {n} ms?',
      'What is wrong with `for i in range({n}, 0)`?',
      'My test fails once in {n} runs. Where do I begin?',
    ],
    good: () =>
      'The cause is the condition at the top: it is evaluated before the value changes. Move the check inside, and add a test that fails without it.',
  },
  {
    name: 'cooking',
    system: 'You are a cook. Give amounts in grams and times in minutes.',
    tool: null,
    questions: [
      'How long do I bake bread of {n} g?',
      'A dinner for {n} people without meat?',
      'What replaces {n} eggs in a cake?',
      'Why did my sauce split after {n} minutes?',
    ],
    good: () =>
      'Take 500 g of flour, 350 g of water and 10 g of salt. Knead for 10 minutes, rest for 90 minutes, bake for 35 minutes at 230 degrees.',
  },
  {
    name: 'travel',
    system: 'You plan journeys by train. Name stations and times; say when you are not sure.',
    tool: 'web_search',
    questions: [
      'How do I get from Lyon to Turin before {n} h?',
      'Is there a night train with {n} beds free?',
      'Can I take {n} bicycles on the train to Nantes?',
      'What is there to see within {n} km of Arles?',
    ],
    good: () =>
      'There is a direct train in the morning and one with a change at Chambéry in the afternoon. Seats for bicycles must be booked; I am not sure about the strike next week.',
  },
]

const GREETINGS: Readonly<Record<string, string>> = {
  en: '',
  fr: 'Bonjour ! ',
  de: 'Guten Tag! ',
  es: '¡Hola! ',
}
const POOR = [
  'I do not know.',
  'As a language model I cannot help with that.',
  'Please see the documentation.',
  'Yes.',
  'It depends.',
]

/** Numbers that look random and are the same in every run. */
function sequence(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

/** Makes `count` varied conversations; the same ones every time. */
export function demoConversations(count: number): DemoConversation[] {
  const pick = sequence(7444)
  const languages = Object.keys(GREETINGS)
  return Array.from({ length: count }, () => {
    const topic = TOPICS[pick(TOPICS.length)]!
    const model = MODELS[pick(MODELS.length)]!
    const language = pick(3) === 0 ? languages[pick(languages.length)]! : 'en'
    const question =
      GREETINGS[language] +
      topic.questions[pick(topic.questions.length)]!.replace('{n}', String(2 + pick(900)))
    // The smaller the model, the more often its scripted answer is a poor one.
    const isPoor = pick(100) < (model === 'scripted-small' ? 45 : model === 'scripted-medium' ? 20 : 5)
    const earlier =
      pick(4) === 0
        ? [
            { role: 'user' as const, content: 'Can you help me?' },
            { role: 'assistant' as const, content: 'Of course. What is it about?' },
          ]
        : []
    return {
      model,
      topic: topic.name,
      language,
      messages: [
        { role: 'system' as const, content: topic.system },
        ...earlier,
        { role: 'user' as const, content: question },
      ],
      tools: topic.tool ? [topic.tool] : [],
      answer: isPoor ? POOR[pick(POOR.length)]! : topic.good(question),
      calls: topic.tool && pick(5) === 0 ? topic.tool : null,
    }
  })
}
