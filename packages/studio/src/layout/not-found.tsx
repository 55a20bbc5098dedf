import { Link } from '@tanstack/react-router'
import { Button } from '../components/button.tsx'
import { Empty } from '../components/states.tsx'

export function NotFound() {
  return (
    <Empty title="There is no such page">
      <p>The address may be mistyped, or what it named has been deleted.</p>
      <Button asChild className="mt-3">
        <Link to="/">To the start</Link>
      </Button>
    </Empty>
  )
}
