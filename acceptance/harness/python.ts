import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const INSTALL_MS = 300_000

/**
 * Makes a virtual environment with the official client in it.
 * @param venv the folder that it is made in
 * @param options.atLeast the oldest Python that the client runs on: major, minor
 * @returns the environment's interpreter, or why there is none: no such Python, or no PyPI
 */
export async function preparePython(
  venv: string,
  { atLeast, requirements }: { atLeast: readonly [number, number]; requirements: string },
): Promise<{ python: string } | { missing: string }> {
  const found = await findPython(atLeast)
  if (!found) return { missing: `no Python ≥ ${atLeast.join('.')}` }
  try {
    await run(found, ['-m', 'venv', venv])
  } catch (error) {
    return { missing: `Python without venv (${lastLine(error)})` }
  }
  const python = path.join(venv, 'bin', 'python')
  try {
    await run(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements], { timeout: INSTALL_MS })
  } catch (error) {
    return { missing: `the client cannot be installed from PyPI (${lastLine(error)})` }
  }
  return { python }
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
