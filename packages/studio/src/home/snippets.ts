/** Something to copy for a first step. */
export interface Snippet {
  readonly id: string
  readonly label: string
  /** What has to be done before, as a command. */
  readonly install: string | null
  /** Files, one after the other. */
  readonly files: readonly { readonly name: string; readonly code: string }[]
}

const KEY_VARIABLE = 'TRAMONTANE_API_KEY'
/** Begins an import of a file of the reader's; spelled out, it would look like one of this file's. */
const IMPORT = 'import'

/**
 * A model that a first call can name: one that a provider is configured for.
 * @param providers in the order in which they are tried, with their patterns
 */
export function exampleModel(providers: readonly { readonly models: string }[]): string {
  const exact = providers.find(({ models }) => !models.includes('*'))
  return exact?.models ?? 'mistral-small-latest'
}

/** How the address is given to a program that asks for it in one of these languages: always as a quoted text. */
function quoted(text: string): string {
  return JSON.stringify(text)
}

/** A first call through the gateway, in the clients that people have. @param url the server's, without a slash at its end */
export function trafficSnippets(url: string, model: string): Snippet[] {
  return [
    {
      id: 'mistral-typescript',
      label: 'Mistral, TypeScript',
      install: 'npm install @mistralai/mistralai',
      files: [
        {
          name: 'first-call.ts',
          code: `import { Mistral } from '@mistralai/mistralai'

const client = new Mistral({
  serverURL: ${quoted(url)},
  apiKey: process.env.${KEY_VARIABLE},
})
const answer = await client.chat.complete({
  model: ${quoted(model)},
  messages: [{ role: 'user', content: 'How do I return my order?' }],
  metadata: { team: 'support' },
})
console.log(answer.choices[0].message.content)
`,
        },
      ],
    },
    {
      id: 'mistral-python',
      label: 'Mistral, Python',
      install: 'pip install mistralai',
      files: [
        {
          name: 'first_call.py',
          code: `import os
from mistralai.client import Mistral

client = Mistral(
    server_url=${quoted(url)},
    api_key=os.environ["${KEY_VARIABLE}"],
)
answer = client.chat.complete(
    model=${quoted(model)},
    messages=[{"role": "user", "content": "How do I return my order?"}],
    metadata={"team": "support"},
)
print(answer.choices[0].message.content)
`,
        },
      ],
    },
    {
      id: 'openai-typescript',
      label: 'OpenAI, TypeScript',
      install: 'npm install openai',
      files: [
        {
          name: 'first-call.ts',
          code: `import OpenAI from 'openai'

const client = new OpenAI({
  baseURL: ${quoted(`${url}/v1`)},
  apiKey: process.env.${KEY_VARIABLE},
})
const answer = await client.chat.completions.create({
  model: ${quoted(model)},
  messages: [{ role: 'user', content: 'How do I return my order?' }],
  metadata: { team: 'support' },
})
console.log(answer.choices[0].message.content)
`,
        },
      ],
    },
    {
      id: 'openai-python',
      label: 'OpenAI, Python',
      install: 'pip install openai',
      files: [
        {
          name: 'first_call.py',
          code: `import os
from openai import OpenAI

client = OpenAI(
    base_url=${quoted(`${url}/v1`)},
    api_key=os.environ["${KEY_VARIABLE}"],
)
answer = client.chat.completions.create(
    model=${quoted(model)},
    messages=[{"role": "user", "content": "How do I return my order?"}],
    metadata={"team": "support"},
)
print(answer.choices[0].message.content)
`,
        },
      ],
    },
    {
      id: 'curl',
      label: 'curl',
      install: null,
      files: [
        {
          name: 'a terminal',
          code: `curl ${url}/v1/chat/completions \\
  -H "Authorization: Bearer $${KEY_VARIABLE}" \\
  -H "Content-Type: application/json" \\
  -d '{
    "model": ${quoted(model)},
    "messages": [{"role": "user", "content": "How do I return my order?"}],
    "metadata": {"team": "support"}
  }'
`,
        },
      ],
    },
  ]
}

/** What a program needs to know in its environment. */
export function keySnippet(key: string | undefined): string {
  return `export ${KEY_VARIABLE}=${key ?? '…'}`
}

/** The environment of a worker. */
export function workerEnvironment(url: string, key: string | undefined): string {
  return `export SERVER_URL=${url}
export MISTRAL_API_KEY=${key ?? '…'}
export DEPLOYMENT_NAME=demo`
}

/** A first workflow and the worker that runs it; as docs/writing-workflows.md has it. */
export const workflowSnippets: readonly Snippet[] = [
  {
    id: 'typescript',
    label: 'TypeScript',
    install: 'npm install @tramontane/worker zod',
    files: [
      {
        name: 'workflows.ts',
        code: `import { activities, sleep, workflow } from '@tramontane/worker/workflow'
import { z } from 'zod'
${IMPORT} type * as steps from './activities.ts'

const { translate } = activities<typeof steps>({ timeout: '10 seconds', attempts: 5 })

export const helloWorld = workflow({
  name: 'hello-world',
  input: z.object({ name: z.string(), language: z.string().default('French') }),
  output: z.string(),
  async run({ name, language }) {
    const hello = await translate('Hello', language)
    await sleep('1 second') // stop the worker here, start it again: it goes on
    return \`\${hello}, \${name}!\`
  },
})
`,
      },
      {
        name: 'activities.ts',
        code: `export async function translate(word: string, language: string): Promise<string> {
  return language === 'French' ? 'Bonjour' : word
}
`,
      },
      {
        name: 'worker.ts',
        code: `import { runWorker } from '@tramontane/worker'
${IMPORT} * as activities from './activities.ts'

await runWorker({ workflows: import.meta.resolve('./workflows.ts'), activities })
`,
      },
    ],
  },
  {
    id: 'python',
    label: 'Python',
    install: 'pip install mistralai-workflows',
    files: [
      {
        name: 'worker.py',
        code: `import asyncio

import mistralai.workflows as workflows
from pydantic import BaseModel


class Welcome(BaseModel):
    name: str


@workflows.activity()
async def greet(name: str) -> str:
    return f"Hello, {name}!"


@workflows.workflow.define(name="welcome-from-python")
class WelcomeWorkflow:
    @workflows.workflow.entrypoint
    async def run(self, params: Welcome) -> str:
        return await greet(params.name)


asyncio.run(workflows.run_worker([WelcomeWorkflow]))
`,
      },
    ],
  },
]
