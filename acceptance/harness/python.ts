import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { takeLock } from '@tramontane/server/platform/file-lock'
import { eventually } from '@tramontane/testkit/eventually'

const run = promisify(execFile)
const INSTALL_MS = 300_000
/** Its presence says that everything is installed. */
const COMPLETE = 'complete'

/** What is fetched once for a clone is there. */
const KEPT = path.resolve('.node/python')

/**
 * A virtual environment of Python with the official client in it: made once for the clone, and anew when other versions are
 * required.
 * @param options.atLeast the oldest Python that the client runs on: major, minor
 * @returns the environment's interpreter, or why there is none: no such Python, or no PyPI
 */
export async function preparePython({
  atLeast,
  requirements,
}: {
  atLeast: readonly [number, number]
  requirements: string
}): Promise<{ python: string } | { missing: string }> {
  const found = await findPython(atLeast)
  if (!found) return { missing: `no Python ≥ ${atLeast.join('.')}` }
  const { stdout: origin } = await run(found, ['-c', 'import sys; print(sys.version, sys.executable)'])
  const content = createHash('sha256')
    .update(origin)
    .update(await readFile(requirements))
  const venv = path.join(KEPT, content.digest('hex').slice(0, 12))
  await mkdir(KEPT, { recursive: true })
  // Two files of tests may want it at the same moment.
  const lock = await eventually(() => takeLock(`${venv}.lock`, 0), { timeoutMs: INSTALL_MS })
  try {
    return existsSync(path.join(venv, COMPLETE))
      ? { python: interpreterOf(venv) }
      : await install(found, venv, requirements)
  } finally {
    lock.release()
  }
}

async function install(
  found: string,
  venv: string,
  requirements: string,
): Promise<{ python: string } | { missing: string }> {
  await rm(venv, { recursive: true, force: true })
  try {
    await run(found, ['-m', 'venv', venv])
  } catch (error) {
    return { missing: `Python without venv (${lastLine(error)})` }
  }
  const python = interpreterOf(venv)
  try {
    // What is imported is compiled then; most of it never is.
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-compile', '-r', requirements]
    await run(python, pip, { timeout: INSTALL_MS })
  } catch (error) {
    return { missing: `the client cannot be installed from PyPI (${lastLine(error)})` }
  }
  await writeFile(path.join(venv, COMPLETE), '')
  return { python }
}

function interpreterOf(venv: string): string {
  return path.join(venv, 'bin', 'python')
}

async function findPython(atLeast: readonly [number, number]): Promise<string | undefined> {
  const check = `import sys; assert sys.version_info >= (${atLeast.join(', ')})`
  const names = ['python3', ...[14, 13, 12].map((minor) => `python3.${minor}`), ...(await pyenvPythons())]
  for (const name of names)
    if (
      await run(name, ['-c', check]).then(
        () => true,
        () => false,
      )
    )
      return name
  return undefined
}

/** Those that pyenv has, the newest last. */
async function pyenvPythons(): Promise<string[]> {
  const versions = path.join(process.env.PYENV_ROOT ?? path.join(homedir(), '.pyenv'), 'versions')
  const found = await readdir(versions).catch(() => [])
  return found.map((version) => path.join(versions, version, 'bin', 'python3'))
}

function lastLine(error: unknown): string {
  const text = (error as { stderr?: string }).stderr || String(error)
  return text.trim().split('\n').at(-1) ?? ''
}
