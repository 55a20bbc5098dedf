import { useState } from 'react'
import { Button } from '../components/button.tsx'
import { CodeBlock } from '../components/copy-button.tsx'
import type { JsonSchema } from './json-schema.ts'
import { schemaOutline, typeText } from './schema-outline.ts'

/** What a schema asks for: its properties in a table, or all of it as JSON. */
export function SchemaView({ schema, label }: { schema: JsonSchema | null; label: string }) {
  const [isJson, setJson] = useState(false)
  if (schema === null) return <p className="text-muted">Not declared.</p>
  const rows = schemaOutline(schema)
  const toggle = (
    <Button variant="quiet" size="small" aria-pressed={isJson} onClick={() => setJson(!isJson)}>
      {isJson ? 'As a table' : 'As JSON'}
    </Button>
  )
  if (isJson)
    return (
      <div className="flex flex-col items-start gap-1">
        <div className="w-full">
          <CodeBlock code={JSON.stringify(schema, null, 2)} label={label} />
        </div>
        {toggle}
      </div>
    )
  return (
    <div className="flex flex-col items-start gap-1">
      {rows.length === 0 ? (
        <p>
          <code className="font-mono text-xs">{typeText(schema, schema)}</code>
        </p>
      ) : (
        <table aria-label={label} className="w-full text-left">
          <thead>
            <tr className="text-xs text-muted">
              <th className="py-1 pr-4 font-medium">Property</th>
              <th className="py-1 pr-4 font-medium">Type</th>
              <th className="py-1 font-medium">Meaning</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ path, name, depth, type, isRequired, description, default: value }) => (
              <tr key={path} className="align-top">
                <td
                  className="max-w-64 min-w-36 py-1 pr-4 font-mono text-xs wrap-anywhere"
                  style={{ paddingLeft: `${depth * 1.25}rem` }}
                >
                  {name}
                  {isRequired && <span className="ml-1.5 font-sans text-muted">required</span>}
                </td>
                <td className="max-w-80 min-w-36 py-1 pr-4 font-mono text-xs wrap-anywhere text-note">
                  {type}
                </td>
                <td className="max-w-prose py-1 wrap-anywhere whitespace-pre-wrap text-muted">
                  {description}
                  {value && (
                    <span className="block text-xs">
                      If absent: <code className="font-mono">{value}</code>
                    </span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {toggle}
    </div>
  )
}
