import { z } from 'zod'
import { MaintenanceError } from './maintenance-error.ts'

export const MANIFEST = 'manifest.json'
export const FORMAT = 1

const tables = z.array(z.object({ name: z.string(), columns: z.array(z.string()) }))
const sequences = z.array(z.object({ name: z.string(), last_value: z.string().nullable() }))

const temporal = z.object({
  databases: z.array(z.object({ name: z.string(), schema_version: z.string(), tables, sequences })),
})

/** What a backup says about the databases of the managed Temporal. */
export type TemporalManifest = z.infer<typeof temporal>

const manifest = z.object({
  format: z.number(),
  /** The version of the server whose backup this is. */
  version: z.string(),
  created_at: z.string(),
  postgres: z.string(),
  /** The steps of the schema that the tables have. */
  migrations: z.array(z.string()),
  /** In an order in which they can be filled: what is referenced comes first. */
  tables,
  partitions: z.array(z.object({ name: z.string(), parent: z.string(), bound: z.string() })),
  sequences,
  /** Not in backups of an installation without a managed Temporal. */
  temporal: temporal.optional(),
})

/** What a backup says about itself. */
export type Manifest = z.infer<typeof manifest>

/** @throws MaintenanceError if it is of another format */
export function parseManifest(content: Buffer): Manifest {
  const parsed = manifest.safeParse(JSON.parse(content.toString()))
  if (!parsed.success || parsed.data.format !== FORMAT)
    throw new MaintenanceError(
      'this backup has a format that this version does not read: use the version that made it',
    )
  return parsed.data
}
