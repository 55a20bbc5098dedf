import { useQuery } from '@tanstack/react-query'
import { query } from '../api/query.ts'
import { Badge } from '../components/badge.tsx'
import { SimpleTable } from '../components/simple-table.tsx'
import { Loaded } from '../components/states.tsx'

/** What the server was started with, and what decides it. */
export function ServerTab() {
  const settings = useQuery(query('getSettings'))
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-base font-semibold">Server and retention</h2>
      <p className="max-w-prose text-muted">
        Settings are variables of the environment in which the server starts, or of a file{' '}
        <code className="font-mono text-xs">.env</code> beside it; another value counts from the next start.
      </p>
      <Loaded result={settings}>
        {(data) => (
          <>
            <p>Tramontane {data.server_version}</p>
            <SimpleTable label="Settings of the server" head={['Variable', 'Value', 'Meaning']}>
              {data.settings.map(({ variable, value, is_default, description }) => (
                <tr key={variable}>
                  <td className="font-mono text-xs whitespace-nowrap">{variable}</td>
                  <td className="max-w-80 break-words">
                    {value} {!is_default && <Badge tone="accent">set</Badge>}
                  </td>
                  <td className="text-muted">{description}</td>
                </tr>
              ))}
            </SimpleTable>
          </>
        )}
      </Loaded>
    </section>
  )
}
