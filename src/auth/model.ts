// Signing in and staying signed in: what is asked for and what is given.
import { Type, type Static } from '@sinclair/typebox'
import { Id, Nullable, Page, Time } from '../lib/schema'
import { Email, Me, Username } from '../users/model'

export const MIN_PASSWORD = 8
export const MAX_PASSWORD = 1024

const NewPassword = Type.String({
  minLength: MIN_PASSWORD,
  maxLength: MAX_PASSWORD,
  description: '8 characters to 1024 bytes, not one of the commonly used ones.',
})
export const Password = Type.String({ maxLength: MAX_PASSWORD })

const DeviceName = Type.String({
  maxLength: 100,
  description: 'How this device is named in the list of sessions.',
})

export const Device = Type.Object(
  {
    name: Type.Optional(Nullable(DeviceName)),
    place: Type.Optional(
      Nullable(
        Type.String({
          maxLength: 100,
          description: 'Where the device is, in its own words; never found out by the server.',
        }),
      ),
    ),
  },
  {
    title: 'Device',
    description: 'As shown in the list of sessions.',
    examples: [{ name: 'Phone', place: 'Zürich' }],
  },
)
export type Device = Static<typeof Device>

export const Register = Type.Object(
  {
    username: Type.Optional(Username),
    email: Type.Optional(Email),
    password: NewPassword,
    full_name: Type.Optional(Nullable(Type.String({ maxLength: 100 }))),
    device: Type.Optional(Device),
  },
  {
    title: 'Register',
    description: 'A username or an email; without a username it is made from the email.',
    examples: [{ username: 'ann', password: 'a long way to Tipperary' }],
  },
)
export type Register = Static<typeof Register>

export const Login = Type.Object(
  {
    username: Type.Optional(Type.String({ maxLength: 254, description: 'A username or an email.' })),
    email: Type.Optional(Type.String({ maxLength: 254 })),
    password: Password,
    device_name: Type.Optional(DeviceName),
    device: Type.Optional(Device),
  },
  { title: 'Login', description: 'A username or an email, and the password; JSON or a form.' },
)
export type Login = Static<typeof Login>

export const TokenForm = Type.Object(
  {
    grant_type: Type.Optional(Type.Union([Type.Literal('password'), Type.Literal('')])),
    username: Type.String({ maxLength: 254 }),
    password: Password,
    scope: Type.Optional(Type.String({ maxLength: 200 })),
  },
  {
    title: 'TokenForm',
    description: 'The OAuth2 password form (RFC 6749, 4.3), or the same fields as JSON.',
  },
)

export const TokenPair = Type.Object(
  {
    user: Me,
    access_token: Type.String(),
    refresh_token: Type.String(),
    token_type: Type.Literal('bearer'),
    expires_in: Type.Integer({ description: 'Seconds until the access token ends.' }),
  },
  { title: 'TokenPair' },
)
export type TokenPair = Static<typeof TokenPair>

export const Refresh = Type.Object(
  { refresh_token: Type.String({ maxLength: 4096 }), device: Type.Optional(Device) },
  { title: 'Refresh', description: 'A name or place that is not given stays.' },
)

export const ChangePassword = Type.Object(
  { current_password: Type.Optional(Password), new_password: NewPassword },
  { title: 'ChangePassword', description: 'All other sessions are signed out.' },
)

export const Session = Type.Object(
  {
    id: Id,
    device_name: Nullable(Type.String()),
    place: Nullable(
      Type.String({ description: 'As the device told when it was signed in or refreshed last.' }),
    ),
    created_at: Time,
    last_used_at: Type.String({
      ...Time,
      description: 'The last request or open socket, within some minutes.',
    }),
    expires_at: Time,
    current: Type.Boolean({ description: 'The session that asks.' }),
  },
  { title: 'Session' },
)
export type Session = Static<typeof Session>
export const SessionPage = Page(Session, 'SessionPage')

export const AskTicket = Type.Object(
  { for: Type.Optional(Type.Union([Type.Literal('socket'), Type.Literal('files')])) },
  { title: 'AskTicket', examples: [{ for: 'socket' }] },
)

export const Ticket = Type.Object(
  { ticket: Type.String(), expires_in: Type.Integer({ description: 'Seconds.' }) },
  {
    title: 'Ticket',
    description: 'Opens one socket, once: `/ws?ticket=…`; or fetches files: `/files/{id}?ticket=…`.',
  },
)
