import { useQuery } from '@tanstack/react-query'
import { query } from '../api/query.ts'
import { Page } from '../components/page.tsx'
import { Loaded } from '../components/states.tsx'
import { ExplorerView } from './explorer-view.tsx'

/** What went through: found by a filter, over time, and each event as it was. */
export function ExplorerPage() {
  const fields = useQuery({ ...query('listEventFields'), staleTime: 30_000 })
  if (fields.data) return <ExplorerView fields={fields.data} />
  return (
    <Page title="Explorer" fill>
      <Loaded result={fields}>{() => null}</Loaded>
    </Page>
  )
}
