// A process to be killed: sends without end, and after 100 answers prints the chat and how many there were.
import { newId } from '../../src/lib/ids'
import { openSqlite } from '../../src/storage/sqlite/open'
import { group, text } from './contract/samples'

const stores = await openSqlite(process.argv[2] ?? '')
const ann = newId()
const { id } = await stores.chats.createGroup(...group([ann]))
for (let answered = 1; ; answered++) {
  await stores.messages.append(text(id, ann))
  if (answered === 100) console.log(`${id} ${answered}`)
}
