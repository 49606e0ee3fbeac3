// Before every test file: patience for slow machines, where a test's own clock is not the point, and strict answers.
import { setDefaultTimeout } from 'bun:test'
import { closeAnswers } from './closed'

setDefaultTimeout(60_000)
closeAnswers()
