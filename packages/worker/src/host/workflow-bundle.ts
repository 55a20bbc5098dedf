import path from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type BundleOptions,
  bundleWorkflowCode,
  type Logger,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker'
import { WorkerError } from './worker-error.ts'

type WebpackConfig = Parameters<NonNullable<BundleOptions['webpackConfigHook']>>[0]
type WebpackPlugin = Extract<NonNullable<WebpackConfig['plugins']>[number], { apply: unknown }>

/** This package runs from its sources inside its own repository, and compiled everywhere else. */
const isSource = import.meta.url.endsWith('.ts')
const ending = isSource ? '.ts' : '.js'
const beside = (file: string) => fileURLToPath(new URL(`../${file}${ending}`, import.meta.url))

const sandbox = path.dirname(beside('sandbox/workflow-entry'))

/** Where Temporal finds the payload converter. */
export const payloadConverterPath = beside('payload-converter')

/**
 * Makes the code that runs in the workflow sandbox: the user's file, and what this package puts around it.
 * @throws WorkerError if the file, or something that it imports, cannot run there
 */
export async function bundleWorkflows(workflowsPath: string): Promise<WorkflowBundleWithSourceMap> {
  const told: string[] = []
  const keep = (message: string) => {
    told.push(message)
  }
  const logger: Logger = { log() {}, trace() {}, debug() {}, info() {}, warn: keep, error: keep }
  try {
    return await bundleWorkflowCode({
      workflowsPath: beside('sandbox/workflow-entry'),
      workflowInterceptorModules: [beside('sandbox/workflow-interceptors')],
      payloadConverterPath,
      preloadModules: [beside('sandbox/preload')],
      logger,
      webpackConfigHook: (config) => ({
        ...config,
        plugins: [...(config.plugins ?? []), changeRequests(workflowsPath)],
        resolve: {
          ...config.resolve,
          ...(isSource && { conditionNames: ['tramontane-source', '...'] }),
        },
      }),
    })
  } catch (cause) {
    throw refusal(workflowsPath, cause instanceof Error ? cause.message : String(cause), told, cause)
  }
}

/**
 * Puts the user's file in the place that is kept for it. And takes the prefix off the modules of Node: without it Temporal knows
 * them, and says which of them workflow code imports.
 */
function changeRequests(workflowsPath: string): WebpackPlugin {
  return {
    apply(compiler) {
      compiler.hooks.normalModuleFactory.tap('tramontane', (factory) => {
        factory.hooks.beforeResolve.tap('tramontane', (data) => {
          const isPlace = data.context === sandbox && /^\.\/user-workflows\.[jt]s$/.test(data.request)
          data.request = isPlace ? workflowsPath : data.request.replace(/^node:/, '')
        })
      })
    },
  }
}

function refusal(file: string, message: string, told: readonly string[], cause: unknown): WorkerError {
  const forbidden = [...message.matchAll(/^ {2}- '(.+)'$/gm)].map(([, name]) => name)
  if (forbidden.length > 0)
    return new WorkerError(
      `The workflows in ${file} import ${forbidden.join(', ')}, directly or through another module. Workflow code runs in a sandbox without Node, the network and files: move what needs them to activities, and import the file with the activities with \`import type\`.`,
      { cause },
    )
  return new WorkerError(
    `The workflows in ${file} cannot be put together for the sandbox in which they run.\n${[...told, message].join('\n')}`,
    { cause },
  )
}
