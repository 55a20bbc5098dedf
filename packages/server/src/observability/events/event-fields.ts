import { eventFields, type FieldDefinition, fieldGroups, metadataField } from '@tramontane/contract/fields'
import { type DefinitionOf, definitionFinder } from '@tramontane/contract/filter-check'
import type { AnnotationReader, JudgeField } from '../annotations/annotation-reader.ts'
import { MAX_METADATA_KEYS, type MetadataKeys } from './metadata-keys.ts'

/** The fields of a workspace's events at one moment. */
export interface EventFields {
  /** All that are in use: the fixed ones, those of metadata, those of judges. */
  readonly definitions: readonly FieldDefinition[]
  readonly groups: readonly { name: string; label: string }[]
  /** Also finds metadata keys that no event has yet. */
  readonly definitionOf: DefinitionOf
  readonly judges: readonly JudgeField[]
  /** The judge behind a field, if it is one's. */
  judgeOf(name: string): JudgeField | undefined
  /** Whether any event may have this metadata key. */
  mayHaveMetadata(key: string): boolean
}

/** Reads which fields the workspace has. */
export async function readFields(
  workspaceId: string,
  { annotations, metadataKeys }: { annotations: AnnotationReader; metadataKeys: MetadataKeys },
): Promise<EventFields> {
  const [judges, keys] = await Promise.all([
    annotations.judgeFields(workspaceId),
    metadataKeys.list(workspaceId),
  ])
  const definitions = [
    ...eventFields,
    ...keys.map(metadataField),
    ...judges.map(({ definition }) => definition),
  ]
  const byName = new Map(judges.map((judge) => [judge.definition.name, judge]))
  const known = new Set(keys)
  return {
    definitions,
    groups: fieldGroups,
    definitionOf: definitionFinder(definitions),
    judges,
    judgeOf: (name) => byName.get(name),
    mayHaveMetadata: (key) => known.has(key) || keys.length >= MAX_METADATA_KEYS,
  }
}
