import { mkdirSync } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { Disk } from 'flydrive'
import { FSDriver } from 'flydrive/drivers/fs'
import { diskStorage, type FileStorage } from './file-storage.ts'

async function sync(location: string): Promise<void> {
  const handle = await open(location, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Files in a folder, which is made if it is missing. Servers that share a database must share the folder too.
 * Every object is synced, and so are the folders above it, up to `root`.
 */
export function localFiles(root: string): FileStorage {
  mkdirSync(root, { recursive: true, mode: 0o700 })
  const disk = new Disk(new FSDriver({ location: root, visibility: 'private' }))
  return diskStorage(disk, async (key) => {
    await sync(path.join(root, key))
    for (let folder = path.dirname(key); folder !== '.'; folder = path.dirname(folder))
      await sync(path.join(root, folder))
    await sync(root)
  })
}
