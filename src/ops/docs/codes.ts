// Every code that an error can have, and what it means: the same over REST and sockets.

interface Code {
  status: number
  /** With code between backticks. */
  meaning: string
}

const byStatus: Record<number, Record<string, string>> = {
  400: {
    acting_user_required: 'A service key acts for somebody: name them in `X-Acting-User`.',
    bad_body: 'The body could not be read to its end.',
    bad_cursor: 'The cursor is not one that this list gave out.',
    bad_encoding: 'The body is not valid UTF-8.',
    bad_form: 'The form cannot be read.',
    bad_json: 'The body is not valid JSON.',
    bad_request: 'At the door of Socket.IO: the request does not fit the protocol.',
    too_many_packets: 'At the door of Socket.IO: too many packets in one request.',
    too_slow: 'The body took too long to come.',
  },
  401: {
    bad_key: 'The service key is unknown or revoked.',
    bad_refresh_token: 'The refresh token is unknown or has expired.',
    bad_ticket: 'The ticket is unknown, used or expired.',
    bad_token: 'The token is not valid, or has expired.',
    not_signed_in: 'No token came.',
    refresh_token_reused: 'The refresh token was used before: its session has ended.',
    wrong_credentials: 'No such name with this password.',
  },
  403: {
    administrators_only: 'That is for administrators.',
    blocked: 'You have blocked this person; unblock them first.',
    not_by_key: 'A service key cannot do that.',
    not_the_author: 'Only the author may do that (or delete: an admin of the group too).',
    only_admins_write: 'Only owners and admins write in this group.',
    origin_not_allowed: 'Pages of this origin may not connect.',
    password_required: 'Give the password, or sign in anew.',
    private_chat: 'A private chat is deleted for oneself only.',
    role_needed: 'In this group that takes a higher role.',
    user_deleted: 'The other person has deleted their account.',
    wrong_password: 'The password is not right.',
  },
  404: { not_found: 'Unknown, or not yours.' },
  405: { method_not_allowed: 'See `Allow`.' },
  408: { stalled: 'Nothing came for too long.' },
  409: {
    ahead: 'No change of this chat has that number: load it anew.',
    client_id_reused: 'This `client_id` was used for something else.',
    deleted: 'The message was deleted.',
    email_taken: 'The email is in use.',
    endpoint_taken: 'The address is subscribed with other keys.',
    forwarded: 'A forwarded message is not edited.',
    group_chat: 'A group is left, not deleted for oneself.',
    group_full: 'The group has as many members as it may have.',
    last_owner: 'Make somebody else an owner first.',
    not_owner: 'You ceased to be an owner meanwhile.',
    oneself: 'Nobody blocks themself.',
    other_epoch: 'The store was put back from a copy meanwhile: load all chats anew.',
    private_chat: 'That is for groups.',
    seat_taken: 'At the door of Socket.IO: this connection has signed in already.',
    shown: 'A message shows the file.',
    too_many_blocks: 'You have blocked as many people as you may.',
    too_many_edits: 'The message was edited as often as may be.',
    too_many_invites: 'The group has as many links as it may have.',
    too_many_pins: 'The chat has as many pinned messages as it may have.',
    too_many_reactions: 'The message has as many different reactions as it may have.',
    too_many_requests_to_join: 'Too many wait to be let into the group.',
    too_many_scheduled: 'You have scheduled as many messages as you may.',
    too_many_subscriptions: 'As many of your devices are notified as may be.',
    username_taken: 'The username is in use.',
  },
  413: { too_large: 'The body, file or picture is too large.' },
  415: { unsupported_media_type: 'It is of a kind that is not taken here.' },
  416: { range_not_satisfiable: 'The file has no such part.' },
  421: {
    bad_host: 'The `Host` header is not well-formed.',
    unknown_host: 'Nothing is served under the name in `Host`.',
  },
  422: {
    invalid:
      '`errors` says which field, and what is wrong with it: `required`, `bad_type`, `bad_format`, `bad_value`, `too_short`, `too_long`, `too_small`, `too_large`, `too_few`, `too_many`, or a word of its own.',
  },
  426: { upgrade_required: 'The address is for WebSockets.' },
  429: {
    export_under_way: 'An export of yours is under way.',
    too_many_attempts: 'Too many failed sign-ins, or wrong passwords given again.',
    too_many_exports: 'Too many exports of yours.',
    too_many_links: 'You made, looked at or followed too many links to groups.',
    too_many_lookups: 'You looked up too many emails.',
    too_many_messages: 'You sent or changed too many messages: nothing was stored, send it again.',
    too_many_pictures: 'Too many pictures from your address.',
    too_many_registrations: 'Too many new accounts from your address.',
    too_many_requests: 'You asked too much in a short time.',
    too_many_searches: 'You searched too often.',
    too_many_signed_out: 'Too many requests from your address without a good token.',
    too_many_signing_in: 'Too many sockets from your address have not signed in yet.',
    too_many_sockets: 'You have as many sockets open as you may.',
    too_many_tickets: 'You asked for too many tickets.',
    too_many_uploads: 'Too many uploads of yours, at once or in a short time.',
  },
  500: { internal: 'Something went wrong here; the request id finds it in the log.' },
  503: {
    busy: 'Too much at once.',
    index_behind: 'The search index is being built.',
    stopping: 'The server is stopping.',
    storage_failed: 'The store did not answer as it should: what was asked may be done or not.',
    store_unavailable: 'The store cannot be reached.',
    too_many_connections: 'The server has as many sockets as it may.',
  },
  507: { quota_exceeded: 'No room among your files.' },
}

/** Some codes come with two statuses. */
export const CODES: [string, Code][] = Object.entries(byStatus).flatMap(([status, codes]) =>
  Object.entries(codes).map(([code, meaning]): [string, Code] => [code, { status: Number(status), meaning }]),
)
