// The topics to which sockets are subscribed. What is published in a turn of the event loop goes out at its end, in the
// order in which it was said, and for each socket as one write.
import type { SocketDialect } from './dialect'

export const topicOf = (dialect: SocketDialect, chatId: string) => `${dialect.name}:${chatId}`

/** Of those who see the chat only from some place on. */
export const lateTopicOf = (dialect: SocketDialect, chatId: string) => `${dialect.name}~:${chatId}`

export const chatOf = (topic: string) => topic.slice(topic.indexOf(':') + 1)

const OWN = 'own:'
let ownTopics = 0

/** Of one socket alone, for its answers. */
export const newOwnTopic = () => `${OWN}${++ownTopics}`

export const isOfChat = (topic: string) => !topic.startsWith(OWN)
