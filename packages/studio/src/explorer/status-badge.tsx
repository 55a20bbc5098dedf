import { Badge, type Tone } from '../components/badge.tsx'

const TONES: ReadonlyMap<string, Tone> = new Map([
  ['ok', 'good'],
  ['error', 'bad'],
  ['cancelled', 'warn'],
])

/** How a call ended. */
export function StatusBadge({ status }: { status: string }) {
  return <Badge tone={TONES.get(status) ?? 'plain'}>{status}</Badge>
}
