// Before every test file: patience for slow machines, where a test's own clock is not the point.
import { setDefaultTimeout } from 'bun:test'

setDefaultTimeout(60_000)
